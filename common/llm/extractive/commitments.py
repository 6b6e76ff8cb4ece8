"""Sentences that commit somebody to do something: promises, requests and reminders. Precision first.

People agree poorly on what an action item is, so only the plain forms count: a cue ("I'll", "can you", "remind me to")
directly before one of the verbs that tasks begin with. Wishes, hypotheses, negations and questions don't.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from common.llm.dates import DATE_WORDS, find_moment
from common.llm.extractive.task_verbs import TASK_VERB
from common.llm.sentences import Sentence
from common.llm.words import content_words

# What is promised may be anything that is done to something: "shorten the second verse". Not what is felt or happens.
_NOT_DONE = (
    "not|never|always|probably|maybe|be|become|believe|come|die|enjoy|feel|forget|forgive|go|hate|have|hear|hope|know|laugh"
    "|like|live|look|lose|love|marry|miss|need|regret|remember|say|see|sleep|stay|suffer|survive|think|tolerate"
    "|understand|wait|want|watch|win|wonder"
)
_THING = r"(?:(?:up|down|out|off|over) )?(?:the|my|our|your|his|her|their|a|an|some|two|three|all|every) \w"
_DOING = rf"(?:{TASK_VERB})\b|(?!(?:{_NOT_DONE})\b)[a-z]{{3,}} {_THING}"
_ADVERB = r"(?:(?:also|just|definitely|then|quickly|please|really|first|still) )*"
# Looked ahead at, so that the next cue in the same sentence is found as well.
_TASK = rf"{_ADVERB}(?=(?P<task>(?:{TASK_VERB})\b(?! sure)(?<!remind)(?<!Remind).*))"
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
    rf"\b(?P<who>i) (?:can|could) {_ADVERB}(?=(?P<task>(?:{TASK_VERB})\b.* (?:you|him|her|them)\b.*))", re.IGNORECASE
)
_REQUEST = re.compile(
    rf"\b(?:(?:can|could|will|would) you (?P<asks>)|please |don't forget to |do not forget to |remember to "
    rf"|make sure (?:to|you|that you) |you(?:'ll)? (?:need|have|'ve got) to "
    rf"|i(?: (?:also |still )?(?:need|want)|'d (?:also )?like) you to "
    rf"|(?:come|stop|drop|swing) by\b[^,.;]*? and ){_TASK}",
    re.IGNORECASE,
)
# "Let me talk to her", not "let me see" and "let me ask you".
_VOLUNTEERS = re.compile(
    rf"\b(?P<who>let me) (?!know|see|think|guess|ask you|tell you|get (?:this|that|it)){_TASK}", re.IGNORECASE
)
_REMINDER = re.compile(
    rf"\b(?:remind me to|note to self|reminder|to-?do|i(?: must| have to| need to) remember to)[:,]? (?:to )?{_TASK}",
    re.IGNORECASE,
)
# "Don't forget the dentist tomorrow": what is to be done with it goes without saying.
_THING_NAMED = r"(?=(?P<thing>(?:the|my|our|your|his|her|their|a|an|some|about) \w.*))"
_KEPT_IN_MIND = re.compile(rf"\b(?:don't|do not) forget {_THING_NAMED}", re.IGNORECASE)
_NOTED = re.compile(
    rf"(?:\b(?:note to self|reminder|to-?do)[:,] |^(?:please )?remind me (?=about\b)){_THING_NAMED}", re.IGNORECASE
)
_ORDER = re.compile(
    rf"^(?:(?:and|then|also|okay|oh|so),? )*(?P<task>(?:{TASK_VERB})\b (?!(?:is|are|was|will|would|costs|do)\b).*)",
    re.IGNORECASE,
)

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
    r"^do you\b|\b(?:a sec|a second|a minute|a moment|sometime|some time|someday|some day|one day"
    r"|at some point|eventually|whenever|if i|if we|if you|maybe"
    r"|a look|it easy|do (?:that|this|it)\b|care of yourself|you later|my time|your time|sense|a guess"
    r"|me about it|you the truth"
    r"|you something)\b",
    re.IGNORECASE,
)
# "Ask her if", not "ask her if you see her".
_WHETHER = re.compile(r"((?:^(?:ask|check|find out)\b[^,.;?!]*?|\bsee)) if (?!you\b|i\b|we\b)", re.IGNORECASE)
_ADVISED = re.compile(
    rf"\b(?:you (?:should|'d better|had better)|if you (?:can|could)|i'd like you to|i need you to"
    rf"|best is(?: that)? you) {_TASK}",
    re.IGNORECASE,
)
# Told to do where one stands, and over when it has been said.
_YIELDS = re.compile(
    r"^(?:look|start|read|listen|take (?:it|that|your|a)|put (?:it|that)"
    r"|give (?:it|me)|hand|turn|tell me|try)\b",
    re.IGNORECASE,
)
_STOPS = re.compile(
    r"[?!;…]|[.:](?=\s|$)|,? (?:because|since|so that|so (?:i|we|you|it|that|he|she|they|nobody|everybody|people)"
    r"|then (?:i|we|you)|but|otherwise|or else|okay|right|alright"
    r"|you know|thank you|thanks|i think|i guess|and (?:i|we|you|he|she|they|it|that)\b|if)\b"
    r"|, (?:don't worry|see(?! (?:if|whether)\b)|even\b|otherwise)"
    r"|, (?!and |or )[\w'-]+(?: [\w'-]+){0,2} (?:is|are|was|were|has|have|owes)\b"
    r"|, (?:so|and then|then|right|okay|well)\b|, (?=(?:i|we|you|he|she|they|it|that|this|there|who|which)\b)",
    re.IGNORECASE,
)
_NEXT_TASK = re.compile(rf",? (?:and|then|and then|and also) (?={_ADVERB}(?:{TASK_VERB})\b)", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:,? (?:please|then|too|before that|after that|by then|okay|yeah|right|alright|as well|until"
    r"|all the same|anyway|for me|and|or|to|the|a|uh|um))+$",
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
    (_VOLUNTEERS, True),
    (_INTENTION, False),
    (_NOTED, True),
    (_KEPT_IN_MIND, False),
]
_LABEL = re.compile(r"^(?:speaker[\s_-]*\w*|.)?$", re.IGNORECASE)
# "Send it to you", not "the one that you like".
_YOU_AS_OBJECT = re.compile(
    r"\byou\b(?!'| (?:all |both |also |always |really )?(?:are|asked|can|could|did|do|gave|had|have|know|like"
    r"|liked|love"
    r"|made|mentioned|need|needed|said|sent|should|think|told|used|want|wanted|were|will|would)\b)",
    re.IGNORECASE,
)
_POINTED_TO = re.compile(r"\b(?:it|that|this|them|those|these|one|him|her|you|me|us)\b", re.IGNORECASE)
_ABOUT = re.compile(r"^about ", re.IGNORECASE)
_MAX_WORDS = 15
_TELLING_ERRAND = 3
_CONVERSATION_VERBS = frozenset({"do", "get", "look", "start", "take", "talk", "tell", "try", "run", "put"})


@dataclass(frozen=True)
class Commitment:
    """A task: what to do, as it was said, and until when if that was said; `asked` where somebody else is to do it."""

    description: str
    due_at: datetime | None
    asked: bool = False


def find_commitments(
    sentence: Sentence, reference: datetime, *, knows_user: bool, listener: str | None = None
) -> list[Commitment]:
    """The tasks that a sentence commits the user to, or anybody where it isn't known who of them the user is.

    Args:
        sentence: what was said.
        reference: when it was said, aware, in the user's timezone.
        knows_user: whether the dialogue's turns tell the user from others; then what others promise doesn't count.
        listener: who is spoken to, where that is known by name.
    """
    text = sentence.text
    commitments = []
    for task, firm, asked in _tasks(sentence, others_only=knows_user and not sentence.is_user):
        if _VAGUE.search(task):
            continue
        for part in _NEXT_TASK.split(_STOPS.split(_WHETHER.sub(r"\1 whether ", task))[0]):
            description = _described(part)
            if description is None:
                continue
            if knows_user and not _asks_back(sentence):
                description = _seen_by_user(description, sentence, listener or "them")
            elif knows_user and asked and listener is not None:
                description = f"Have {listener} {description[:1].lower()}{description[1:]}"
            moment = find_moment(part, reference)
            due_at = moment.at if moment else reference + _URGENT_AFTER if _URGENT.search(text) else None
            if firm or due_at is not None:
                commitments.append(Commitment(description, due_at, asked))
    if len(commitments) == 1 and commitments[0].due_at is None and (moment := find_moment(text, reference)):
        # "Tomorrow I'll call Maria": the day was said before the cue.
        return [replace(commitments[0], due_at=moment.at)]
    return commitments


def find_orders(sentence: Sentence) -> list[str]:
    """What a sentence tells somebody else to do, as the one who is told would note it; too weak unless they agree."""
    found = _ORDER.match(sentence.text) or _ADVISED.search(sentence.text)
    if found is None or _VAGUE.search(found["task"]) or _YIELDS.search(found["task"]):
        return []
    parts = _NEXT_TASK.split(_STOPS.split(_WHETHER.sub(r"\1 whether ", found["task"]))[0])
    described = (_described(part) for part in parts)
    return [_seen_by_user(description, sentence, "them") for description in described if description is not None]


def _tasks(sentence: Sentence, *, others_only: bool) -> list[tuple[str, bool, bool]]:
    """The words of each task from its verb on, whether it needs no date to count, and whether others are asked."""
    text = sentence.text
    tasks: dict[int, tuple[str, bool, bool]] = {}
    for pattern, firm in _FORMS:
        for found in pattern.finditer(text):
            # What others want to do is their affair, unless they say "we".
            who = (found.groupdict().get("who") or "i").lower()
            if others_only and pattern is not _REQUEST and who == "i":
                continue
            asks = found.groupdict().get("asks") is not None
            if asks or not (sentence.is_question or _NOT_MEANT.search(text[: found.start()])):
                tasks.setdefault(found.end(), (_words(found), firm, asks or pattern is _REQUEST))
    if not tasks and sentence.opens and not sentence.is_question and (order := _ORDER.match(text)):
        # A bare order may be the beginning of anything, so it needs a day, if it isn't an errand somebody asks for.
        errand = others_only and _ERRAND.match(order["task"]) and len(content_words(order["task"])) >= _TELLING_ERRAND
        return [(order["task"], bool(errand), bool(errand))] if errand or not others_only else []
    return [tasks[start] for start in sorted(tasks)]


def _words(found: re.Match[str]) -> str:
    """What is to be done, from its verb on."""
    thing = found.groupdict().get("thing")
    return found["task"] if thing is None else f"remember {_ABOUT.sub('', thing)}"


def _asks_back(sentence: Sentence) -> bool:
    """Whether it is the user who asks, so that "me" is the user and "you" doesn't occur."""
    return sentence.is_user and (_REQUEST.search(sentence.text) or _REMINDER.search(sentence.text)) is not None


def _seen_by_user(description: str, sentence: Sentence, listener: str) -> str:
    """The description with its "me" and "you" turned to what they mean to the user."""
    if sentence.is_user:
        return re.sub(r"\byour\b", "their", _YOU_AS_OBJECT.sub(listener, description), flags=re.IGNORECASE)
    speaker = "them" if is_nameless(sentence.speaker) else sentence.speaker
    pronouns = {"me": speaker, "my": "their"}
    return " ".join(pronouns.get(word.lower(), word) for word in description.split())


def _described(task: str) -> str | None:
    """The task as a description: a verb and what it is about, 15 words at most; None if it is about nothing."""
    tokens = _TAIL.sub("", re.sub(rf"^{_ADVERB}", "", task.strip(), flags=re.IGNORECASE)).split()[:_MAX_WORDS]
    if not tokens:
        return None
    rest = content_words(" ".join(tokens[1:]))
    if DATE_WORDS.issuperset(rest) and not _POINTED_TO.search(" ".join(tokens[1:])):
        return None
    needed = 2 if tokens[0].lower() in _CONVERSATION_VERBS else 1
    if len(rest) < needed and not any(word[:1].isupper() for word in tokens[1:]):
        return None
    described = " ".join(tokens).strip(" ,-")
    return described[:1].upper() + described[1:]


def is_nameless(speaker: str) -> bool:
    """Whether this is a label like "Speaker 1", and nobody's name."""
    return _LABEL.match(speaker) is not None
