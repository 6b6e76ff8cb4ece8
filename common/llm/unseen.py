"""Characters that nobody sees and models read, so that what a reader takes for nothing can be an order to a model.

Unicode's tags spell ASCII invisibly, so do long runs of variation selectors; characters of no width, and those that
turn text around, tear apart what would be recognised. What people write needs none of them: joiners, without which
Persian and many an emoji fall apart, and a single selector behind a character stay.
"""

import re

_UNSEEN = re.compile(
    "[\u200b\u2060-\u2065\ufeff\U000e0000-\U000e007f"  # of no width, or not shown at all
    "\u202a-\u202e\u2066-\u206f]"  # what turns text around
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
)


def seen(text: str) -> str:
    """The text as people see it."""
    return _UNSEEN.sub("", text)
