"""What one memory says as relations: who, how, and to whom or what. By the forms in which memories are worded; pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from common.models.knowledge_graph import NodeType

OWNER = ""
"""Stands for the user among those who have a name."""
LONGEST_LABEL = 60
_MOST_WORDS = 6
_MOST_OBJECTS = 5
_MOST_MENTIONED = 3

_KIN = (
    "wife|husband|girlfriend|boyfriend|partner|fiancée?|daughter|son|sister|brother|mother|father|mom|mum|dad"
    "|grandmother|grandfather|grandma|grandpa|aunt|uncle|niece|nephew|cousin|friend|best friend|boss|manager"
    "|colleague|neighbou?r|roommate|flatmate|doctor|therapist|teacher|coach|dog|cat|horse"
)
_OF_PLACES = (
    r"lives? (?:in|near|at)|moved (?:to|from|back to)|is moving to|was born in|grew up in|comes? from|is from"
    r"|travels? to|visits?|visited|is visiting|has been to|spent \w+ in"
)
_OF_ORGANIZATIONS = r"works? (?:at|for)|worked (?:at|for)|stud(?:ies|ied) at|teaches at|went to|graduated from|founded"
_OF_PEOPLE = r"is married to|is engaged to|is dating|met|knows"
_OTHERWISE = (
    r"is allergic to|is afraid of|is interested in|is good at|is learning|is studying|is training for|is writing"
    r"|is (?!being\b)\w+ing(?: (?:to|with|about|for|on|in|at))?"
    r"|works? (?:as|on|in)|used to \w+|wants? to \w+|plans? to \w+|hopes? to \w+|would like to \w+|has an? "
    r"|(?:does not|doesn't|cannot|can't) \w+|is (?:an?|the)|is|has|owns"
    r"|(?!is\b|was\b|has\b)[a-z]+(?:s|ed)(?: (?:to|with|about|for|on|in|at))?"
)
_VERB = re.compile(
    rf"(?:(?:also|often|usually|always|sometimes|really|currently|recently) )?"
    rf"(?:(?P<place>{_OF_PLACES})|(?P<organization>{_OF_ORGANIZATIONS})|(?P<person>{_OF_PEOPLE})|(?P<any>{_OTHERWISE}))"
    r"(?:\s+|$)"
)
_TAIL = re.compile(r" (?P<how>at|in|for|with|from|near|called|named) ")
_END = re.compile(
    r"[.;:!?()]|,? (?:because|since|so|but|which|who|when|while|although|if|as|than|after|before|every|twice|once)\b"
)
_SPLIT = re.compile(r",? and |, ")
_DETERMINER = re.compile(r"^(?:an?|the|their|his|her|my|our|its|some|two|three|four|five)\s+", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w'-]*(?: (?:[A-Z][\w'-]*|of|de|da|van|von))*(?<! of)(?<! de)(?<! da)(?<! van)(?<! von)")
_SOURCE = re.compile(r"^(?P<who>[A-Z][\w .'-]{1,39}): (?P<what>\S.*)$")
_NAMING = ("called", "named")
_NOTHING = frozenset({"lot", "much", "it", "them", "that", "things", "something", "well"})
_TYPE_OF_TAIL: dict[str, NodeType] = {"at": "organization", "in": "place", "from": "place", "near": "place"}


@dataclass(frozen=True)
class Thing:
    """Somebody or something, and what kind of thing it seems to be; the label is OWNER for the user."""

    label: str
    kind: NodeType


@dataclass(frozen=True)
class Relation:
    """One relation that a memory states."""

    subject: Thing
    how: str
    object: Thing


USER = Thing(OWNER, "person")


def relations_in(text: str, *, owners: Collection[str], people: Collection[str]) -> list[Relation]:
    """The relations that a memory states.

    Args:
        text: the memory, one statement as a rule.
        owners: what the user is called in memories.
        people: names of people who are known.
    """
    text, people = " ".join(text.split()), tuple(people)
    if (told := _SOURCE.match(text)) and told["who"] not in owners:
        return [Relation(USER, "learned from", _named(told["who"], people, otherwise="person"))]
    found = re.match(rf"(?:the )?(?:{'|'.join(map(re.escape, owners))})(?P<of>'s?)? ", text, re.IGNORECASE)
    if found is None:
        return _mentioned(text, people)
    rest = text[found.end() :]
    stated = list(_of_theirs(rest, people) if found["of"] else _stated(USER, rest, people)) or _mentioned(rest, people)
    called = {name.casefold() for name in owners}
    return [relation for relation in stated if relation.object.label.casefold() not in called]


def _of_theirs(rest: str, people: Collection[str]) -> Iterator[Relation]:
    """After "Ann's": somebody of hers, or something of hers that is something."""
    kin = re.match(
        rf"(?P<kin>(?:\w+ )?(?:{_KIN}))\b,? ?(?:(?:is )?(?:called |named )?(?P<name>[A-Z][\w'-]+))?,? ?", rest
    )
    if kin is not None:
        somebody = Thing(kin["name"] or kin["kin"], "person")
        yield Relation(USER, kin["kin"], somebody)
        yield from _stated(somebody, rest[kin.end() :], people)
        return
    states = re.match(r"(?P<what>[a-z][\w ]{1,40}?) (?:is|are) (?P<value>.+)", rest)
    if states is not None and states["what"] != "name":
        yield from (Relation(USER, states["what"], thing) for thing in _things(states["value"], people))


def _stated(subject: Thing, text: str, people: Collection[str]) -> Iterator[Relation]:
    """After the subject: a verb, and what it is about."""
    verb = _VERB.match(text)
    if verb is None or not text[verb.end() :]:
        return
    how, rest = verb[0].strip(), _END.split(text[verb.end() :])[0]
    kind: NodeType = next((each for each in ("place", "organization", "person") if verb[each]), "concept")
    tail = _TAIL.search(rest)
    head = rest[: tail.start()] if tail is not None else rest
    if tail is not None and tail["how"] in _NAMING:
        # A dog named Rex is one of them, not two.
        yield from (Relation(subject, _label(head), thing) for thing in _things(rest[tail.end() :], people))
        return
    yield from (Relation(subject, how, thing) for thing in _things(head, people, otherwise=kind))
    if tail is not None:
        behind = _TYPE_OF_TAIL.get(tail["how"], "concept")
        for thing in _things(rest[tail.end() :], people, otherwise=behind):
            yield Relation(subject, tail["how"], thing)


def _things(text: str, people: Collection[str], *, otherwise: NodeType = "concept") -> list[Thing]:
    """What a list of objects names."""
    labels = [_label(part) for part in _SPLIT.split(_END.split(text)[0])[:_MOST_OBJECTS]]
    return [_named(label, people, otherwise=otherwise) for label in labels if label and label not in _NOTHING]


def _label(text: str) -> str:
    words = _DETERMINER.sub("", text.strip(" .,'\"")).split()
    return " ".join(words[:_MOST_WORDS])[:LONGEST_LABEL].strip(" .,'\"")


def _named(label: str, people: Collection[str], *, otherwise: NodeType) -> Thing:
    if label.casefold() in _folded(tuple(people)):
        return Thing(label, "person")
    if not any(character.isalpha() for character in label):
        return Thing(label, "concept")
    return Thing(label, "thing" if otherwise == "concept" and label[:1].isupper() else otherwise)


@lru_cache(maxsize=8)
def _folded(people: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in people)


def _mentioned(text: str, people: Collection[str]) -> list[Relation]:
    """Of a statement in no known form: the names in it."""
    # Most names are in none: looking for each as a pattern took a second for some hundreds of people.
    known = [name for name in people if name in text and re.search(rf"\b{re.escape(name)}\b", text)]
    # What stands first is written large whatever it is.
    others = [found[0] if found.start() else found[0].partition(" ")[2] for found in _NAME.finditer(text)]
    names = [*known, *(name for name in others if name and not any(each in name for each in known))]
    return [
        Relation(USER, "about", _named(name[:LONGEST_LABEL], people, otherwise="concept"))
        for name in list(dict.fromkeys(names))[:_MOST_MENTIONED]
    ]
