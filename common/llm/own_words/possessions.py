"""What somebody has, from how it is spoken of: "my daughter" says that there is one, whatever is asked of her.

What "my" stands before is taken for granted even in a question or a condition, so it holds there too. Listed is what
one has for years and not everybody has: kin other than parents, animals, work, illnesses, things.
"""

import re
from collections.abc import Iterator

MINE, YOURS = frozenset({"my", "our"}), frozenset({"your"})
_KINDS = (
    (5, "asthma diabetes migraines arthritis epilepsy insomnia adhd dyslexia tinnitus depression pacemaker inhaler"),
    (5, "insulin wheelchair hearing_aids? celiac_disease nut_allergy pollen_allergy heart_condition allergies"),
    (
        4,
        ("wife husband girlfriend boyfriend fianc[eé]e? ex-wife ex-husband daughters? sons? kids child children twins"),
    ),
    (4, "grandson granddaughter grandchild grandchildren grandkids stepson stepdaughter stepchildren toddler"),
    (4, "students pupils patients apprentices? bakery restaurant caf[eé] shop salon brewery farm vineyard business"),
    (4, "startup company podcast bookshop workshop garage practice choir band blog gallery"),
    (4, "dogs? cats? puppy puppies kittens? pony horses? parrot rabbits? tortoise hens chickens goats bees"),
    (3, "brothers? sisters? nephews? nieces? godson goddaughter stepfather stepmother roommate flatmate"),
    (3, "telescope piano guitar violin cello drums saxophone trumpet flute clarinet harp accordion ukulele"),
    (3, "banjo trombone sailboat boat kayak motorbike motorcycle van camper caravan"),
    (3, "tractor allotment greenhouse cottage cabin houseboat orchard kiln loom darkroom sauna vinyl_collection"),
    (
        3,
        (
            "clients customers employees staff tenants garden e-bike surfboard skis easel beehives aquarium drone "
            "sourdough"
        ),
    ),
    (3, "vegetable_patch roses tomatoes hearing_aid prosthesis insulin_pump walking_stick stamp_collection records"),
    (2, "bike bicycle car mortgage therapist personal_trainer physiotherapist"),
    (3, "record_collection sewing_machine solar_panels heat_pump"),
)
_OWNED = tuple(
    (
        weight,
        re.compile(
            r"\b(?P<owner>[Mm]y|[Oo]ur|[Yy]our) (?:own )?(?P<thing>(?:(?:older|younger|eldest|oldest|youngest"
            r"|middle|twin"
            rf"|little|big|first|second|only) )?(?:{'|'.join(nouns.split()).replace('_', ' ')}))(?![\w-]| in law)"
        ),
    )
    for weight, nouns in _KINDS
)
_LESSONS = re.compile(
    r"\b(?P<owner>[Mm]y|[Oo]ur|[Yy]our) (?:weekly |next |first |last |\w+day )?"
    r"(?P<what>(?!own|next|last|first|whole|first-class|business|old|new|entire|main|lessons)[A-Za-z]+) "
    r"(?:lessons?|class|classes|course)\b"
)
_GEAR = re.compile(
    r"\b(?P<owner>[Mm]y|[Oo]ur|[Yy]our) (?P<what>bass|guitar|violin|cello|piano|trumpet|saxophone|flute) "
    r"(?:amp|strings?|teacher|case|part|solo|practice)\b"
)
_WRITTEN = re.compile(r"\b(?P<owner>[Mm]y|[Oo]ur|[Yy]our) (?P<what>thesis|dissertation|novel|memoir|album|PhD)\b")
_SHIFTS = re.compile(
    r"\b(?P<owner>[Mm]y|[Yy]our) (?:next |first |last )?(?P<what>(?:night |early |late )?shift)s?\b(?! key)"
)
_TIMES = re.compile(
    r"\b(?P<owner>[Mm]y|[Oo]ur|[Yy]our) (?P<what>(?:first|second|third|fourth|fifth|sixth|seventh|tenth) (?:half )?"
    r"(?:marathon|triathlon|novel|pregnancy|child|baby|year (?:at|as|of) \w+|semester|season|marriage))\b"
)
_SEVERAL = re.compile(r"(?:s|children|insulin|staff|epilepsy|insomnia|adhd|dyslexia|depression|disease)$")
_UNREAL = re.compile(
    r"\b(?:pretend\w*|imagin\w*|dream\w*|jok\w+|kidding|wish|if i (?:had|were)|(?:like|as|be) (?:my|your))\b",
    re.IGNORECASE,
)


def possessions(sentence: str, *, user: str, owners: frozenset[str] = MINE) -> Iterator[tuple[int, str]]:
    """What a sentence takes for granted that the user has, each with its weight.

    Args:
        sentence: of the user's, or one said to them.
        user: what they are called.
        owners: the words that mean them in it.
    """
    lowered = sentence.lower()
    if not any(f"{owner} " in lowered for owner in owners) or _UNREAL.search(sentence):
        return
    for weight, pattern in _OWNED:
        for found in pattern.finditer(sentence):
            if found["owner"].lower() in owners:
                article = "" if _SEVERAL.search(found["thing"]) else "an " if found["thing"][0] in "aeiou" else "a "
                yield weight, f"{user} has {article}{found['thing']}"
    for weight, pattern, told in (
        (4, _WRITTEN, "works on a {}"),
        (4, _SHIFTS, "works in {}s"),
        (5, _TIMES, "is on their {}"),
        (4, _LESSONS, "takes {} lessons"),
        (5, _GEAR, "plays {}"),
    ):
        for found in pattern.finditer(sentence):
            if found["owner"].lower() in owners:
                yield weight, f"{user} {told.format(found['what'])}"
