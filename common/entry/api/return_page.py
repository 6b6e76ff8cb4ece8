"""The page on which a user ends after signing in elsewhere: complete in itself, and everything on it is escaped."""

import secrets
from html import escape

from fastapi.responses import HTMLResponse

_STYLE = (
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 4rem auto; padding: 0 1rem; color: #222; }"
)


def return_page(title: str, text: str, *, status: int = 200, onward: str | None = None) -> HTMLResponse:
    """The page.

    Args:
        title: how it went, in a word.
        text: what is to be said of that.
        status: HTTP's.
        onward: where the browser goes on to by itself, the app's own address say.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    # The address of this page has the code in it.
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_render(title, text, nonce=nonce, onward=onward), headers=headers, status_code=status)


def _render(title: str, text: str, *, nonce: str, onward: str | None) -> str:
    there = "" if onward is None else escape(onward)
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
{f'<meta http-equiv="refresh" content="0; url={there}">' if there else ""}
<title>{escape(title)}</title><style nonce="{nonce}">{_STYLE}</style></head>
<body>
<h1>{escape(title)}</h1>
<p role="status">{escape(text)}</p>
{f'<p><a href="{there}">Back to the app</a></p>' if there else ""}
</body>
</html>
"""
