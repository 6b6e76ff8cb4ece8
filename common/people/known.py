"""Whom a user knows: how they sound, and what they are called."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from common.core.errors import ProviderError
from common.database import people, users
from common.models.person import OWNER, name_key
from common.speech.voices import Vector, unit


@dataclass(frozen=True)
class Known:
    """Somebody by their id (OWNER for the user) and name."""

    id: str
    name: str


@dataclass(frozen=True)
class Acquaintances:
    """Everybody, in one reading. `edition` stands for it."""

    voices: tuple[tuple[Known, Vector], ...] = ()
    by_name: dict[str, Known] = field(default_factory=dict)
    edition: str | None = None

    def named(self, name: str) -> Known | None:
        """Who is called that."""
        return self.by_name.get(name_key(name))


def load(*, uid: str, model: str) -> Acquaintances:
    """Read whom the user knows; voices only as `model` has embedded them."""
    edition = people.edition(uid=uid)  # first: what changes while we read is read again
    owner = users.find(uid=uid)
    myself = Known(OWNER, owner.name)
    voices: list[tuple[Known, Vector]] = []
    by_name = {name_key(owner.name): myself} if owner.name else {}
    if owner.voice is not None and owner.voice.model == model:
        voices += _readable(myself, owner.voice.values)
    for person in people.list_all(uid=uid):
        known = Known(person.id, person.name)
        by_name.setdefault(name_key(person.name), known)
        if person.speaker_embedding and person.speaker_embedding_model == model:
            voices += _readable(known, person.speaker_embedding)
    return Acquaintances(tuple(voices), by_name, edition)


def _readable(known: Known, values: Sequence[float]) -> list[tuple[Known, Vector]]:
    """None where what is stored is no voice: one that is not must not hide the others."""
    try:
        return [(known, unit(values))]
    except ProviderError:
        return []
