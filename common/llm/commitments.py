"""Sentences that commit somebody to do something: promises, requests and reminders. Precision first.

People agree poorly on what an action item is, so only the plain forms count: a cue ("I'll", "can you", "remind me to")
directly before one of the verbs that tasks begin with. Wishes, hypotheses, negations and questions don't.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.llm.dates import find_moment
from common.llm.sentences import Sentence
from common.llm.words import content_words

_VERBS = """
    add adjust answer apply approve arrange ask assemble assign attach back bake book borrow bring build buy call
    cancel change charge check choose clean clear close collect compare complete confirm contact cook copy create
    debug delete deliver deploy describe design dig do document download draft drop edit email empty exchange export
    feed file fill finalise finalize find finish fix follow forward gather get give grab hand hang hire import inform
    install introduce investigate invite invoice iron leave lend list lock look mail make measure mend merge message
    mount move mow notify open order organise organize pack paint park pay pick plan plant post practice practise
    prepare present print proofread publish purchase put raise read rearrange rebook recharge record refill register
    release remind remove renew rent repair replace reply report request research reserve reset restart return
    review rewrite ring run scan schedule sell send set share ship show sign solve sort speak start store submit
    subscribe summarise summarize switch take talk tell test text tidy transfer translate trim try tune turn unpack
    update upgrade upload vacuum verify visit wash water wrap write
""".split()  # noqa: SIM905 - reads better
_VERB = "|".join(_VERBS)
# What is promised may be anything that is done to something: "shorten the second verse". Not what is felt or happens.
_NOT_DONE = (
    "not|never|always|probably|maybe|be|become|believe|come|die|enjoy|feel|forget|forgive|go|hate|have|hear|hope|know|laugh"
    "|like|live|look|lose|love|marry|miss|need|regret|remember|say|see|sleep|stay|suffer|survive|think|tolerate"
    "|understand|wait|want|watch|win|wonder"
)
_THING = r"(?:(?:up|down|out|off|over) )?(?:the|my|our|your|his|her|their|a|an|some|two|three|all|every) \w"
_DOING = rf"(?:{_VERB})\b|(?!(?:{_NOT_DONE})\b)[a-z]{{3,}} {_THING}"
_ADVERB = r"(?:(?:also|just|definitely|then|quickly|please|really|first|still) )*"
# Looked ahead at, so that the next cue in the same sentence is found as well.
_TASK = rf"{_ADVERB}(?=(?P<task>(?:{_VERB})\b(?! sure)(?<!remind)(?<!Remind).*))"
_ACT = rf"{_ADVERB}(?=(?P<task>(?:{_DOING})(?! sure)(?<!remind)(?<!Remind).*))"
_ALSO = r"(?: (?:also|still|just|really|definitely))?"
_PROMISE = re.compile(
    rf"\b(?P<who>i|we){_ALSO}(?:'ll| will|'m going to| am going to|'re going to| are going to|'m gonna|'re gonna| gonna"
    rf"| have to| need to| must|'d better| had better|'ve got to| have got to| got to| gotta) {_ACT}",
    re.IGNORECASE,
)
_INTENTION = re.compile(rf"\b(?:(?P<who>i|we){_ALSO} (?:should|plan to)|let's) {_TASK}", re.IGNORECASE)
_WANT = re.compile(
    rf"\b(?P<who>i)(?:{_ALSO} want to|'d{_ALSO} like to|'m planning to|'ve decided to) {_TASK}", re.IGNORECASE
)
# "I can write French" is no offer, "I can send it to you" is.
_OFFER = re.compile(
    rf"\b(?P<who>i) (?:can|could) {_ADVERB}(?=(?P<task>(?:{_VERB})\b.* (?:you|him|her|them)\b.*))", re.IGNORECASE
)
_REQUEST = re.compile(
    rf"\b(?:(?:can|could|will|would) you (?P<asks>)|please |don't forget to |do not forget to |remember to "
    rf"|make sure (?:to|you|that you) |you(?:'ll)? (?:need|have|'ve got) to "
    rf"|i(?: (?:also |still )?(?:need|want)|'d (?:also )?like) you to "
    rf"|(?:come|stop|drop|swing) by\b[^,.;]*? and ){_TASK}",
    re.IGNORECASE,
)
_REMINDER = re.compile(
    rf"\b(?:remind me to|note to self|reminder|to-?do|i(?: must| have to| need to) remember to)[:,]? (?:to )?{_TASK}",
    re.IGNORECASE,
)
_ORDER = re.compile(rf"^(?:(?:and|then|also|okay|oh|so),? )*(?P<task>(?:{_VERB})\b .*)", re.IGNORECASE)

# Bare orders that are hardly meant for this very moment.
_ERRAND = re.compile(
    r"^(?:apply|arrange|ask|book|bring|buy|call|cancel|collect|contact|email|forward|order|organi[sz]e|pay|pick"
    r"|prepare|print"
    r"|register|renew|request|reserve|return|ring|schedule|send|sign|submit|text|write)\b(?! me\b)",
    re.IGNORECASE,
)
_NOT_MEANT = re.compile(
    r"\b(?:if|when|whenever|unless|until|before|after|thought|wish|guess|maybe|perhaps|might|say|said|says|told"
    r"|people|they|never"
    r"|nobody|"
    r"do|did|does|should|would|how|why|what|where|who|which|because|suppose|supposed|used)\b[^,.;]*$",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:sometime|some time|someday|some day|one day|at some point|eventually|whenever|if i|if we|if you|maybe"
    r"|a look|it easy|do (?:that|this|it)\b|care of yourself|you later|my time|your time|sense|a guess"
    r"|me about it|you the truth"
    r"|you something)\b",
    re.IGNORECASE,
)
_STOPS = re.compile(
    r"[?!;…]|[.:](?=\s|$)|,? (?:because|since|so that|so (?:i|we|you|it|that)|but|otherwise|or else|okay|right|alright"
    r"|you know|thank you|thanks|i think|i guess|and (?:i|we|you|he|she|they|it|that)\b|if)\b"
    r"|, (?:so|and then|then|right|okay|well)\b|, (?=(?:i|we|you|he|she|they|it|that|this|there|who|which)\b)",
    re.IGNORECASE,
)
_NEXT_TASK = re.compile(rf",? (?:and|then|and then|and also) (?={_ADVERB}(?:{_VERB})\b)", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:,? (?:please|then|too|before that|after that|by then|okay|yeah|right|alright|as well"
    r"|for me|and|or|to|the|a|uh|um))+$",
    re.IGNORECASE,
)
_URGENT = re.compile(r"\b(?:urgent(?:ly)?|asap|a\.?s\.?a\.?p|right away|immediately|right now)\b", re.IGNORECASE)
_URGENT_AFTER = timedelta(hours=2)
_FORMS = [
    (_REMINDER, True),
    (_REQUEST, True),
    (_PROMISE, True),
    (_WANT, True),
    (_OFFER, True),
    (_INTENTION, False),
]
_LABEL = re.compile(r"^(?:speaker[\s_-]*\w*|.)?$", re.IGNORECASE)
# "Send it to you", not "the one that you like".
_YOU_AS_OBJECT = re.compile(
    r"\byou\b(?!'| (?:all |both |also |always |really )?(?:are|asked|can|could|did|do|gave|had|have|know|like"
    r"|liked|love"
    r"|made|mentioned|need|needed|said|sent|should|think|told|used|want|wanted|were|will|would)\b)",
    re.IGNORECASE,
)
_MAX_WORDS = 15
_TELLING_ERRAND = 3
_CONVERSATION_VERBS = frozenset({"do", "get", "look", "start", "take", "talk", "tell", "try", "run", "put"})


@dataclass(frozen=True)
class Commitment:
    """A task: what to do, as it was said, and until when if that was said."""

    description: str
    due_at: datetime | None


def find_commitments(sentence: Sentence, reference: datetime, *, knows_user: bool) -> list[Commitment]:
    """The tasks that a sentence commits the user to, or anybody where it isn't known who of them the user is.

    Args:
        sentence: what was said.
        reference: when it was said, aware, in the user's timezone.
        knows_user: whether the dialogue's turns tell the user from others; then what others promise doesn't count.
    """
    text = sentence.text
    commitments = []
    for task, firm in _tasks(sentence, others_only=knows_user and not sentence.is_user):
        if _VAGUE.search(task):
            continue
        for part in _NEXT_TASK.split(_STOPS.split(task)[0]):
            description = _described(part)
            if description is None:
                continue
            if knows_user and not _asks_back(sentence):
                description = _seen_by_user(description, sentence)
            moment = find_moment(part, reference)
            due_at = moment.at if moment else reference + _URGENT_AFTER if _URGENT.search(text) else None
            if firm or due_at is not None:
                commitments.append(Commitment(description, due_at))
    if len(commitments) == 1 and commitments[0].due_at is None and (moment := find_moment(text, reference)):
        # "Tomorrow I'll call Maria": the day was said before the cue.
        return [Commitment(commitments[0].description, moment.at)]
    return commitments


def _tasks(sentence: Sentence, *, others_only: bool) -> list[tuple[str, bool]]:
    """The words of each task from its verb on, and whether it needs no date to count."""
    text = sentence.text
    tasks: dict[int, tuple[str, bool]] = {}
    for pattern, firm in _FORMS:
        for found in pattern.finditer(text):
            # What others want to do is their affair, unless they say "we".
            who = (found.groupdict().get("who") or "i").lower()
            if others_only and pattern is not _REQUEST and who == "i":
                continue
            asks = found.groupdict().get("asks") is not None
            if asks or not (sentence.is_question or _NOT_MEANT.search(text[: found.start()])):
                tasks.setdefault(found.start("task"), (found["task"], firm))
    if not tasks and sentence.opens and not sentence.is_question and (order := _ORDER.match(text)):
        # A bare order may be the beginning of anything, so it needs a day, if it isn't an errand somebody asks for.
        errand = others_only and _ERRAND.match(order["task"]) and len(content_words(order["task"])) >= _TELLING_ERRAND
        return [(order["task"], bool(errand))] if errand or not others_only else []
    return [tasks[start] for start in sorted(tasks)]


def _asks_back(sentence: Sentence) -> bool:
    """Whether it is the user who asks, so that "me" is the user and "you" doesn't occur."""
    return sentence.is_user and (_REQUEST.search(sentence.text) or _REMINDER.search(sentence.text)) is not None


def _seen_by_user(description: str, sentence: Sentence) -> str:
    """The description with its "me" and "you" turned to what they mean to the user."""
    if sentence.is_user:
        return re.sub(r"\byour\b", "their", _YOU_AS_OBJECT.sub("them", description), flags=re.IGNORECASE)
    speaker = "them" if is_nameless(sentence.speaker) else sentence.speaker
    pronouns = {"me": speaker, "my": "their"}
    return " ".join(pronouns.get(word.lower(), word) for word in description.split())


def _described(task: str) -> str | None:
    """The task as a description: a verb and what it is about, 15 words at most; None if it is about nothing."""
    tokens = _TAIL.sub("", re.sub(rf"^{_ADVERB}", "", task.strip(), flags=re.IGNORECASE)).split()[:_MAX_WORDS]
    if not tokens:
        return None
    rest = content_words(" ".join(tokens[1:]))
    needed = 2 if tokens[0].lower() in _CONVERSATION_VERBS else 1
    if len(rest) < needed and not any(word[:1].isupper() for word in tokens[1:]):
        return None
    described = " ".join(tokens).strip(" ,-")
    return described[:1].upper() + described[1:]


def is_nameless(speaker: str) -> bool:
    """Whether this is a label like "Speaker 1", and nobody's name."""
    return _LABEL.match(speaker) is not None


def is_task_verb(word: str) -> bool:
    """Whether tasks begin with this word (in lower case)."""
    return word in _VERBS
