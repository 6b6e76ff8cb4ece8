"""The conditions under which a request is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from local.storage.errors import condition_not_met, invalid, not_modified
from local.storage.resource import StoredObject


def integer(query: Mapping[str, str], name: str) -> int | None:
    """An integer parameter of a request; raises 400 for anything else."""
    value = query.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError as error:
        raise invalid(f"Invalid value for {name}: {value!r}") from error


@dataclass(frozen=True)
class Preconditions:
    """What generation and metageneration must or must not be; generation 0 stands for "does not exist"."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], prefix: str = "if") -> Self:
        """The conditions in a request's parameters; those on the source of a copy have the prefix `ifSource`."""
        # google-cloud-storage (3.17) spells this one differently when it uploads.
        misspelt = integer(query, f"{prefix}MetaGenerationNotMatch")
        not_metageneration = integer(query, f"{prefix}MetagenerationNotMatch")
        return cls(
            integer(query, f"{prefix}GenerationMatch"),
            integer(query, f"{prefix}GenerationNotMatch"),
            integer(query, f"{prefix}MetagenerationMatch"),
            misspelt if not_metageneration is None else not_metageneration,
        )

    def check(self, live: StoredObject | None, *, reading: bool = False) -> None:
        """Raise 412 if they do not hold; 304 where a read asked not to get what it has."""
        self.check_values(live.generation if live else 0, live.metageneration if live else None, reading=reading)

    def check_values(self, generation: int, metageneration: int | None, *, reading: bool = False) -> None:
        """The same for a thing that is known by its numbers; `metageneration` None is a thing that does not exist."""
        if self.generation is not None and self.generation != generation:
            raise condition_not_met()
        if self.metageneration is not None and self.metageneration != metageneration:
            raise condition_not_met()
        same = self.not_generation is not None and self.not_generation == generation
        same_meta = self.not_metageneration is not None and metageneration in (None, self.not_metageneration)
        if same or same_meta:
            raise not_modified() if reading else condition_not_met()
