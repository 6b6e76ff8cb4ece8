"""Whether a tool of an app changes something, as far as its name says: `send_email`, `page.create`, `deleteAll`. Pure.

Few makers say it otherwise, and a model that was talked into something by a recording or by another tool's answer calls
whatever it is offered.
"""

import re

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CHANGING = frozenset(
    """
    accept add append approve archive assign block book buy call cancel clear close comment commit complete create
    decline delete deploy disable dispatch drop edit empty enable erase execute forward grant import insert install
    invite invoke join leave lock make mark merge modify move mute notify patch pause pay post publish
    purchase push put reboot register remove rename reply reschedule reserve reset respond restart resume revoke run
    save schedule send set share submit subscribe toggle transfer trash trigger turn tweet unarchive unassign unlock
    unmute unset unsubscribe untag update upload upsert vote wipe write
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
_ASKING = frozenset(
    """
    ask check count describe explain fetch find get has how is list look lookup query read recall recommend retrieve
    search show suggest summarise summarize translate view watch what when where which who
    """.split()  # noqa: SIM905 - the same
)


def sounds_like_a_change(name: str) -> bool:
    """By the first of its words that says either: `list_sent_mail` asks, `mail_send` changes."""
    for part in _PARTS.findall(name):
        word = part.lower()
        if word in _ASKING:
            return False
        if word in _CHANGING:
            return True
    return False
