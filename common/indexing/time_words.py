"""How times that lie in the past are said in English, German, Spanish and French, in lower case."""

_MONTHS = (
    "january|jan|januar|jänner|enero|janvier",
    "february|feb|februar|febrero|février|fevrier",
    "march|mar|märz|marzo|mars",
    "april|apr|abril|avril",
    "may|mai|mayo",
    "june|jun|juni|junio|juin",
    "july|jul|juli|julio|juillet",
    "august|aug|agosto|août|aout",
    "september|sept|sep|septiembre|septembre",
    "october|oct|oktober|okt|octubre|octobre",
    "november|nov|noviembre|novembre",
    "december|dec|dezember|dez|diciembre|décembre|decembre",
)
_WEEKDAYS = (
    "monday|montag|lunes|lundi",
    "tuesday|dienstag|martes|mardi",
    "wednesday|mittwoch|miércoles|miercoles|mercredi",
    "thursday|donnerstag|jueves|jeudi",
    "friday|freitag|viernes|vendredi",
    "saturday|samstag|sonnabend|sábado|sabado|samedi",
    "sunday|sonntag|domingo|dimanche",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split("|")}
WEEKDAYS = {word: number for number, words in enumerate(_WEEKDAYS) for word in words.split("|")}
DAYS_AGO = {
    "the day before yesterday": 2, "day before yesterday": 2, "vorgestern": 2, "anteayer": 2, "antes de ayer": 2,
    "avant-hier": 2, "yesterday": 1, "gestern": 1, "ayer": 1, "hier": 1, "today": 0, "heute": 0, "hoy": 0,
    "aujourd'hui": 0, "last night": 1, "letzte nacht": 1, "anoche": 1,
}  # fmt: skip
LAST_NIGHT = frozenset({"last night", "letzte nacht", "anoche"})
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2, "couple of": 2, "a few": 3, "few": 3,
    "ein": 1, "eine": 1, "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7,
    "acht": 8, "neun": 9, "zehn": 10, "ein paar": 3, "paar": 3,
    "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9,
    "diez": 10, "unos": 3, "unas": 3,
    "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "quelques": 3,
}  # fmt: skip
UNITS = {
    "day": "day|days|tag|tage|tagen|día|dia|días|dias|jour|jours",
    "week": "week|weeks|woche|wochen|semana|semanas|semaine|semaines",
    "weekend": "weekend|weekends|wochenende|fin de semana|week-end",
    "month": "month|months|monat|monate|monaten|mes|meses|mois",
    "year": "year|years|jahr|jahre|jahren|año|ano|años|anos|an|ans|année|annee",
}
HOURS = {
    (5, 12): "morning|früh|vormittag|vormittags|por la mañana|por la manana|matin",
    (12, 18): "afternoon|nachmittag|nachmittags|por la tarde|après-midi|apres-midi",
    (17, 24): "evening|abend|abends|soir",
    (18, 29): "night|nacht|nachts|por la noche|nuit",
}
"""Parts of a day, as hours after its beginning."""
LAST = "last|past|previous|letzten|letzte|letztes|letzter|letztem|vorigen|vorige|voriges|vergangenen|vergangene"
LAST_BEHIND = "pasado|pasada|dernier|dernière|derniere|passé|passée"
"""In Spanish and French it stands behind."""
THIS = "this|diesen|diese|dieses|dieser|diesem|este|esta|ce|cet|cette"
SINCE = "since|seit|desde|depuis|after|nach|después de"
NOT_PAST = (
    "next|coming|every|each|by|before|until|till|nächsten|nächste|nächstes|kommenden|kommende|jeden|jede|bis|vor dem|"
    "próximo|próxima|cada|antes del|hasta|prochain|prochaine|chaque|avant|jusqu'à"
)
NOT_PAST_BEHIND = "que viene|prochain|prochaine|próximo|próxima"
ONLY_WHEN = frozenset(
    """conversation conversations happen happened happening talk talked talking discuss discussed speak spoke about meet
    meeting meetings met tell told did do day anything everything something summary summarise summarize recap
    worüber wovon gespräch gespräche gesprochen geredet besprochen gemacht passiert reden
    conversación conversaciones conversar hablé hablamos hablado hablar hice hicimos pasó
    conversation discuté parlé parler fait passé""".split()  # noqa: SIM905 - reads better than a list of strings
)
"""What a question has besides a time if it asks for nothing but that time."""
