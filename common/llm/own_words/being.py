"""What may follow "I am" or "we are" where it holds for good."""

from common.llm.own_words.tables import Table
from common.llm.own_words.words import (
    AGE,
    AILING,
    DEGREE,
    FIELD,
    LIFE,
    MEDICINE,
    NO_TRAIT,
    OFFICE,
    PEOPLE,
    PROPER,
    TRAIT,
)

BEING = Table(
    (9, rf"(?:{DEGREE} )?{AILING}\b"),
    (
        7,
        (
            rf"(?:(?:also|actually|still|half|a|an|the|only|more|really|very|pretty|quite|so) )*"
            rf"(?:{TRAIT}\b|from (?!now|then|there|it\b|the\b)|in {FIELD}\b|{PEOPLE})"
        ),
    ),
    (7, rf"an? (?!{NO_TRAIT}\b)\w"),
    (7, r"the only (?!one\b|person\b|way\b|thing\b)\w+(?: \w+)? (?:in|on|at|of|who|here)\b"),
    (7, rf"(?:(?:almost|already|over) )?{AGE}(?:$| in\b| last\b| this\b| now\b)"),
    (7, rf"the (?:\w+ )?{OFFICE} (?:(?:of|at|for) \w|(?:here|there|around here)$)"),
    (
        6,
        (
            r"an? (?:terrible|great|good|bad|lousy|light|heavy|slow|fast|decent|strong|keen|restless|passionate)"
            r" (?:\w+(?:er|or|ist)|cook|parent|listener)\b(?! of)"
        ),
    ),
    (
        6,
        (
            r"missing (?:half )?(?:an?|two|three|part of|my) \w|expecting(?:$| in\b| a (?:baby|child)\b|"
            r" our\b| twins)|leaving"
            r" (?:the (?:firm|company|bank|church|party|city|country|army|band|team)|my (?:job|husband|wife)"
            r"|(?-i:[A-Z]))"
        ),
    ),
    (
        7,
        (
            r"(?:gay|lesbian|bisexual|trans|transgender|queer|non-binary)\b|\w+ (?:years|months|semesters|terms)"
            r" into my \w|left with one \w"
        ),
    ),
    (
        7,
        (
            r"on (?:an?|my) (?:[\w-]+ ){0,3}(?:diet|pension|visa|scholarship|contract|waiting list|low income)\b"
            r"|in (?:therapy|debt|a union)\b|with the (?-i:[A-Z])\w+"
        ),
    ),
    (7, r"(?:looking after|caring for|taking care of) my \w"),
    (7, rf"taking (?:{MEDICINE}|antibiotics|(?:\w+ )?(?:lessons|classes)|a \w+ (?:class|course))"),
    (
        7,
        (
            r"(?:\w+ (?:weeks|months) pregnant|(?:type )?(?:A|B|AB|O) (?:positive|negative)|(?:always |already"
            r" |usually )?up (?:at|by|before) \w)"
        ),
    ),
    (7, r"(?:divorced|separated|remarried|widowed)\b"),
    (
        7,
        (
            rf"(?:almost |already )?turning {AGE}\b|in (?:a wheelchair|recovery|remission|my (?:\w+"
            rf" )?(?:thirties|forties|{AGE}s))\b"
        ),
    ),
    (
        7,
        (
            r"(?:also |still )?(?:doing|taking|attending) (?:an?|my|some) (?:[\w-]+ )?(?:course|class|degree"
            r"|apprenticeship|training)\b"
        ),
    ),
    (
        7,
        (
            r"(?:waiting|on the (?:waiting )?list) for (?:an?|my) (?:new )?(?:kidney|liver|heart|transplant"
            r"|visa|citizenship|hip|knee)\b"
        ),
    ),
    (7, r"(?:getting|going through a) (?:married|divorced|divorce|a divorce)\b|retiring (?:in|at|next|this)\b"),
    (
        7,
        (
            rf"(?:moving|relocating|emigrating) (?:back )?(?:to|into|in with) (?:{PROPER}|my |a |the (?:country"
            rf"|coast|city|countryside)|our )"
        ),
    ),
    (
        7,
        (
            rf"(?:dating|seeing|engaged to|going out with) (?:{PROPER}|someone|somebody)|trying for (?:an?"
            rf"|our|another) (?:\w+ )?(?:baby|child)"
            rf"|going (?:blind|deaf)\b"
        ),
    ),
    (
        6,
        (
            r"the one with the [\w ]+ (?:on|in|at|by) the \w+$|the (?:godfather|godmother|guardian|grandfather"
            r"|grandmother|father|mother) of \w"
        ),
    ),
    (6, r"(?:also )?(?:cutting down|cutting back) on \w|with (?-i:[A-Z])\w+(?: (?-i:[A-Z])\w+)? (?:for|since)\b"),
    (6, r"(?:between jobs|out of work|one of (?:two|three|four|five|six|seven|eight|nine|ten)\b)"),
    (6, r"not (?:an? )?(?:\w+ )?(?:fan of|person$|religious|married|into|allergic|good with|from here|much of a)"),
    (6, r"no (?:fan|drinker|swimmer|cook|dancer|morning person|good (?:at|with))"),
    (6, r"not allowed to (?:eat|drink|drive|lift|smoke|fly|run)|used to \w+ing|at my best"),
    (
        6,
        (
            r"the first (?:one |person )?(?:in|of) (?:my|the|our) family|recovering from an? |(?:named"
            r"|called) (?-i:[A-Z])"
        ),
    ),
    (
        5,
        (
            r"(?:the one|one of those|the (?:type|kind|sort)(?: of person)?|someone|somebody) who"
            r" (?!\w+ed\b|was\b|is\b)\w+s? "
        ),
    ),
    (5, rf"(?:hoping|planning) (?:to )?{LIFE}"),
)
"""Who one is: trade and field, health and age, kin and faith, what one is good at or afraid of."""
