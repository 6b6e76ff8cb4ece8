"""Words of a transcript, and which of them carry meaning."""

import re

from common.core.letters import LETTERS

_WORD = re.compile(rf"{LETTERS}(?:['\u2019\-]{LETTERS})*")

# Words that say nothing about what a conversation was about. English, as are all the cues of offline structuring.
STOP_WORDS = frozenset(
    """
    a about after again all also always am an and any anything are aren't as at away back be because been before being
    but by can can't come could couldn't did didn't do does doesn't doing don't done down each either else even ever
    every few for from get gets getting give go goes going gonna got gotta had has have haven't having he he's her here
    hers him his how i i'd i'll i'm i've if in into is isn't it it'll it's its just keep kind know let let's like little
    look lot made make many maybe me mean might more most much must my myself need never next no nor not nothing now of
    off on once one only or other our ours out over own people perhaps put quite rather really said same say says see
    she she's should so some somebody someone something sometimes soon sort still such take tell than that that's the
    their them then there there's these they they'll they're thing things think this those though thought through till
    to today told tomorrow tonight too took try two under until up us use used very want wanted wants was wasn't way we
    we'd we'll we're we've well went were weren't what what's when where where's which while who who's why will with
    won't would wouldn't yesterday yet you you'd you'll you're you've your yours
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
# What fills pauses, greets, agrees and checks whether anybody hears.
FILLER_WORDS = frozenset(
    """
    ah aha alright bye bye-bye check cool da damn de dum erm fine gee god good goodbye great ha haha hah hello hey hi hm
    hmm huh innit mhm mic mm mmm nah nice nope oh ok okay oops ooh phew please right see scuse sorry sure test testing
    thank thanks uh uhm um welcome whatever whoa wow yay yeah yep yes yup
    """.split()  # noqa: SIM905 - reads better than a list of strings
)


def words(text: str) -> list[str]:
    """The words of a text, as they are written."""
    return _WORD.findall(text.replace("\u2019", "'"))


def content_words(text: str) -> list[str]:
    """Those of the words that carry meaning, in lower case."""
    lowered = (word.lower() for word in words(text))
    return [word for word in lowered if word not in STOP_WORDS and word not in FILLER_WORDS]
