"""The common word for what people say in many: "a lefty" is left-handed, what one can't stand one dislikes."""

import re

_AFRAID = (
    r"(?:(?:absolutely|really|so|totally|a bit|quite|still) )*(?:terrified|scared|petrified|frightened|scared"
    r" stiff|deathly afraid)"
)
_GERUND = {"drink": "drinking alcohol", "smoke": "smoking", "drive": "driving", "run": "running", "swim": "swimming"}
_TERMS = (
    (
        r"^am (?:an? )?(?:complete |total |natural )?(?:lefty|left hander|left-hander|southpaw|left handed)\b",
        "am left-handed",
    ),
    (rf"^am {_AFRAID} (?=of\b)", "am afraid "),
    (
        (
            r"^(?:cannot|could never) do (?=(?:heights|crowds|spiders|needles|elevators|lifts|planes|dogs"
            r"|snakes|flying)\b)"
        ),
        "am afraid of ",
    ),
    (r"^cannot (?:stand|bear|abide) (?=\w)", "dislike "),
    (r"^am on (?P<shift>(?:night|late|early) shifts?)\b", r"work \g<shift>"),
    (r"^work the (?P<shift>(?:night|late|early) shift)\b", r"work \g<shift>s"),
    (r"^did (?P<what>(?!my\b|an?\b|the\b)[a-z]+) (?=(?:in|at) )", r"studied \g<what> "),
    (r"^do not drink(?: alcohol)?$", "do not drink alcohol"),
    (r"^do not touch (?P<what>alcohol|meat|cigarettes)\b", r"avoid \g<what>"),
    (r"^am (?P<what>\w+ years) sober$", r"have been sober for \g<what>"),
    (r"^(?:have )?given? up the (?=drink|booze|cigarettes)", "stopped "),
)
_COMMON = tuple((re.compile(pattern, re.IGNORECASE), plain) for pattern, plain in _TERMS)
_NO_MORE = re.compile(r"^do not (?P<verb>[a-z]+)(?P<what> .+?)? any ?more$", re.IGNORECASE)


def in_common_terms(predicate: str) -> str:
    """What follows "I", with what is said in many ways said in one."""
    if (ended := _NO_MORE.match(predicate)) is not None:
        verb, what = ended["verb"].lower(), ended["what"] or ""
        return f"stopped {_gerund(verb, alone=not what)}{what}"
    for pattern, plain in _COMMON:
        predicate = pattern.sub(plain, predicate)
    return predicate


def _gerund(verb: str, *, alone: bool) -> str:
    if alone and verb in _GERUND:
        return _GERUND[verb]
    if verb in _GERUND:
        return _GERUND[verb].partition(" ")[0]
    return f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing"
