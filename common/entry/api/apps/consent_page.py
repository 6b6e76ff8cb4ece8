"""The page on which a user lets an app in: complete in itself, and everything an app says about itself is escaped."""

from html import escape

from common.apps import kinds
from common.models.app import App

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 4rem auto; padding: 0 1rem; color: #222; }
textarea, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; margin: .4rem 0; }
button { border: 0; border-radius: .5rem; background: #222; color: #fff; cursor: pointer; }
#problem { color: #b00020; min-height: 1.5em; }
"""

_SCRIPT = """
const page = document.body.dataset;
document.getElementById("allow").addEventListener("click", async () => {
  const problem = document.getElementById("problem");
  problem.textContent = "";
  const said = new URLSearchParams({
    firebase_id_token: document.getElementById("token").value.trim(), app_id: page.app, state: page.state,
  });
  const answer = await fetch("token", { method: "POST", body: said });
  const granted = await answer.json();
  if (!answer.ok) {
    problem.textContent = typeof granted.detail === "string" ? granted.detail : "That is no token";
    return;
  }
  const next = new URL(granted.redirect_url);
  next.searchParams.set("uid", granted.uid);
  if (granted.state) next.searchParams.set("state", granted.state);
  location.assign(next);
});
"""


def render(app: App, *, state: str, nonce: str) -> str:
    """The page.

    Args:
        app: the app that wants to be let in.
        state: what the app wants to be told back.
        nonce: what the style and the script of this page are allowed by.
    """
    titles = {action.id: action.title for action in kinds.ACTIONS}
    declared = app.external_integration.actions if app.external_integration else []
    wishes = [titles[each.action] for each in declared if each.action in titles]
    items = "".join(f"<li>{escape(wish)}</li>" for wish in wishes)
    wanted = f"<p>It wants to:</p><ul>{items}</ul>" if items else ""
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Let {escape(app.name)} in</title><style nonce="{nonce}">{_STYLE}</style></head>
<body data-app="{escape(app.id)}" data-state="{escape(state)}">
<h1>{escape(app.name)}</h1>
<p>{escape(app.description)}</p>
{wanted}
<label for="token">Your ID token, from the app in which you are signed in</label>
<textarea id="token" rows="4" autocomplete="off" spellcheck="false"></textarea>
<button id="allow">Let it in</button>
<p id="problem" role="alert"></p>
<script nonce="{nonce}">{_SCRIPT}</script>
</body>
</html>
"""
