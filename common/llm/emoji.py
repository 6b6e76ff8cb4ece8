"""Finding one emoji, whole, in whatever text it comes with."""

import re

_SKIN_OR_STYLE = "[\U0001f3fb-\U0001f3ff\ufe0f\u20e3]"
_BASE = (
    "[\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2300-\u23ff\u2b05-\u2b55"
    "\u25aa-\u25fe\u2934\u2935\u203c\u2049\u2139\u2194-\u21aa\u24c2\u3030\u303d\u3297\u3299]"
)
_ONE = f"{_BASE}{_SKIN_OR_STYLE}*"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}"  # a flag
    f"|[0-9#*]\ufe0f?\u20e3"  # a keycap
    f"|{_ONE}(?:\u200d{_ONE})*(?:[\U000e0020-\U000e007f]+)?"
)


def first_emoji(text: str) -> str | None:
    """The first emoji of the text with all that belongs to it (skin, gender, family), None if there is none."""
    found = _EMOJI.search(text)
    return found[0] if found else None
