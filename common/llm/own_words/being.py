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
    (7, rf"the (?:\w+ )?{OFFICE} (?:of|at|for) \w"),
    (7, r"(?:looking after|caring for|taking care of) my \w"),
    (7, rf"taking (?:{MEDICINE}|antibiotics|(?:\w+ )?(?:lessons|classes)|a \w+ (?:class|course))"),
    (7, r"(?:divorced|separated|remarried|widowed)\b"),
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
