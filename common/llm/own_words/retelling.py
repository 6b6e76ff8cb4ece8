"""A whole sentence of somebody's, told of them by another: "Milo and I grew up here" as "Milo and Ann grew up here"."""

import re

from common.llm.own_words.habits import is_action
from common.llm.own_words.third_person import ADVERBS, expanded, told_of

_LEADING = re.compile(
    r"^(?:(?:well|yeah|yep|yes|no|nope|oh|ah|um|uh|hm+|so|and|but|okay|ok|right|look|listen|honestly|actually|basically"
    r"|anyway|also|plus|then|now|i mean|you know|to be (?:honest|fair)|by the way|hey|hi|sorry|of course|the thing is"
    r"|i suppose|i guess|(?:because|since|though)(?= (?:I|we|my|our)\b))[,.:]? )+",
    re.IGNORECASE,
)
_MARKS = ",;:"
_STATES = frozenset(
    "apply feel find fly forget hear mind miss owe rely remember reply stand trust".split()  # noqa: SIM905
)
"""Verbs that change with the person and tell no habit, or don't look like verbs."""
_PAST = frozenset({"quit"})
_LATER = {"i": "they", "we": "they", "my": "their", "our": "their", "me": "them", "us": "them"}
_ALWAYS = {"mine": "theirs", "ours": "theirs", "myself": "themselves", "ourselves": "themselves"}
_WITH_THEY = {"am": "are", "was": "were"}


def changes(verb: str) -> bool:
    """Whether a word that follows "I" is a verb that changes with the person, beside the well-known ones."""
    return verb in _STATES or (is_action(verb) and verb not in _PAST)


def retold(sentence: str, *, user: str) -> str:
    """The sentence, in which the user is named once; empty where it does not speak of them.

    Args:
        sentence: in the first person.
        user: what they are called.
    """
    tokens = _LEADING.sub("", expanded(sentence.strip().rstrip(".!…"))).split()
    told: list[str] = []
    is_named = False
    place = 0
    while place < len(tokens):
        word, marks = _bare(tokens[place])
        place += 1
        if word in _ALWAYS:
            told.append(_ALWAYS[word] + marks)
        elif word not in _LATER:
            told.append(tokens[place - 1])
        elif is_named:
            told.append(_LATER[word] + marks)
            if word in ("i", "we") and place < len(tokens) and tokens[place] in _WITH_THEY:
                told.append(_WITH_THEY[tokens[place]])
                place += 1
        else:
            is_named = True
            is_alone = not (told and told[-1].lower() in ("and", "or"))
            told.append((f"{user}'s" if word in ("my", "our") else user) + marks)
            if word in ("i", "we") and is_alone:
                ends = _verb_ends(tokens, place)
                told += _predicate(tokens[place:ends])
                place = ends
    return " ".join(told) if is_named else ""


def _bare(token: str) -> tuple[str, str]:
    """A token in lower case, and the marks behind it."""
    word = token.rstrip(_MARKS)
    return word.lower(), token[len(word) :]


def _verb_ends(tokens: list[str], place: int) -> int:
    """The place behind the verb that follows, with the adverbs before it."""
    while place < len(tokens) and tokens[place].lower() in ADVERBS:
        place += 1
    return min(place + 1, len(tokens))


def _predicate(tokens: list[str]) -> list[str]:
    """Adverbs and a verb, as they follow a name."""
    if not tokens:
        return []
    verb, marks = _bare(tokens[-1])
    return [*tokens[:-1], told_of("", verb, is_habit=changes(verb)).strip() + marks]
