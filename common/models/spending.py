"""What was used of models and recognisers for one user on one day (UTC)."""

from pydantic import Field

from common.models.base import Document


class Spent(Document):
    """An amount; of the tokens, `estimated` are what no provider has reported, and `seconds` are of audio."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: int = 0
    seconds: float = 0.0


class Spending(Document):
    """A day's, by the names of models and recognisers."""

    id: str
    """The day: `2026-05-04`."""
    language_model: dict[str, Spent] = Field(default_factory=dict)
    embedding: dict[str, Spent] = Field(default_factory=dict)
    speech: dict[str, Spent] = Field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """Of language models, in both directions."""
        return sum(spent.tokens_in + spent.tokens_out for spent in self.language_model.values())
