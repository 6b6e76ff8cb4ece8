"""By which day, in German and four Romance languages: today, tomorrow, the day after, weekdays, days of a month.

As in English only what is said for certain; hours are not understood, so a day means its end.
"""

import re
from datetime import date, datetime, timedelta

from common.core.languages import primary_subtag
from common.llm.times import END_OF_DAY

_WORDS = {
    "de": (
        "heute(?: abend| nacht)?",
        r"(?<!guten )(?<!am )(?<!jeden )morgen(?! (?:zusammen|allerseits))",
        "übermorgen",
        "montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag",
        "januar|jänner februar märz april mai juni juli august september oktober november dezember",
    ),
    "es": (
        "hoy|esta (?:tarde|noche)",
        r"(?<!la )(?<!pasado )(?<!esta )mañana",
        "pasado mañana",
        "lunes martes miércoles jueves viernes sábado domingo",
        "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
    ),
    "fr": (
        "aujourd'hui|ce soir",
        "(?<!après-)(?<!après )demain",
        "après[- ]demain",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "it": (
        "oggi|stasera",
        "(?<!dopo)(?<!dopo )domani",
        "dopo ?domani",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    ),
    "pt": (
        "hoje|esta noite",
        "(?<!depois de )amanhã",
        "depois de amanhã",
        "segunda(?:-feira)? terça(?:-feira)? quarta(?:-feira)? quinta(?:-feira)? sexta(?:-feira)? sábado domingo",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    ),
}
"""For each language today, tomorrow, the day after, the weekdays and the months, each a pattern."""
_OF = {"de": r"\.?", "es": " de", "fr": "(?:er)?", "it": "º?", "pt": "º? de"}
"""What stands between the day of a month and its name."""
_NOT_COMING = re.compile(
    r"\b(?:letzte[nrs]?|vorige[nrs]?|vergangene[nrs]?|jede[nrs]?|gestern|pasad[oa]|cada|todos los|último|ayer|dernier"
    r"|passé|chaque|tous les|hier|scors[oa]|ogni|ieri|passad[oa]|toda|todo|última|ontem)$",
    re.IGNORECASE,
)
_PAST_AFTER = re.compile(r"^ (?:pasado|dernier|passé|scors[oa]|passad[oa])\b", re.IGNORECASE)
_DAYS_OF_WEEK = 7
_ANY_DAY = date(2001, 1, 1)


def find_foreign_day(text: str, language: str | None, reference: datetime) -> datetime | None:
    """The end of the day that a sentence names, if it names one that is to come.

    Args:
        text: the sentence.
        language: what is spoken, as a BCP-47 tag.
        reference: when it was said, aware, in the speaker's timezone.
    """
    primary = primary_subtag(language)
    if primary not in _WORDS:
        return None
    day = _day(text.replace("\u2019", "'"), primary, reference.date())
    return None if day is None else datetime.combine(day, END_OF_DAY, tzinfo=reference.tzinfo)


def names_day(text: str, language: str) -> bool:
    """Whether a text in a language, by its primary subtag, names a day that is to come."""
    return language in _WORDS and _day(text, language, _ANY_DAY) is not None


def _day(text: str, language: str, today: date) -> date | None:
    *near, weekdays, months = _WORDS[language]
    if (dated := _dated(text, months.split(), _OF[language], today)) is not None:
        return dated
    for ahead, word in reversed(list(enumerate(near))):
        if re.search(rf"(?<!\w)(?:{word})(?!\w)", text, re.IGNORECASE):
            return today + timedelta(days=ahead)
    for place, word in enumerate(weekdays.split()):
        for found in re.finditer(rf"(?<!\w)(?:{word})(?!\w)", text, re.IGNORECASE):
            if not _NOT_COMING.search(text[: found.start()].strip()) and not _PAST_AFTER.match(text[found.end() :]):
                return today + timedelta(days=(place - today.weekday() - 1) % _DAYS_OF_WEEK + 1)
    return None


def _dated(text: str, months: list[str], of: str, today: date) -> date | None:
    for number, month in enumerate(months, start=1):
        found = re.search(rf"(?<!\w)(?P<day>\d{{1,2}}){of} (?:{month})(?!\w)", text, re.IGNORECASE)
        if found is not None:
            try:
                day = date(today.year, number, int(found["day"]))
                return day if day >= today else day.replace(year=today.year + 1)
            except ValueError:  # the thirtieth of February
                return None
    return None
