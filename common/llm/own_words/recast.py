"""The same with its subject first: "What I love is gardening", "Having four kids, …", "It's cats I'm allergic to"."""

import re

from common.llm.own_words.words import AGE, MEDICINE, TRAIT

_BARE = {
    "being": "am",
    "having": "have",
    "living": "live",
    "working": "work",
    "running": "run",
    "owning": "own",
    "teaching": "teach",
    "studying": "study",
    "raising": "raise",
    "playing": "play",
    "coming": "come",
    "growing": "grew",
    "suffering": "suffer",
}
"""What somebody is, has and does for long, as it is said in passing."""
_DOING = rf"(?P<doing>{'|'.join(_BARE)})"
_FATE = (
    "trouble|problem|thing|joy|price|downside|upside|beauty|curse|advantage|part|perks?|drawback|worst of it|best of it"
)
_FRONTED = re.compile(
    (
        rf"^(?:(?:well|so|and|but|yeah|no|oh|honestly|sorry),? )*{_DOING} (?P<rest>[^,]{{3,60}}), (?=(?:I|[Ww]e"
        rf"|[Yy]ou|[Mm]y|it)\b)"
    ),
    re.IGNORECASE,
)
_OF = re.compile(
    rf"\b(?:{_FATE}) (?:of|with|about|is) {_DOING} (?P<rest>(?!(?:the one|this|that|it)\b)[^,]{{3,60}})$", re.IGNORECASE
)
_LASTED = re.compile(
    (
        r"^(?:(?:well|so|and|but|yeah|no|oh),? )*(?P<long>\w+ (?:years|decades|months)) (?P<who>I|[Ww]e) have"
        r" (?P<what>been [^,;]+)"
    ),
    re.IGNORECASE,
)
_VERB = (
    r"(?P<verb>(?:really |always |still )?(?:love|like|hate|enjoy|miss|play|teach|study|collect|fear|dislike|prefer))"
)
_TURNED = (
    (
        re.compile(
            rf"\b(?:what|all|the (?:only )?(?:thing|one thing)(?: that)?) I {_VERB}(?: most| best)? is (?P<what>\w.*)$",
            re.IGNORECASE,
        ),
        r"I \g<verb> \g<what>",
    ),
    (
        re.compile(
            r"\bit(?:'s| is) (?P<what>(?:[\w-]+ ){0,2}[\w-]+) (?:that )?I (?P<verb>(?:am (?:allergic to"
            r"|afraid of|scared of|into))"
            r"|love|hate|play|teach|study|collect)\b",
            re.IGNORECASE,
        ),
        r"I \g<verb> \g<what>",
    ),
    (
        re.compile(
            r"^(?P<what>(?!(?i:that|this|it|which|here|there|what)\b)(?:[\w'-]+ ){0,2}[\w'-]+) is (?:the"
            r" only|my kind of|the) "
            r"(?:\w+ )?(?:that )?I (?P<verb>like|love|hate|play|do|eat|drink|speak|enjoy)$",
            re.IGNORECASE,
        ),
        r"I \g<verb> \g<what>",
    ),
    (re.compile(r"\bmy (?:big )?thing is (?P<what>(?!that\b|to\b|I\b|not\b)\w.*)$", re.IGNORECASE), r"I love \g<what>"),
    (re.compile(r"\b(?:[Ss]ince|[Aa]fter|[Nn]ow that) I (?:have )?retired\b,?"), "I am retired,"),
    (re.compile(r"\b[Mm]y (?P<who>wife|husband|partner|girlfriend|boyfriend) and I met\b"), r"I met my \g<who>"),
    (
        re.compile(
            r"\bfor me (?:it is|it's) (?:always |only |just )(?P<what>(?!the\b|that\b|this\b|a matter)\w.*)$",
            re.IGNORECASE,
        ),
        r"I prefer \g<what>",
    ),
    (re.compile(rf"\b(?:put|started|has|have|keeps?) me on (?=(?:{MEDICINE}|an? \w+ diet)\b)"), "told me, I take "),
    (re.compile(rf"^[Bb]eing (?P<trait>{TRAIT}|an? \w+) (?=(?:I|we|my) )"), r"I am \g<trait>, "),
    (re.compile(r"\bthe name(?:'s| is) (?=(?-i:[A-Z]))", re.IGNORECASE), "my name is "),
    (re.compile(rf"\bI(?:'ll| will) (?:be|turn) (?=(?:a )?{AGE}\b)"), "I am turning "),
    (re.compile(rf"\bI(?: am| was) going to be (?=(?:a )?{AGE}\b)"), "I am turning "),
    (re.compile(rf"\bI turn (?={AGE}\b)"), "I am turning "),
    (
        re.compile(
            r"\b(?:nobody|no one|people do not) (?:ever )?calls? me \w+, (?:it is|it's|they say|just) (?=(?-i:[A-Z]))"
        ),
        "my name is ",
    ),
)
_ELLIPTIC = re.compile(
    r"^(?:(?:well|so|and|but|yeah|yes|no|oh|honestly|sorry|actually),? )*(?:"
    r"(?P<have>(?:always |never |just |only )?been (?:in|at|here|with|married|vegan|vegetarian|a|an|doing"
    r"|playing|living"
    r"|working|to)\b|never (?:learned|smoked|married|been|had|eaten|owned|driven)\b)"
    r"|(?P<past>(?:born|raised) (?:in|on|and)\b)"
    r"|(?P<plain>grew up\b|moved (?:here|to|from)\b|used to (?:live|work|be|play|have|smoke|teach|own|run|study)\b"
    r"|(?:studied|worked|lived|trained|retired|married) (?:in|at|for|as|with|to|from)\b|cannot (?:stand"
    r"|eat|drink|have)\b"
    r"|(?:love|hate|prefer) (?!it|that|this|you|the|to)\w|do not (?:eat|drink|drive|smoke|like)\b(?! (?:it"
    r"|that|this|the)\b)"
    r"))",
    re.IGNORECASE,
)


def recast(sentence: str) -> str:
    """The sentence with "I" or "my" before what it says of the speaker.

    Args:
        sentence: of theirs, with contractions written out.
    """
    for pattern, plain in _TURNED:
        sentence = pattern.sub(plain, sentence)
    sentence = _FRONTED.sub(lambda found: f"I {_told(found)}, ", sentence)
    if (fate := _OF.search(sentence)) is not None and " you" not in sentence:
        sentence = f"{sentence[: fate.start()]}; I {_told(fate)}"
    sentence = _LASTED.sub(r"\g<who> have \g<what> for \g<long>", sentence)
    if (bare := _ELLIPTIC.match(sentence)) is not None:
        said = next(text for text in bare.groups() if text)
        rest = sentence[bare.end() :]
        sentence = f"I {'have ' if bare['have'] else 'was ' if bare['past'] else ''}{said[0].lower()}{said[1:]}{rest}"
    return sentence


def _told(found: re.Match[str]) -> str:
    return f"{_BARE[found['doing'].lower()]} {found['rest']}"
