"""The unusual words that a recogniser shall listen for."""

from common.models.user import UserSettings

PRODUCT = "Omi"
"""Said to the device all day."""


def unusual_words(user: UserSettings) -> tuple[str, ...]:
    """The user's own, and ours."""
    return (PRODUCT, *user.transcription_preferences.vocabulary)
