"""Of whom somebody goes on speaking: after "my son Tom", "he" and "Tom" are the speaker's son, for a turn or two."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_SHE = "wife|girlfriend|daughter|sister|mother|mom|mum|grandmother|grandma|aunt|niece|granddaughter|stepdaughter"
_HE = "husband|boyfriend|son|brother|father|dad|grandfather|grandpa|uncle|nephew|grandson|stepson"
_EITHER = "partner|dog|cat|cousin|eldest|oldest|youngest|baby|toddler|horse|best friend"
_MENTION = re.compile(
    rf"\b(?P<owner>[Mm]y|[Oo]ur|[Yy]our) (?:(?:older|younger|little|big|twin|oldest|youngest|eldest) )?"
    rf"(?P<kin>(?P<she>{_SHE})|(?P<he>{_HE})|{_EITHER})\b(?!')(?:,? (?P<name>[A-Z][a-z]+)\b)?"
)
_NAMED = re.compile(rf"(?:^|[,.;] )(?P<name>[A-Z][a-z]+) is (?:my|our) (?P<kin>{_SHE}|{_HE}|{_EITHER})\b(?!')")
_PRONOUN = re.compile(r"(?:^|(?<=, )|(?<= and )|(?<= but )|(?<= because ))(?P<who>[Hh]e|[Ss]he)(?P<rest>'s| (?=[a-z]))")
_OF_THEIRS = re.compile(r"(?:^|(?<=, ))(?P<who>[Hh]is|[Hh]er) name\b")
_STATED = r"(?:an?|from|[a-z]+ed|\w+teen|\w+ty)"
_NEAR = 2
"""Turns after which a pronoun may mean anybody."""


@dataclass
class Kin:
    """Whom the user has mentioned so far in a dialogue."""

    _last: dict[str, tuple[str, int]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def hear(self, text: str, place: int, *, owners: Iterable[str]) -> None:
        """Note who is mentioned in a sentence of a turn as the user's; whoever else is named ends what "he" means."""
        for found in _MENTION.finditer(text):
            if found["owner"].lower() not in owners:
                continue
            kin = found["kin"].lower()
            for pronoun in ("she",) if found["she"] else ("he",) if found["he"] else ("he", "she"):
                self._last[pronoun] = (kin, place)
            if found["name"]:
                self._names[found["name"]] = kin
        if "my" in owners:
            for found in _NAMED.finditer(text):
                self._names[found["name"]] = found["kin"]

    def resolved(self, text: str, place: int) -> str:
        """The sentence with "my son" where it says "he" or "Tom" as its subject."""
        if not self._last and not self._names and not _MENTION.search(text):
            return text

        def meant(found: re.Match[str]) -> str:
            pronoun = {"his": "he", "her": "she"}.get(found["who"].lower(), found["who"].lower())
            kin, when = self._last.get(pronoun, ("", -_NEAR))
            if (before := _mentioned(found.string[: found.start()], pronoun)) is not None:
                kin, when = before, place
            if not kin or place - when > _NEAR:
                return found[0]
            rest = found.groupdict().get("rest")
            if rest is None:
                return f"my {kin}'s name"
            return f"my {kin} is" if rest == "'s" else f"my {kin} "

        for name, kin in self._names.items():
            if name in text:
                text = re.sub(rf"(?:^|(?<=, )){name}(?:'s(?= {_STATED}\b)|(?= [a-z]))", f"My {kin} {name}", text)
        return _OF_THEIRS.sub(meant, _PRONOUN.sub(meant, text))

    def named(self, content: str, *, user: str) -> str:
        """A fact about one of them, with their name."""
        _, owned, rest = content.partition(f"{user}'s ")
        kin, _, told = rest.partition(" ")
        name = next((name for name, named in self._names.items() if named == kin), None)
        if not owned or name is None or not told[:1].islower() or told.startswith("is called"):
            return content
        return f"{user}'s {kin} {name} {told}"


def _mentioned(text: str, pronoun: str) -> str | None:
    """The last of the speaker's kin in a text of whom one may go on as "he" or "she"."""
    other = "she" if pronoun == "he" else "he"
    last = [found for found in _MENTION.finditer(text) if found["owner"].lower() in {"my", "our"}][-1:]
    return next((found["kin"].lower() for found in last if not found[other]), None)
