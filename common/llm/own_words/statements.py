"""What a sentence of the user's says of them for good, by its form; and what no form fits, which may be meant so."""

import re
from collections.abc import Iterator

from common.llm.fact_checks import MAX_WORDS
from common.llm.own_words.clauses import clauses, unquoted
from common.llm.own_words.common_terms import in_common_terms
from common.llm.own_words.forms import weight_of
from common.llm.own_words.habits import HABIT, RULE
from common.llm.own_words.mine import weight_of_mine
from common.llm.own_words.plainer import plain_clause, plain_predicate, plain_sentence
from common.llm.own_words.recast import recast
from common.llm.own_words.retelling import changes, retold
from common.llm.own_words.third_person import expanded, seen_from_outside, told_of

_UNCERTAIN = re.compile(
    r"\b(?:maybe|perhaps|probably|might|i (?:guess|suppose|think|thought|wish|hope|heard|wonder)"
    r"|(?<!the )(?:sort|kind) of|if"
    r"|wish|would|could|should|will|shall|(?-i:may)|pretend\w*|imagin\w+|joking|kidding|dreamed|dreamt|supposed to"
    r"|(?<!been )going to|gonna|about to|trying to|unless|whether|not sure)\b|'ll\b|'d\b",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(?:I|i|[Ww]e|[Mm]y|[Oo]ur|me)\b")
_SUPPOSED = re.compile(r"(?:\w+,? )?(?:say|imagine|suppose|let's say|pretend|what if) (?:i|we|my)\b", re.IGNORECASE)
_NOT_NOW = re.compile(r"\b(?:not|cannot|never) .*\b(?:now|today|yet|this|that)$", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:[ ,]+(?:you know|actually|though|too|as well|by the way|honestly|really|right|okay|of course|and|or|but|so"
    r"|to be honest|anyway|in fact|like|um|uh|please|thanks|thank you|now|haha))+$",
    re.IGNORECASE,
)
_AFTER_COMMA = re.compile(r", (?!(?:both|all|one) \w|(?:\w+ ){0,2}\w+(?:,| and | or )|(?:and|or) \w+(?: \w+)?$).*$")
_CALLED = re.compile(
    r"^(?:(?:you can|please|just|everyone|everybody|people|friends|they) )*calls? me"
    r" ((?-i:[A-Z])\w+(?: (?-i:[A-Z])\w+)?)$",
    re.IGNORECASE,
)
_SINCE = re.compile(r",? (?:since|ever since) (?:I|we|last|this)\b.*$")
_PLANNED = re.compile(
    r"(?:,? (?:tomorrow|soon|(?:early |late )?(?:next|this|last) (?:spring|summer|autumn|fall|winter|year"
    r"|month|week|\w+day)"
    r"|in (?:an?|one|two|three|four|five|six|a few) (?:weeks?|months?|years?)(?! of)))+$"
)
"""When something will be so, seen from the day of the dialogue only."""
_CONCLUSION = re.compile(r",? (?:so|but|because|though|although|if|otherwise|which is why|and then) .*$", re.IGNORECASE)
_JOINT = re.compile(r"(?:,| (?:and|with|when|where|while|who|that|for)) ")
ASKING = ("?", "？")  # noqa: RUF001 - the full-width mark
_NAMED = 10
_FEWEST = 3
"""Words of a clause that says something."""
_MINE, _ME = frozenset({"My", "my", "Our", "our"}), frozenset({"I", "We", "we"})
_NOT_ALONE = re.compile(
    r"\b(?:it|that|this|these|those|him|her|he|she|you|your)\b|\b(?:has|have|needs?) to\b", re.IGNORECASE
)
"""What points to something said before, and what is only to be done."""
_POINTED = re.compile(r"\b(?:you|your|here|this|these|those)\b|\b(?:has|have|needs?) to\b", re.IGNORECASE)
"""What points out of the sentence."""


def statements(sentence: str, *, user: str) -> Iterator[tuple[int, str]]:
    """What a sentence of the user's says about them for good, told of them, each with its weight."""
    for clause in _own_clauses(sentence):
        yield from _stated(clause, user=user)


def unheard(sentence: str, *, user: str) -> Iterator[str]:
    """What else a sentence of the user's says about them, for good or not, told of them: as a whole, and in parts."""
    if told := _whole(sentence, user=user):
        yield told
    for clause in _own_clauses(unquoted(sentence)):
        _, _, predicate = clause.partition(" ")
        is_whole = len(clause.split()) >= _FEWEST and not _NOT_ALONE.search(predicate)
        if is_whole and not any(_stated(clause, user=user)):
            yield from _put(clause, user=user)


def _put(clause: str, *, user: str) -> Iterator[str]:
    """A clause told of the user, if they or what is theirs is its subject."""
    subject, _, predicate = clause.partition(" ")
    if subject in _MINE:
        yield _short(f"{user}'s {' '.join(seen_from_outside(predicate.split()))}")
    elif subject in _ME:
        predicate = _SINCE.sub("", plain_predicate(predicate))
        yield _short(told_of(user, predicate, is_habit=changes(predicate.partition(" ")[0].lower())))


def _whole(sentence: str, *, user: str) -> str:
    """A sentence told of the user, to where it draws a conclusion; empty where it is unsure or not understood alone."""
    said = unquoted(sentence)
    if said.endswith(ASKING) or not _SELF.search(said):
        return ""
    begin = _CONCLUSION.sub("", said)
    is_enough = len(begin.split()) >= _FEWEST and _SELF.search(begin)
    told = _short(retold(begin if is_enough else said, user=user))
    is_sure = user in told and not (
        _UNCERTAIN.search(told) or _POINTED.search(told) or _NOT_ALONE.search(_JOINT.split(told)[0])
    )
    return told[0].upper() + told[1:] if is_sure and _FEWEST <= len(told.split()) <= MAX_WORDS else ""


def _own_clauses(sentence: str) -> Iterator[str]:
    """The clauses in which the speaker is sure of what they say of themselves."""
    text = recast(expanded(sentence.strip().rstrip(".!…?")))
    if not _SELF.search(text) or _SUPPOSED.match(text):
        return
    for clause in clauses(plain_sentence(text), asked=sentence.endswith(ASKING)):
        if not _NOT_NOW.search(clause):
            plain = _TAIL.sub("", _AFTER_COMMA.sub("", plain_clause(clause)))
            if not _UNCERTAIN.search(plain):
                yield plain


def _stated(clause: str, *, user: str) -> Iterator[tuple[int, str]]:
    if (called := _CALLED.match(clause)) is not None:
        yield _NAMED, f"{user} is called {called[1]}"
        return
    subject, _, predicate = clause.partition(" ")
    if subject in _MINE and (weight := weight_of_mine(predicate)):
        yield weight, _short(f"{user}'s {' '.join(seen_from_outside(predicate.split()))}")
    elif subject in _ME:
        predicate = plain_predicate(predicate)
        if weight := weight_of(predicate):
            predicate = in_common_terms(_SINCE.sub("", predicate))
            yield weight, _short(told_of(user, predicate, is_habit=weight in {HABIT, RULE}))


def _short(content: str) -> str:
    """The fact, cut without when it will be so, cut at its last joints while it is too long."""
    content = _PLANNED.sub("", content)
    while len(content.split()) > MAX_WORDS and (joints := list(_JOINT.finditer(content))):
        content = content[: joints[-1].start()]
    return content.strip(" ,")
