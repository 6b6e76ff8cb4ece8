"""Names of people within a text, as whole words. Pure."""

import re


def is_named(name: str, text: str) -> bool:
    """Whether a name stands in a text."""
    return bool(name.strip()) and re.search(_pattern(name), text, re.IGNORECASE) is not None


def without_name(name: str, text: str) -> str:
    """The rest of a text."""
    return re.sub(_pattern(name), " ", text, flags=re.IGNORECASE)


def _pattern(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"
