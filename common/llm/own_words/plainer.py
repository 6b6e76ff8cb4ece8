"""The same in fewer words: what people wrap a statement of themselves in, taken off before its form is judged."""

import re

from common.llm.own_words.words import LIFE, RELATIVE

_SENTENCE = (
    (r"\bI(?:'ll| will|'d| would) always (?=(?:take|choose|pick|prefer|go for|buy|order)\b)", "I always "),
    (
        (
            r"\bI(?:'d| would) never (?=(?:go back to|buy|use|drink|eat|drive|live|fly|work|own|touch|take|wear"
            r"|trust|vote)\b)"
        ),
        "I never ",
    ),
)
_CLAUSE = (
    (rf"(?:(?<=^I )am|(?<=^[Ww]e )are) going to (?={LIFE})", "plan to "),
    (r"(?<=^I )am trying to (?=quit|learn|lose|cut|give|save|eat|live)", "try to "),
    (r"\bdo not (?:really|usually|normally|ever|actually) ", "do not "),
    (r"(?<=^I )happen to be\b", "am"),
    (r"(?<=^I )happen to ", ""),
    (r"\bwhat (?:you'd|you would|they|people) call ", ""),
    (r"(?:(?<=^I )|(?<=^[Ww]e ))have (?:only |just |also |still )?got ", "have "),
    (rf"^(?:[Mm]e|I) and my {RELATIVE} |^[Mm]y {RELATIVE} and (?:I|me) ", "We "),
    (r"^(?:[Bb]oth|[Aa]ll) (?:of )?(?=(?:my|our) )", ""),
    (
        (
            r"^[Ww]e are (?:both |all )?(?!strangers|customers|partners|neighbours|others|winners|losers|lovers"
            r"|talkers)"
            r"(\w+(?:er|or|ist|ant|ian|nurse))s$"
        ),
        r"I am a \1",
    ),
)
_PREDICATE = (
    (
        (
            r"^(?:(?:really|actually|also|still|just|absolutely|truly|honestly|personally|both|all"
            r"|do(?= (?:love|like|have|enjoy|prefer|hate|live|work|own|play|speak|eat|drink|drive|run"
            r"|want))) )+(?!not\b)"
        ),
        "",
    ),
    (r"^are (?=\w)", "am "),
    (r"^(?:only|even|do not even) (?=have )", ""),
    (r"(?<=^have )(?:only ever|only|just|also|now|already|actually|really|even) (?=\w)", ""),
    (r"^(have not .+) in ((?:\w+ )?(?:years|months|weeks))$", r"\1 for \2"),
)
_SENTENCES, _CLAUSES, _PREDICATES = (
    tuple((re.compile(pattern), plain) for pattern, plain in table) for table in (_SENTENCE, _CLAUSE, _PREDICATE)
)
_PAST = re.compile(r"^(?:\w+ed|got|quit|bought|sold|became|left|lost|took|gave|had|ran|was diagnosed)\b")
_WHEN = re.compile(
    r"(?:,? (?:just|recently|lately|yesterday|today|(?:last|this) \w+"
    r"|(?:(?:a|a few|a couple of|\w+) )?(?:days?|weeks?|months?|years?) ago))+$",
    re.IGNORECASE,
)


def plain_sentence(text: str) -> str:
    """A sentence without the "I'd" of what is always so."""
    return _replaced(text, _SENTENCES)


def plain_clause(clause: str) -> str:
    """A clause that begins with its subject."""
    return _replaced(clause, _CLAUSES)


def plain_predicate(predicate: str) -> str:
    """What follows "I" or "we", as if it followed "I", and for good what changed once."""
    plain = _replaced(predicate, _PREDICATES)
    return _WHEN.sub("", plain) if _PAST.match(plain) else plain


def _replaced(text: str, table: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, plain in table:
        text = pattern.sub(plain, text)
    return text
