"""What may follow "I" or "we" where it holds for good: what one does again and again, likes, can and can't."""

from common.llm.own_words.tables import Table
from common.llm.own_words.words import (
    ALWAYS,
    AT_LEISURE,
    CRAFT,
    DOING,
    DUTIES,
    EVERY,
    EXERCISE,
    GETTING,
    IDLE,
    LIKING,
    NO_CRAFT,
    NOT_IT,
    POINTED_AT,
    PROPER,
    ROUTINE,
    SOMETHING,
    TICS,
    TURNED,
    UNABLE,
    WARES,
)

DOING_AND_LIKING = Table(
    (7, r"take (?:[\w-]+ ){1,3}(?:for my|every|daily|twice|once)"),
    (6, rf"(?:{TURNED} )*(?:{LIKING})\b (?!{POINTED_AT}){SOMETHING}"),
    (6, rf"(?:speak|understand) (?:(?:fluent|some|both|good|basic|a little|a bit of|no) )?{PROPER}"),
    (6, rf"{DOING} (?!{IDLE}\b){SOMETHING}"),
    (6, rf"{CRAFT} (?!{NO_CRAFT}\b)(?:[\w-]+ )?[\w-]+(?<!s)s\b"),
    (
        6,
        (
            r"(?:write|work|drive|fly|cook|teach|coach|design|translate|play|sing) for (?!fun\b|it\b|you\b"
            r"|me\b|them\b|him\b|her\b|now\b)(?:an?|the|several|some) (?!while|day|week|minute|bit|hour|moment"
            r"|weekend|night|first|last|next)\w"
        ),
    ),
    (
        6,
        (
            r"keep (?:an?|one|two|three|four|five|some|\d+)?(?: \w+){0,2} ?(?:bees|chickens|hens|goats|sheep"
            r"|horses|ponies|pigs|rabbits|dogs|cats|snakes?|fish|ducks|parrots?|alpacas|tortoises?)\b"
        ),
    ),
    (
        5,
        (
            r"(?:cannot|do not) do (?!(?:it|that|this|anything|much|more|so|the|a|an|any|all|both|well|without"
            r"|lunch|dinner|six|seven|eight|nine|ten|tomorrow|today|tonight|\w+day|morning|afternoon"
            r"|evening)\b)(?!my|your|his|her|their|our)\w+(?: media| food| sports| talk)?$"
        ),
    ),
    (6, rf"make (?:(?:my|our) own \w|{WARES}\b)"),
    (
        6,
        (
            r"(?:do not|never) (?:drive|smoke|drink|eat|own|cook|swim|fly|work|use)\b"
            r"(?! (?:\w+ )?(?:that|this|the|it|now|today|tonight)\b)"
        ),
    ),
    (
        6,
        (
            r"do (?:triathlons|marathons|yoga|pilates|karate|judo|crossfit|ballet|improv|stand-up|pottery|ceramics"
            r"|archery|fencing|boxing|tai chi|calligraphy|magic|voluntary work|night duty)\b"
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
            r"sit on (?:the|a|our) (?:\w+ )?(?:board|council|committee|jury|panel)|do not [a-z]+ (?!it\b"
            r"|that\b|this\b|them\b|him\b|her\b).*any ?more$"
            r"|do (?:the )?(?:night|early|late) shifts?"
        ),
    ),
    (6, rf"struggle with {NOT_IT}\w|report to (?:the|my|our|two|three) \w"),
    (5, rf"never (?:go back to|buy|use|drink|eat|drive|live|fly|work|own|touch|take|wear|trust|vote) {SOMETHING}"),
    (5, rf"know (?:sign language|how to (?!get|do|say)\w|karate|judo|{PROPER}$)"),
    (5, rf"can (?:juggle|sew|knit|ski|weld|code|sail|(?:speak|read) {PROPER}|read music|play the \w|fly a )"),
    (5, r"need (?:(?:total|absolute|complete|some) )?(?:silence|quiet|darkness|music|noise|\w+ hours of sleep)\b"),
    (5, r"try to (?:avoid|quit|run|eat|swim|walk|learn|lose weight|cut down|save|give up|live|sleep|cook|read)\b"),
    (
        5,
        (
            r"(?:look after|oversee|handle|maintain|administer|moderate) (?:the|our|all) (?!rest\b|kids\b"
            r"|baby\b|others?\b|dog\b|thing\b)\w"
        ),
    ),
    (
        6,
        (
            r"(?:cannot|do not) (?:hear|see) (?:(?:anything|much|well|a thing|so well|properly|colou?rs)"
            r" ?)?(?:(?:on|in|with|out of) (?:the|my) (?:left|right|one|ears?|eyes?)\b|at night)"
        ),
    ),
    (5, rf"(?:handle|oversee|look after|take care of|do) (?:the|our) {DUTIES}\b"),
    (5, rf"listen to {NOT_IT}(?!me\b|you\b|what\b)\w"),
    (5, r"(?:drive|cycle|walk|ride|commute|travel) (?:[\w-]+ ){0,3}to (?:my|our|work|school)\b"),
    (5, r"(?:drive|ride) (?:a|an|my) \w"),
    (7, r"work (?:\w+days?|weekends|nights|evenings|mornings|part|full|shifts|two jobs|three jobs)\b"),
    (5, r"(?:go to bed|get up|wake up|(?:start|finish|begin)(?: work)?) (?:at|around|before|after) "),
    (5, rf"(?!only have\b){ALWAYS} {ROUTINE}\b {SOMETHING}"),
    (5, rf"{EXERCISE} (?:\S+ ){{0,6}}{EVERY}(?!\w)"),
    (5, rf"(?:{EXERCISE}|{CRAFT}|hike|garden) {AT_LEISURE}\b"),
)
"""What one does again and again, is able to, and likes."""
