"""Whom the user of a session knows, read once, and again where that has changed."""

import asyncio
from collections.abc import Collection

from common.conversations.introductions import Introduction
from common.core import clock
from common.core.logs import get_logger
from common.database import people
from common.models.person import OWNER
from common.people import known
from common.people.known import Acquaintances, Known
from common.speech.voices import Vector

_LOOKED_AGAIN_S = 15.0
"""Real seconds between two looks at the note of changes."""
_READ_AGAIN_S = 600.0
"""Real seconds after which people are read again though no change was noted: Redis may be away."""


class AddressBook:
    """The people of one user.

    Args:
        uid: the user.
        model: whose voice embeddings can be compared.
        owner_too: whether the user may be found in it.
    """

    def __init__(self, *, uid: str, model: str, owner_too: bool) -> None:
        self._uid = uid
        self._model = model
        self._owner_too = owner_too
        self._people = Acquaintances()
        self._looked_at = self._read_at = float("-inf")

    @property
    def voices(self) -> list[tuple[Known, Vector]]:
        """Those whose voices are known."""
        return [each for each in self._people.voices if self._owner_too or each[0].id != OWNER]

    async def look_again(self) -> bool:
        """Be up to date within some seconds; whether people were read again. If that fails, those known before stay."""
        now = clock.monotonic()
        if now < self._looked_at + _LOOKED_AGAIN_S:
            return False
        self._looked_at = now
        try:
            edition = await asyncio.to_thread(people.edition, uid=self._uid)
            if edition != self._people.edition or now >= self._read_at + _READ_AGAIN_S:
                self._people = await asyncio.to_thread(known.load, uid=self._uid, model=self._model)
                self._read_at = now
                return True
        except Exception as error:  # noqa: BLE001 - whatever a store raises, the session goes on
            get_logger().warning("people_not_read", error=type(error).__name__)
        return False

    async def gone(self, person_ids: Collection[str]) -> set[str]:
        """Those of these people who were deleted."""
        there = await asyncio.to_thread(people.of(uid=self._uid).find_many, sorted(person_ids))
        return set(person_ids) - {person.id for person in there}

    async def has(self, person_id: str) -> bool:
        """Whether there is such a person."""
        return await asyncio.to_thread(people.of(uid=self._uid).find, person_id) is not None

    async def find(self, introduction: Introduction, *, make: bool, create: bool) -> Known | None:
        """Who introduces himself.

        Args:
            introduction: what was said.
            make: whether a new person may be stored.
            create: whether new names are of interest at all; one that is not stored has an empty id.
        """
        person = self._people.named(introduction.name)
        if person is not None:
            return person if self._owner_too or person.id != OWNER else None
        if not (introduction.certain and create):
            return None
        if not make:
            return Known("", introduction.name)
        made = await asyncio.to_thread(people.get_or_create, uid=self._uid, name=introduction.name)
        return Known(made.id, made.name)
