"""What strangers say, as plain text: no markup, and nothing unseen that changes how the rest is read. Pure."""

import re

_TAG = re.compile(r"</?[a-zA-Z][^<>]*")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tabs and ends of lines
    "\ud800-\udfff"  # halves of characters
    "\u200b\u2060-\u2065\ufeff\U000e0000-\U000e007f"  # of no width, or not shown at all
    "\u202a-\u202e\u2066-\u206f]"  # what turns text around, and was made for that alone
)
"""Not the joiners of U+200C and U+200D, without which Persian and many an emoji fall apart."""


def plain_text(text: str, *, longest: int) -> str:
    """The text without markup and what is not seen, or as many characters of it as are bearable."""
    return _without_tags(_UNSEEN.sub("", text)).strip()[:longest]


def _without_tags(text: str) -> str:
    """What is left when all tags are gone, those too that come about because others go: `<scr<b>ipt>`."""
    kept: list[str] = []
    opened: list[int] = []
    for piece in re.split(r"([<>])", text):
        if piece == ">" and opened:
            begun = opened.pop()
            if _TAG.fullmatch("".join(kept[begun:])):
                del kept[begun:]
                continue
            opened.clear()  # whatever was opened before now holds a `>`
        elif piece == "<":
            opened.append(len(kept))
        kept.append(piece)
    return "".join(kept)
