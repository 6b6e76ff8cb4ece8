"""Which language the user speaks, and how speech is to be understood."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from common.database import users
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Moment, Shape
from common.speech import languages
from common.speech.tags import spoken

router = Router(prefix="/v1/users", tags=["settings"], responses=responses(401))

MOST_WORDS = 100
LanguageTag = Annotated[str, Field(pattern=r"^([A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}|multi|auto|)$", max_length=35)]


class LanguageView(Shape):
    """The user's language; null where it is not set."""

    language: str | None


class NewLanguage(BaseModel):
    """The language to expect (BCP 47); empty is none in particular."""

    language: LanguageTag = Field(examples=["en"])


class LanguageChanged(Done):
    """Done, and whether only this language is expected."""

    single_language_mode: bool


class AvailableLanguage(Shape):
    """A language that is understood."""

    code: str
    name: str


class AvailableLanguages(Shape):
    """All languages that are understood."""

    languages: list[AvailableLanguage]


class PreferencesView(Shape):
    """How speech is understood."""

    single_language_mode: bool
    vocabulary: list[str]
    language: str
    uses_custom_stt: bool = False
    custom_stt_since: Moment | None = None


def _words(vocabulary: list[str]) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in vocabulary if word.strip()))


Word = Annotated[str, Field(max_length=100)]


class PreferencesChange(Shape):
    """What shall be different; what is left out stays."""

    single_language_mode: bool | None = None
    vocabulary: Annotated[list[Word], Field(max_length=MOST_WORDS), AfterValidator(_words)] | None = Field(
        None, description="Unusual words to listen for", examples=[["Earshot", "Opus"]]
    )


@router.get("/language")
def language(user: User) -> LanguageView:
    """Which language is expected."""
    return LanguageView(language=users.language(uid=user))


@router.patch("/language")
def change_language(user: User, body: NewLanguage) -> LanguageChanged:
    """Expect another language."""
    users.change(uid=user, language=spoken(body.language) or None)
    preferences = users.find(uid=user).transcription_preferences
    return LanguageChanged(single_language_mode=preferences.single_language_mode)


@router.get("/available-languages")
def available(user: User) -> AvailableLanguages:  # noqa: ARG001 - only for who is signed in
    """Which languages the recogniser understands."""
    known = [AvailableLanguage(code=each.code, name=each.name) for each in languages.understood()]
    return AvailableLanguages(languages=known)


@router.get("/transcription-preferences")
def preferences(user: User) -> PreferencesView:
    """How speech is understood."""
    found = users.find(uid=user)
    stored = found.transcription_preferences
    return PreferencesView(
        single_language_mode=stored.single_language_mode,
        vocabulary=stored.vocabulary,
        language=found.language or "",
    )


@router.patch("/transcription-preferences")
def change_preferences(user: User, body: PreferencesChange | None = None) -> Done:
    """Understand speech differently from now on."""
    changed = body.model_dump(exclude_none=True) if body else {}
    if changed:
        users.change(uid=user, transcription_preferences=changed)
    return Done()
