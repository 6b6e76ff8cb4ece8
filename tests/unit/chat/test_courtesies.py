"""What asks for nothing is told from what does."""

import pytest

from common.chat.courtesies import Courtesy, find_courtesy
from common.chat.phrases import _ALL, phrases


@pytest.mark.parametrize(
    ("text", "courtesy"),
    [
        *(
            (text, Courtesy.HELLO)
            for text in ("hi", "Hello there!", "Guten Morgen", "Hola", "Bonjour à toi", "good evening")
        ),
        *(
            (text, Courtesy.THANKS)
            for text in ("Thanks!", "thank you so much", "Vielen Dank", "muchas gracias", "merci")
        ),
        *(
            (text, Courtesy.ABILITIES)
            for text in ("What can you do?", "help", "Was kannst du?", "¿Qué puedes hacer?", "Que sais-tu faire ?")
        ),
        *(
            (text, None)
            for text in ("", "Hi Tom", "What did Tom thank me for?", "good idea", "What can you do in Porto?")
        ),
    ],
)
def test_courtesies_are_known(text: str, courtesy: Courtesy | None) -> None:
    assert find_courtesy(text) is courtesy


@pytest.mark.parametrize(
    ("text", "language", "hello"),
    [
        ("Hallo", None, "Hallo!"),
        ("ok", "es-MX", "¡Hola!"),
        ("Where is the piano?", "de", "Hi!"),
        ("ok", "ja", "Hi!"),
        ("ok", None, "Hi!"),
        ("Qui est-ce ?", "en", "Bonjour !"),
    ],
)
def test_one_is_answered_in_the_language_that_one_writes(text: str, language: str | None, hello: str) -> None:
    assert phrases(text, language).hello == hello


def test_every_language_has_the_same_gaps() -> None:
    for each in _ALL.values():
        for name, text in vars(each).items():
            assert text.count("{}") == getattr(_ALL["en"], name).count("{}"), name
