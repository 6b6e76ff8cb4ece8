"""What a dialogue says of somebody's kin, put together: a sister, Beth when another asks for her, who calls from Leeds.

Whoever is only mentioned, without a name or anything else, is not worth a fact: most people have a partner or parents.
"""

import re
from dataclasses import dataclass, field

_NUMBER = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven"
    r"|eigh|nine)ty(?:[- ]\w+)?"
    r"|\d{1,2})"
)
_KIN = (
    "wife|husband|girlfriend|boyfriend|partner|fianc[eé]e?|sons?|daughters?|brothers?|sisters?|nephews?"
    "|nieces?|grandson"
    "|granddaughter|stepson|stepdaughter|godson|goddaughter|toddler|dogs?|cats?|puppy|kitten|horse|pony"
    "|rabbit|parrot|tortoise"
)
_COMMON = re.compile(
    r"^\S+ has (?:an? )?(?:(?:older|younger|little|big|twin|middle) )?(?:wife|husband|girlfriend|boyfriend"
    r"|partner|fianc[eé]e?"
    r"|brothers?|sisters?|nephews?|nieces?|ex-wife|ex-husband|roommate|flatmate|stepfather|stepmother|therapist|clients"
    r"|customers|staff|employees|car|bike|bicycle|mortgage)$"
)
"""What most people have: no fact without a name or a detail."""
_NO_NAME = (
    r"(?!(?:I|Oh|No|Yes|Yeah|Well|Okay|God|What|Who|How|Why|When|Where|And|But|So|It|That|This|There|You"
    r"|He|She|They|We|My|The"
    r"|Is|Are|Do|Does|Did|Really|Sorry|Thanks|Great|Good|Hello|Hi|Hey|(?:Mon|Tues|Wednes|Thurs|Fri|Satur"
    r"|Sun)day|January"
    r"|February|March|April|May|June|July|August|September|October|November|December|English|German|French|Spanish)\b)"
)
_NAME = rf"{_NO_NAME}(?P<name>[A-Z][a-z]+)"
_ASKED_FOR = re.compile(
    rf"\b(?:[Hh]ow(?:'s| is| are)|[Ww]hat about|[Ii]s|[Hh]as|[Dd]id|[Dd]oes|[Ww]here(?:'s| is)|from|about"
    rf"|to|with|see|[Aa]nd)"
    rf" {_NAME}\b(?!')"
)
_WONDERED = re.compile(rf"(?:(?:Oh|Wait|What),? )?{_NAME}\?")
_MENTION = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?:(?:older|younger|little|big|twin|oldest|youngest|eldest)"
    rf" )?(?P<kin>{_KIN})\b(?:,? {_NAME}\b(?!'))?"
)
_CALLED = re.compile(rf"\b(?:[Hh]e|[Ss]he|[Hh]is name|[Hh]er name)(?:'s| is) (?:called )?{_NAME}(?=[,.!]|$)")
_SUBJECT = re.compile(
    r"^(?:(?:[Aa]nd|[Bb]ut|[Ss]o|[Ww]ell|[Yy]es|[Yy]eah|[Nn]o|[Oo]h|[Bb]ecause),? )*(?:(?P<pronoun>[Hh]e"
    r"|[Ss]he|[Ii]s (?:he|she)"
    rf"|[Dd]oes (?:he|she)|[Ii]t)|[Mm]y (?P<kin>{_KIN})|(?P<named>[A-Z][a-z]+))(?='s\b| )"
)
_PLACE = re.compile(
    r"\b(?P<place>(?:in|from) (?!(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)\b)[A-Z]\w+)"
)
_AGE = re.compile(
    rf"(?:'s|is|was|turned|be|turning) (?:only |just |almost |already )?(?P<age>{_NUMBER})(?: years"
    rf" old)?(?: now| already| in [A-Z]\w+)?(?=[,.!]|$)"
)
_HAS = re.compile(rf"^(?P<who>.+) has (?P<article>an? )?(?P<kind>(?:\w+ )?(?P<kin>{_KIN}))$")
_RECENT = 2
"""Turns after which a name or a pronoun may mean anybody."""


@dataclass
class _Portrait:
    name: str = ""
    place: str = ""
    age: str = ""


@dataclass
class Portraits:
    """Of those whom the user calls theirs in a dialogue, and of who was asked for by name."""

    _of_kin: dict[str, _Portrait] = field(default_factory=dict)
    _of_names: dict[str, _Portrait] = field(default_factory=dict)
    _asked_for: tuple[str, int] = ("", -_RECENT)
    _spoken_of: tuple[_Portrait, int] = field(default_factory=lambda: (_Portrait(), -_RECENT))
    _last_kin: tuple[str, int] = ("", -_RECENT)

    def hear(self, text: str, place: int, *, is_user: bool) -> None:
        """Take note of a sentence of the turn at `place`."""
        if is_user:
            self._hear_user(text, place)
        else:
            self._hear_other(text, place)
        self._note(text, place)

    def _hear_user(self, text: str, place: int) -> None:
        for found in _MENTION.finditer(text):
            kin = found["kin"]
            asked, when = self._asked_for
            opens = found.start() == 0 or text[: found.start()].count(" ") <= 1
            name = found["name"] or (asked if opens and place - when <= 1 and asked not in text else "")
            if name and not self._portrait(kin).name:
                self._name(kin, name)
            self._last_kin, self._spoken_of = (kin, place), (self._portrait(kin), place)
        kin, when = self._last_kin
        if kin and place - when <= _RECENT and (called := _CALLED.search(text)) is not None:
            self._name(kin, called["name"])

    def _hear_other(self, text: str, place: int) -> None:
        kin, when = self._last_kin
        if (
            kin
            and place - when == 1
            and not self._portrait(kin).name
            and (wondered := _WONDERED.match(text)) is not None
        ):
            self._name(kin, wondered["name"])
        elif text.endswith("?") and (asked := _ASKED_FOR.search(text)) is not None:
            self._asked_for = (asked["name"], place)
            self._spoken_of = (self._of_names.setdefault(asked["name"], _Portrait(asked["name"])), place)

    def _note(self, text: str, place: int) -> None:
        """Where somebody is and how old, from a sentence about them."""
        subject = _SUBJECT.match(text)
        if subject is None:
            return
        portrait, when = self._spoken_of
        if subject["kin"]:
            portrait = self._portrait(subject["kin"])
        elif subject["named"]:
            if subject["named"] not in self._of_names:
                return
            portrait = self._of_names[subject["named"]]
        elif place - when > _RECENT:
            return
        if (where := _PLACE.search(text)) is not None:
            portrait.place = where["place"]
        if (age := _AGE.search(text)) is not None:
            portrait.age = age["age"]

    def _portrait(self, kin: str) -> _Portrait:
        return self._of_kin.setdefault(kin, _Portrait())

    def _name(self, kin: str, name: str) -> None:
        known = self._of_names.setdefault(name, _Portrait(name))
        mine = self._portrait(kin)
        known.place, known.age = known.place or mine.place, known.age or mine.age
        self._of_kin[kin] = known
        self._spoken_of = (known, self._spoken_of[1])

    def completed(self, content: str) -> str:
        """A fact that somebody has a relative or an animal, with what is known of them; empty if that is nothing."""
        found = _HAS.match(content)
        known = self._of_kin.get(found["kin"]) if found is not None else None
        if found is not None and known is not None and (known.name or known.place or known.age):
            name = f" named {known.name}" if known.name else ""
            place = f" {known.place.replace('from ', 'in ')}" if known.place else ""
            age = f"{known.age} year old " if known.age and found["article"] else ""
            article = found["article"] or ""
            return (
                f"{found['who']} has {_article(age) if age and article else article}{age}{found['kind']}{name}{place}"
            )
        return "" if _COMMON.match(content) else content


def _article(age: str) -> str:
    return "an " if age.startswith(("eight", "eleven", "8", "11", "18")) else "a "
