"""Apps from a wish: drafted by the language model, and made by whoever wished when they like the draft."""

from common.apps import kinds
from common.llm.inventing import AppIdea, Inventor, Presentation
from common.llm.requiring import required_illustrator, required_model

_OTHER = "other"


def draft_app(wish: str) -> AppIdea:
    """An app that fulfils a wish; nothing is stored.

    Raises:
        BadRequestError: there is no language model.
        LockedError: the user has used up today's tokens.
        ProviderError: it did not answer as it should.
    """
    return _inventor().draft(wish, categories=[each.id for each in kinds.CATEGORIES], other=_OTHER)


def present_app(name: str, about: str) -> Presentation:
    """What the store may say of an app.

    Raises:
        BadRequestError: there is no language model.
        LockedError: the user has used up today's tokens.
        ProviderError: it did not answer as it should.
    """
    return _inventor().present(name, about)


def draw_icon(name: str, description: str, category: str) -> bytes:
    """A picture that may stand for an app.

    Raises:
        BadRequestError: there is no model that draws.
        LockedError: the user has used up today's tokens.
        ProviderError: it did not answer as it should.
    """
    about = (
        f"A flat app icon without any text, one simple shape on a plain ground, for {name} ({category}): {description}"
    )
    return required_illustrator().draw(about)


def propose_wishes() -> list[str]:
    """What somebody might wish for.

    Raises:
        BadRequestError: there is no language model.
        LockedError: the user has used up today's tokens.
        ProviderError: it did not answer as it should.
    """
    return _inventor().propose()


def _inventor() -> Inventor:
    return Inventor(required_model())
