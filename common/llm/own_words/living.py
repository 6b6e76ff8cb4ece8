"""What may follow "I" or "we" where it tells of a life: where one lives and works, and what became of one."""

from common.llm.own_words.belongings import HAD
from common.llm.own_words.tables import Table
from common.llm.own_words.words import (
    AGE,
    AS_WHAT,
    FEW,
    FOUNDED,
    HABITS_LEFT,
    LEFT,
    LIFE,
    LOST_OR_LEFT,
    MEDICINE,
    NOT_IT,
    OFFICE,
    PASSING,
    PROPER,
    SCHOOLED,
    SOMETHING,
    WHERE,
)

LIVING = Table(
    (9, r"was diagnosed with|suffer from"),
    (9, rf"(?:cannot|do not|never) (?:eat|drink|have|tolerate|digest) {SOMETHING}"),
    (
        8,
        (
            rf"live {WHERE} (?!{PASSING}\b)|live (?:[\w-]+ ){{1,2}}(?:streets?|doors?|minutes?|floors?|miles?"
            rf"|blocks?|hours?|kilometres) "
        ),
    ),
    (
        7,
        (
            r"lost (?:an?|my|two|three|one|both) (?:[\w-]+ )?(?:fingers?|toes?|legs?|arms?|eyes?|hands?|thumb|foot"
            r"|kidney|breast|baby)\b|lost (?:our|the) baby\b"
        ),
    ),
    (6, r"met my (?:wife|husband|partner|girlfriend|boyfriend)\b|got (?:the|our|this|my) \w+ from my \w"),
    (5, r"(?:\w+ed|ran|won|wrote|drove|flew|swam|sang) (?!it\b|that\b|this\b|him\b|her\b|them\b|you\b|me\b).+ once$"),
    (
        5,
        (
            rf"was an? (?:\w+ )?(?:{OFFICE}|nurse|chef|vet|clerk|cook|monk|nun|priest|soldier|student) (?:before"
            rf"|until|back|in|at|when|for)\b"
        ),
    ),
    (8, rf"(?:grew up|was raised|come from|was born) (?:{WHERE} )?(?!fast|quick|{PASSING}\b)"),
    (8, r"(?:moved|settled|emigrated) (?:to|from|in|here|into|out|near|back)\b"),
    (8, rf"work {AS_WHAT}\b(?: (?!{PASSING}\b)|$)"),
    (8, rf"(?:co-?founded|founded|started|launched|opened) {FEW}{FOUNDED}\b"),
    (8, rf"(?:own|adopted|bought) {FEW}{HAD}\b|bought (?:this|our) (?:place|house|flat|apartment|farm)\b"),
    (8, rf"take {MEDICINE}\b"),
    (8, r"had (?:an? |\w+ )(?:stroke|heart attack|transplant|bypass|operations|surgeries|miscarriages?)\b"),
    (6, r"had (?:an? )?\w.* (?:in \d{4}|as an? (?:kid|child)|when I was \w+|\w+ years ago)$|get married\b"),
    (7, rf"turned {AGE}(?:$| in\b| last\b| this\b)"),
    (7, rf"(?:{LOST_OR_LEFT}|inherited)\b"),
    (7, rf"(?:did|wrote|finished) (?:my|an?) {SCHOOLED}\b"),
    (7, r"(?:spent (?:(?:most|half|all) of my|\w+ years|my)|was in the (?:army|navy|police|reserves))\b"),
    (7, r"keep (?:a diary|a journal|bees|chickens|hens|goats|sheep|horses|pigs|rabbits|kosher)\b"),
    (7, r"rent (?:out )?(?:an?|our|my)\b"),
    (
        7,
        (
            r"(?:got|were) (?:divorced|separated|remarried|widowed)\b|got married\b|retired\b(?! hurt)|served"
            r" (?:in|with|on|at) "
        ),
    ),
    (7, r"did (?:my|an?|two|three) (?:[\w-]+ )?(?:tours?|internships?|semesters?|residency|gap year)\b"),
    (
        6,
        (
            r"won (?:an?|the|two|three|my) .*(?:contest|prize|award|championships?|medals?|scholarship|lottery"
            r"|election|cup|tournament)\b"
        ),
    ),
    (
        7,
        (
            rf"came (?:here|over|to {PROPER})? ?(?:from {PROPER}|in \d{{4}}|as an? )|(?:gave|donated) (?:an?|my)"
            rf" (?:kidney|liver|bone marrow)"
        ),
    ),
    (7, r"married (?:my|a|young|at|into|(?-i:[A-Z]))"),
    (7, rf"adopted (?:{PROPER}|an? )|had (?:my \w+ (?:\w+ed|out|done|fixed)\b|surgery|an operation)"),
    (
        7,
        (
            r"got (?:promoted|hired|fired|laid off|engaged|my (?:[\w']+ ){0,2}(?:licen[cs]e|degree|diploma"
            r"|citizenship|papers|green card|black belt|phd|certificate))\b"
            r"|handed in my notice"
        ),
    ),
    (7, r"(?:built|made|designed|founded|opened|started) (?:my|our) own \w|did \w+ at (?:university|school|college)"),
    (7, rf"did (?!my\b|an?\b|the\b|it\b|that\b|this\b|some\b|well\b)\w+ (?:in|at) {PROPER}"),
    (6, r"had to (?:stop|quit|give up) \w+ing\b|do research (?:on|in|into) "),
    (7, r"(?:trained|retrained|qualified) as an? |dropped out of |took over (?:the|a|my) "),
    (6, rf"once (?:(?:lived|worked|studied) {WHERE}|was an? (?!boy|girl)|worked (?:as|for)) ?{SOMETHING}"),
    (
        6,
        (
            r"once (?:founded|opened|bought|moved (?:to|from|here)|adopted|joined|quit|retired|graduated|became|lost"
            r"|started at|got)\b(?=.* \w)(?! (?:it|this|that|them)\b)"
        ),
    ),
    (6, r"joined (?:the|an?|this|our|my) (?!call|meeting|others?|rest|queue|line|zoom)\w|started (?:at|as) "),
    (6, r"switched (?:from|to) |divorced\b|ran (?:my first|an?|\w+) marathons?\b"),
    (6, rf"(?:decided|chose) (?:not )?to (?:{LIFE}|leave|quit|sell|marry|stay in|go vegan)"),
    (6, rf"{LEFT} (?:{HABITS_LEFT}\b|\w+ing\b)|gave up (?!on\b|it\b|the\b|trying\b|waiting\b|my (?:seat|place))\w"),
    (
        6,
        (
            r"never (?:learned|finished|married|liked|smoked|went to|graduated|owned|wanted|had)\b"
            rf"(?:$| {NOT_IT})"
        ),
    ),
    (5, r"(?:worked (?:as|at|for|in)|was an?) .+ for (?:\w+ ){0,2}(?:years|months|summers|winters|seasons)\b"),
    (
        6,
        (
            r"(?:lived|worked|studied|trained|taught|was an?) .+ (?:in my \w+|as an? (?:\w+ )?(?:kid|child"
            r"|student|teenager)|in \d{4})$"
        ),
    ),
    (
        6,
        (
            r"hold (?:an?|two|three|both|dual) .*(?:passports?|citizenship|licen[cs]e|record)|pay .{1,40}"
            r" (?:in|of) (?:rent|alimony)"
        ),
    ),
    (5, r"used to (?!it\b|that\b|this\b|the\b|think\b|say\b|know\b|wonder\b|hear\b|believe\b|see\b|get\b)[a-z]+ \w"),
    (
        6,
        (
            r"(?:drink|take|like|eat|have) my (?:coffee|tea|eggs|steak|whisky|curry) \w|make (?:a|my) living \w+"
            r" \w|met (?:online|at (?:school|university|work|college)|through )"
        ),
    ),
    (
        5,
        (
            r"(?:also |still |only )?(?:paint|knit|sew|surf|ski|juggle|garden|bake|sculpt|volunteer|freelance|fish"
            r"|sail|crochet|box|fence|stammer|limp)$"
        ),
    ),
    (5, r"used to (?:live|work|be|play|have|smoke|teach|own|run|study|serve)\b"),
    (5, r"(?:hurt|broke|injured|tore) my \w+ .*(?:years ago|as a (?:kid|child)|in \d{4})"),
    (5, rf"learned (?:to (?!live with|love|say|accept)\w|how to |{PROPER})"),
    (5, r"took up (?!it\b|the (?:offer|phone|challenge))\w"),
    (5, rf"(?:do not )?(?:want|hope|plan|dream of|aim|intend) (?:(?:to )?{LIFE}|(?:kids|children)\b)"),
)
"""How one lives, and what became of it."""
