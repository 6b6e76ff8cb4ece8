"""What may follow "I" or "we" where it holds for good: where one lives, what one does, likes, can't and plans."""

from common.llm.own_words.tables import Table
from common.llm.own_words.words import (
    AGE,
    ALWAYS,
    AS_WHAT,
    AT_LEISURE,
    CRAFT,
    DOING,
    DUTIES,
    EVERY,
    EXERCISE,
    FEW,
    FOUNDED,
    GETTING,
    HABITS_LEFT,
    HAD,
    IDLE,
    LEFT,
    LIFE,
    LIKING,
    LOST_OR_LEFT,
    MEDICINE,
    NO_CRAFT,
    PASSING,
    POINTED_AT,
    PROPER,
    ROUTINE,
    SCHOOLED,
    SOMETHING,
    TICS,
    TURNED,
    UNABLE,
    WARES,
    WHERE,
)

_NOT_IT = r"(?!the\b|that\b|this\b|it\b|them\b|him\b|her\b)"

LIVING = Table(
    (9, r"was diagnosed with|suffer from"),
    (9, rf"(?:cannot|do not|never) (?:eat|drink|have|tolerate|digest) {SOMETHING}"),
    (8, rf"live {WHERE} (?!{PASSING}\b)"),
    (8, rf"(?:grew up|was raised|come from|was born) (?:{WHERE} )?(?!fast|quick|{PASSING}\b)"),
    (8, r"(?:moved|settled|emigrated) (?:to|from|in|here|into|out|near|back)\b"),
    (8, rf"work {AS_WHAT}\b(?: (?!{PASSING}\b)|$)"),
    (8, rf"(?:co-?founded|founded|started|launched|opened) {FEW}{FOUNDED}\b"),
    (8, rf"(?:own|adopted|bought) {FEW}{HAD}\b"),
    (8, rf"take {MEDICINE}\b"),
    (8, r"had (?:an? |\w+ )(?:stroke|heart attack|transplant|bypass|operations|surgeries|miscarriages?)\b"),
    (7, rf"turned {AGE}(?:$| in\b| last\b| this\b)"),
    (7, rf"(?:{LOST_OR_LEFT}|inherited)\b"),
    (7, rf"(?:did|wrote|finished) (?:my|an?) {SCHOOLED}\b"),
    (7, r"(?:spent (?:(?:most|half|all) of my|\w+ years|my)|was in the (?:army|navy|police|reserves))\b"),
    (7, r"keep (?:a diary|a journal|bees|chickens|hens|goats|sheep|horses|pigs|rabbits|kosher)\b"),
    (7, r"rent (?:out )?(?:an?|our|my)\b"),
    (7, r"(?:got|were) (?:divorced|separated|remarried|widowed)\b|got married (?:to|in)\b"),
    (7, r"married (?:my|a|young|at|into|(?-i:[A-Z]))"),
    (7, rf"adopted (?:{PROPER}|an? )|had (?:my \w+ \w+ed\b|surgery|an operation)"),
    (
        7,
        (
            r"got (?:promoted|hired|fired|laid off|engaged|my (?:licen[cs]e|degree|diploma|citizenship))\b"
            r"|handed in my notice"
        ),
    ),
    (7, r"(?:built|made|designed|founded|opened|started) (?:my|our) own \w|did \w+ at (?:university|school|college)"),
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
            rf"(?:$| {_NOT_IT})"
        ),
    ),
    (5, r"(?:worked (?:as|at|for|in)|was an?) .+ for (?:\w+ ){0,2}(?:years|months)\b"),
    (5, r"used to (?:live|work|be|play|have|smoke|teach|own|run|study|serve)\b"),
    (5, r"(?:hurt|broke|injured|tore) my \w+ .*(?:years ago|as a (?:kid|child)|in \d{4})"),
    (5, rf"learned (?:to (?!live with|love|say|accept)\w|how to |{PROPER})"),
    (5, r"took up (?!it\b|the (?:offer|phone|challenge))\w"),
    (5, rf"(?:do not )?(?:want|hope|plan|dream of|aim|intend) (?:(?:to )?{LIFE}|(?:kids|children)\b)"),
)
"""How one lives, and what became of it."""

DOING_AND_LIKING = Table(
    (7, r"take (?:[\w-]+ ){1,3}(?:for my|every|daily|twice|once)"),
    (6, rf"(?:{TURNED} )*(?:{LIKING})\b (?!{POINTED_AT}){SOMETHING}"),
    (6, rf"(?:speak|understand) (?:(?:fluent|some|both|good|basic|a little|a bit of|no) )?{PROPER}"),
    (6, rf"{DOING} (?!{IDLE}\b){SOMETHING}"),
    (6, rf"{CRAFT} (?!{NO_CRAFT}\b)(?:[\w-]+ )?[\w-]+(?<!s)s\b"),
    (6, rf"make (?:(?:my|our) own \w|{WARES}\b)"),
    (
        6,
        (
            r"(?:do not|never) (?:drive|smoke|drink|eat|own|cook|swim|fly|work|use)\b"
            r"(?! (?:\w+ )?(?:that|this|the|it|now|today|tonight)\b)"
        ),
    ),
    (6, r"do not do (?!it\b|that\b|this\b|the\b|anything|much|so)\w"),
    (6, rf"get (?:(?:so|really|very|easily|terribly|awfully|always|badly|bad|terrible) )*{GETTING}\b"),
    (6, r"(?:wear|need) (?:reading )?(?:glasses|contacts|contact lenses|hearing aids?|a hearing aid|size)\b"),
    (6, rf"cannot (?:{UNABLE}\b|(?:run|walk|sit|kneel|lift|climb|bend) (?:on|for|more|without|far|long)\b)"),
    (6, rf"{TICS}|sing (?:alto|soprano|tenor|bass|baritone)\b"),
    (6, r"go to (?:church|mass|therapy|the gym|synagogue|the mosque|temple)\b|react badly to|get sick (?:in|on) "),
    (6, r"give (?:\w+ )?(?:lessons|classes|courses|tours|concerts|workshops)"),
    (
        6,
        (
            r"sit on (?:the|a|our) (?:\w+ )?(?:board|council|committee|jury|panel)|do not [a-z]+ .*any ?more$"
            r"|do (?:the )?(?:night|early|late) shifts?"
        ),
    ),
    (6, rf"struggle with {_NOT_IT}\w|report to (?:the|my|our|two|three) \w"),
    (5, rf"never (?:go back to|buy|use|drink|eat|drive|live|fly|work|own|touch|take|wear|trust|vote) {SOMETHING}"),
    (5, rf"know (?:sign language|how to (?!get|do|say)\w|karate|judo|{PROPER}$)"),
    (5, rf"can (?:juggle|sew|knit|ski|weld|code|sail|(?:speak|read) {PROPER}|read music|play the \w|fly a )"),
    (5, r"need (?:silence|quiet|total darkness|music|noise|\w+ hours of sleep)\b"),
    (5, r"try to (?:avoid|quit|run|eat|swim|walk|learn|lose weight|cut down|save|give up|live|sleep|cook|read)\b"),
    (5, rf"(?:handle|oversee|look after|take care of|do) (?:the|our) {DUTIES}\b"),
    (5, rf"listen to {_NOT_IT}(?!me\b|you\b|what\b)\w"),
    (5, r"(?:drive|cycle|walk|ride|commute|travel) (?:[\w-]+ ){0,3}to (?:my|our|work|school)\b"),
    (5, r"(?:drive|ride) (?:a|an|my) \w"),
    (5, r"(?:go to bed|get up|wake up|start work) (?:at|around|before|after) "),
    (5, rf"{ALWAYS} {ROUTINE}\b {SOMETHING}"),
    (5, rf"{EXERCISE} (?:\S+ ){{0,6}}{EVERY}(?!\w)"),
    (5, rf"(?:{EXERCISE}|{CRAFT}|hike|garden) {AT_LEISURE}\b"),
)
"""What one does again and again, is able to, and likes."""
