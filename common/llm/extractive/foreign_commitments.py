"""What somebody says they will or have to do, or asks to be reminded of, in German and four Romance languages.

Only forms in which the verb stands as it does in a list of things to do.
"""

import re

from common.core.languages import primary_subtag
from common.llm.extractive.foreign_presents import NOT_MEANT, find_foreign_present

_FORMS = {
    "de": (
        r"ich (?:muss|werde|soll|möchte noch|sollte noch)(?: (?:noch|dann|also|unbedingt|auch|jetzt))*",
        (
            r"(?:erinner\w* mich(?: bitte)?(?: daran)?,?(?: an)?|nicht vergessen:?|(?:kannst|könntest) du"
            r"|(?:können|könnten) sie)(?: bitte| mal)*"
        ),
        r".",
    ),
    "es": (
        r"(?:voy a|vamos a|tengo que|tenemos que|debo|necesito|hay que)",
        r"(?:recuérdame|no olvides|(?:me )?puedes|podrías)(?: que)?",
        r"\w+(?:ar|er|ir|ír)(?:me|l[aeo]s?)*\b",
    ),
    "fr": (
        r"(?:je vais|on va|nous allons|je dois|il faut|nous devons)",
        r"(?:rappelle[- ]moi|n'oublie pas|tu peux|vous pouvez|pourriez[- ]vous)(?: de)?",
        r"\w+(?:er|ir|re|oir)\b",
    ),
    "it": (
        r"(?:devo|dobbiamo|bisogna|ho intenzione di|vado a)",
        r"(?:ricordami|non dimenticare|puoi|potresti|può|potrebbe)(?: di)?",
        r"\w+[aei]r(?:e|mi|l[aeio])\b",
    ),
    "pt": (
        r"(?:vou|vamos|tenho que|tenho de|temos que|preciso(?: de)?|devo)",
        r"(?:me lembr[ae] de|lembra-me de|não esqueça de|você pode|podes|pode|poderia)",
        r"\w+(?:ar|er|ir)(?:-l[ao]s?)?\b",
    ),
}
"""For each language how promises begin, how requests do, and what the verb looks like."""
_PATTERNS = {
    language: tuple(re.compile(rf"\b{cue} (?P<task>{verb}.*)", re.IGNORECASE) for cue in (promise, request))
    for language, (promise, request, verb) in _FORMS.items()
}
_IDLE = re.compile(
    r"^(?:decir|ir|ver|esperar|morir|dire|aller|voir|attendre|andare|vedere|aspettare|dizer|ser|estar|être|avoir|essere"
    r"|avere|ter)\b",
    re.IGNORECASE,
)
_IDLE_GERMAN = re.compile(
    r"^(?:\w+ )?(?:sagen|gehen|los|zugeben|lachen|warten|sehen|hören|verstehen|sein|haben)\b", re.IGNORECASE
)
"""Verbs that are nothing to do; in German the verb comes last."""
_ENDS = re.compile(
    r"[.!?;:…]|, (?:weil|aber|denn|sonst|porque|pero|parce|mais|car|perché|ma|mas|pois|que|dass|damit|und ich|y yo"
    r"|et je|e io|e eu|oder|okay|ok|no|sì|sí|gell)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS, _MOST_WORDS = 3, 15


def find_foreign_commitments(text: str, language: str | None, *, is_user: bool) -> list[str]:
    """What is to be done, in the words it was said in, beginning large; nothing in other languages.

    Args:
        text: a sentence.
        language: what is spoken, as a BCP-47 tag.
        is_user: whether the user says it, or nobody knows; what others promise is theirs, what they ask for isn't.
    """
    primary = primary_subtag(language)
    promise, request = _PATTERNS.get(primary, (None, None))
    if promise is None or request is None:
        return []
    if is_user and (announced := find_foreign_present(text, primary)):
        return [announced]
    asked = request.search(text)
    found = asked or (promise.search(text) if is_user and not text.endswith("?") else None)
    if found is None or NOT_MEANT.search(text[: found.start()]) or NOT_MEANT.match(found["task"]):
        return []
    task = _ENDS.split(found["task"])[0].split()
    idle = _IDLE_GERMAN if promise is _PATTERNS["de"][0] else _IDLE
    if len(task) < _FEWEST_WORDS or idle.match(" ".join(task)):
        return []
    described = " ".join(task[:_MOST_WORDS])
    return [described[:1].upper() + described[1:]]
