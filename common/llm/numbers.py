"""Spelled-out numbers to digits: recognisers write "september twenty sixth at ten thirty"."""

import re

# fmt: off
_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}
# fmt: on
_DIGIT_LIMIT = 10

_UNIT = "|".join(_UNITS)
_TEN = "|".join(_TENS)
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_SPELLED = re.compile(
    rf"\b(?:(?P<ten>{_TEN})[ -](?P<digit_ordinal>{_ORDINAL})|(?P<ordinal>{_ORDINAL})"
    rf"|(?P<tens>{_TEN})(?:[ -](?P<digit>{_UNIT}))?|(?P<unit>{_UNIT}))\b"
)


def digits(text: str) -> str:
    """The text in lower case with numbers below one hundred as digits: "twenty sixth" becomes "26th"."""
    return _SPELLED.sub(_written, text.lower())


def _written(found: re.Match[str]) -> str:
    part = found.groupdict()
    if part["ten"]:
        value = _ORDINALS[part["digit_ordinal"]]
        if value < _DIGIT_LIMIT:
            return f"{_TENS[part['ten']] + value}th"
        return f"{_TENS[part['ten']]} {value}th"
    if part["ordinal"]:
        return f"{_ORDINALS[part['ordinal']]}th"
    if part["tens"]:
        value = _UNITS.get(part["digit"] or "", 0)
        if value < _DIGIT_LIMIT:
            return str(_TENS[part["tens"]] + value)
        return f"{_TENS[part['tens']]} {value}"
    return str(_UNITS[part["unit"]])
