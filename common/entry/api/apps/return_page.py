"""The page on which a user ends after signing in elsewhere: complete in itself, and everything on it is escaped."""

from html import escape

_STYLE = (
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 4rem auto; padding: 0 1rem; color: #222; }"
)


def render(title: str, text: str, *, nonce: str) -> str:
    """The page.

    Args:
        title: how it went, in a word.
        text: what is to be said of that.
        nonce: what the style of this page is allowed by.
    """
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style nonce="{nonce}">{_STYLE}</style></head>
<body>
<h1>{escape(title)}</h1>
<p role="status">{escape(text)}</p>
</body>
</html>
"""
