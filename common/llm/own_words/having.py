"""What may follow "I have" or "we have" where it holds for good: what is owned, and what has lasted until now."""

from common.llm.own_words.belongings import COMES_UP, HAD, ILLNESS
from common.llm.own_words.tables import Table
from common.llm.own_words.words import (
    A_WHILE,
    AS_WHAT,
    COUNT,
    FEW,
    FOR_LONG,
    FOUNDED,
    HABITS_LEFT,
    LEFT,
    LIFE,
    MEDICINE,
    NOT_LONG,
    PASSING,
    SOMETHING,
    TRAIT,
    WHERE,
)

_OWNED = (
    rf"(?:an?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|\d+) (?!(?:[\w-]+"
    rf" ){{0,2}}{COMES_UP}\b)(?:[\w-]+ ){{0,2}}[\w-]{{3,}}"
    r"(?!.*\b(?:at (?:\d|one|two|three|four|five|six|seven|eight|nine|ten|noon)|on (?:mon|tues|wednes"
    r"|thurs|fri|satur|sun)day"
    r"|in (?:january|february|march|april|may|june|july|august|september|october|november|december)|for you|left|to \w+"
    r"|here|this|today|tonight|tomorrow|now|yet)\b)"
)
"""What somebody has that is not one of what comes up in talk and goes again."""
HAVING = Table(
    (9, rf"(?:had )?{FEW}{ILLNESS}\b"),
    (8, rf"{FEW}{HAD}\b"),
    (8, r"had (?:an? |\w+ )(?:stroke|heart attack|transplant|bypass|operations|surgeries|miscarriages?)\b"),
    (8, rf"(?:lived|been living) {WHERE} (?!{PASSING}\b)"),
    (8, rf"(?:worked|been working) {AS_WHAT}\b(?: (?!{PASSING}\b)|$)"),
    (8, rf"(?:co-?founded|founded|started|launched|opened) {FEW}{FOUNDED}\b"),
    (7, rf"been (?!{NOT_LONG}\b|\w+ing for (?:years|ages|decades)$)(?:[\w' -]+? )?{FOR_LONG}"),
    (
        7,
        (
            rf"(?:always )?been (?:an? )?{TRAIT}\b|been (?:married (?:to|in)\b|(?:with|at|in|on) (?:the|this"
            rf"|our) \w+ (?:for|since) )"
        ),
    ),
    (
        7,
        (
            rf"been (?:seeing|dating) (?:someone|somebody|an? |(?-i:[A-Z]))|to (?:inject|wear|avoid|use (?:an?"
            rf"|my)) \w|to take (?:{MEDICINE}|my \w)"
        ),
    ),
    (7, rf"not (?:\w+ed|had|eaten|drunk|driven|flown|spoken) (?!one\b|it\b)(?:.+ )?(?:for|since) (?!{A_WHILE}\b)"),
    (
        6,
        (
            r"never (?:eaten|drunk|smoked|driven|flown|owned|had|learned|liked|lived|worked|used"
            r"|been (?:to|an?|good|able)) \w"
        ),
    ),
    (
        6,
        (
            r"never (?:been (?:abroad|skiing|married|\w+ing\b)|(?!seen|heard|thought|felt|said|known|noticed"
            r"|understood|met|really|asked|told|been|done|had|used|tried|got|made|looked|needed|wanted|liked"
            r"|forgotten|missed)\w+(?:ed|en) (?!it\b|that\b|this\b|so\b|anything\b|one\b|him\b|her\b|them\b)\w)"
        ),
    ),
    (6, rf"always (?:wanted to {LIFE}|\w+ed|had|been|known) (?!{PASSING}\b)\w"),
    (
        6,
        (
            r"(?:a (?:hard|difficult|tough) time|trouble|difficult(?:y|ies)|a (?:thing|soft spot|weakness"
            r"|talent|knack|habit)) "
            r"(?:(?:with|about|for|of) (?!the\b|that\b|this\b|it\b)\w|\w+ing\b)"
        ),
    ),
    (
        6,
        (
            r"(?:always )?(?:\w+ed|taught|known|had|run|led|kept|slept|sung|worn|driven|flown|grown)"
            rf" (?:th(?:is|at) \w|(?!the\b|one\b){SOMETHING}).*? (?:(?:for|(?:ever )?since) |all my"
            rf" life)(?!{A_WHILE}\b)"
        ),
    ),
    (
        6,
        (
            rf"(?:written|published|recorded|run|directed|won|built) {COUNT} (?:\w+ )?"
            r"(?:novels?|books?|albums?|marathons?|films?|plays?|songs|houses?|companies)"
        ),
    ),
    (6, r"joined (?:the|an?|this|our|my) (?!call|meeting|others?|rest|queue|line|zoom)\w|started (?:at|as) "),
    (6, rf"(?:decided|chosen) (?:not )?to (?:{LIFE}|leave|quit|sell|marry|stay in|go vegan)"),
    (6, rf"{LEFT} (?:{HABITS_LEFT}\b|\w+ing\b)|given up (?!on\b|it\b|the\b|trying\b|waiting\b|my (?:seat|place))\w"),
    (
        6,
        (
            r"(?:my|our) own (?!way|opinion|ideas?|views?|problems?|reasons?|stuff|version|space|time|life|pace"
            r"|money|room|mind)\w+|(?:one|two) (?:good )?(?:kidney|eye|leg|arm|hand|lung|ear|lungs|ears)\b"
        ),
    ),
    (
        5,
        (
            r"(?!been\b|needed\b|waited\b)(?:\w+(?:ed|en)|taught|run|led|kept|sung|worn|sold|built|bred|had|made)"
            r" .*?(?:for|since) (?:\w+ ){0,2}(?:years|decades|\d{4}|ages|school|university)\b"
        ),
    ),
    (
        6,
        (
            r"(?:family|relatives|roots|property|land|an? (?:small |little |second )?(?:place|flat|house|home"
            r"|room)) (?:in|near|on) (?-i:[A-Z])\w"
        ),
    ),
    (
        6,
        (
            r"(?:dialysis|chemo\w*|physio\w*|radiation|psychotherapy)\b|been to (?:every|all|most|over|\w+)"
            r" .*(?:countries|continents|states)\b"
        ),
    ),
    (5, r"(?:[\w-]+ ){1,3}(?:on (?:mon|tues|wednes|thurs|fri|satur|sun)days|every \w+day|off)\b"),
    (2, _OWNED),
    (
        3,
        (
            r"(?!been\b|needed\b|waited\b|wanted\b|missed\b)\w+(?:ed|en|ung|ught|ept|old|ade|nown|un|ead)"
            r" (?!(?:one|it|them|him|her|you|that|this)\b).*(?:since|for (?:\w+ ){0,2}(?:years|decades))\b"
        ),
    ),
    (5, r"(?:very )?(?:small|big|flat|long|weak|sensitive|bad) (?:hands|feet|skin|teeth|bones|ears|eyes)\b"),
)
