"""What somebody says they will or have to do, or asks to be reminded of, in German and four Romance languages.

Only forms in which the verb stands as it does in a list of things to do.
"""

import re

_FORMS = {
    "de": (
        r"ich (?:muss|werde|soll|möchte noch|sollte noch)(?: (?:noch|dann|also|unbedingt|auch|jetzt))*",
        r"(?:erinner\w* mich(?: bitte)?(?: daran)?,?(?: an)?|nicht vergessen:?)",
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
_NOT_MEANT = re.compile(
    r"\b(?:nicht|nie|kein\w*|wenn|falls|ob|vielleicht|no|nunca|si|quizás|tal vez|ne|jamais|peut-être|non|mai|se|forse"
    r"|não|talvez|warum|por qué|pourquoi|perché|por que)\b",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"^(?:decir|ir|ver|esperar|morir|dire|aller|voir|attendre|andare|vedere|aspettare|dizer|ser|estar|être|avoir|essere"
    r"|avere|ter)\b",
    re.IGNORECASE,
)
_IDLE_GERMAN = re.compile(r"^(?:\w+ )?(?:sagen|gehen|los|zugeben|lachen|warten|sehen|sein|haben)\b", re.IGNORECASE)
"""Verbs that are nothing to do; in German the verb comes last."""
_GERMAN_PRESENT = re.compile(
    r"^(?:\w+[.,] )*(?:ich (?P<verb>\w+e)|(?P<inverted>\w+e) ich) (?P<rest>.+?)(?: (?P<particle>ab|an|auf|aus|ein|mit"
    r"|vor|vorbei|weg|zu|zurück|nach|los|hin|fest|durch|um))?[.!]*$",
    re.IGNORECASE,
)
_NO_TASK = frozenset(
    """
    habe werde hätte würde wäre möchte könnte müsste sollte gehe sehe sage warte glaube denke hoffe finde heiße
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
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
    promise, request = _PATTERNS.get((language or "").lower().partition("-")[0], (None, None))
    if promise is None or request is None:
        return []
    if german := _german_present(text, language, is_user=is_user):
        return [german]
    asked = request.search(text)
    found = asked or (promise.search(text) if is_user and not text.endswith("?") else None)
    if found is None or _NOT_MEANT.search(text[: found.start()]) or _NOT_MEANT.match(found["task"]):
        return []
    task = _ENDS.split(found["task"])[0].split()
    idle = _IDLE_GERMAN if promise is _PATTERNS["de"][0] else _IDLE
    if len(task) < _FEWEST_WORDS or idle.match(" ".join(task)):
        return []
    described = " ".join(task[:_MOST_WORDS])
    return [described[:1].upper() + described[1:]]


def _german_present(text: str, language: str | None, *, is_user: bool) -> str | None:
    """What is told in the present with a day to come: "Ich bringe es morgen weg" as "Es morgen wegbringen"."""
    if not is_user or text.endswith("?") or not (language or "").lower().startswith("de") or _NOT_MEANT.search(text):
        return None
    found = _GERMAN_PRESENT.match(text)
    if found is None or not re.search(r"\b(?:morgen|übermorgen|(?:am|bis) \w+tag)\b", found["rest"], re.IGNORECASE):
        return None
    verb = (found["verb"] or found["inverted"]).lower()
    rest = _ENDS.split(found["rest"])[0]
    if verb in _NO_TASK or len(rest.split()) < _FEWEST_WORDS - 1 or len(rest.split()) >= _MOST_WORDS:
        return None
    return f"{rest[:1].upper()}{rest[1:]} {found['particle'] or ''}{verb}n"
