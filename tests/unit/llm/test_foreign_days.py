"""In five more languages a day that is named for certain is understood; one that is past or comes again is not."""

from datetime import UTC, datetime

import pytest

from common.llm.extractive.foreign_days import find_foreign_day
from common.llm.extractive.structurer import ExtractiveStructurer
from common.llm.ports import Dialogue, Embedder, Turn

# A Thursday.
SAID = datetime(2025, 9, 18, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("de", "Ich rufe heute an.", (9, 18)),
        ("de-AT", "Ich muss morgen die Rechnung bezahlen.", (9, 19)),
        ("de", "Ich muss sie übermorgen bezahlen.", (9, 20)),
        ("de", "Ich muss sie am Montag bezahlen.", (9, 22)),
        ("de", "Ich muss sie bis Donnerstag bezahlen.", (9, 25)),
        ("de", "Ich muss sie bis zum 3. Oktober bezahlen.", (10, 3)),
        ("es", "Voy a llamar al médico mañana por la tarde.", (9, 19)),
        ("es", "Voy a llamar pasado mañana.", (9, 20)),
        ("es", "Tengo que pagar antes del viernes.", (9, 19)),
        ("es", "Tengo que pagar el 2 de octubre.", (10, 2)),
        ("fr", "Je vais envoyer le dossier avant vendredi.", (9, 19)),
        ("fr", "Je dois payer après-demain.", (9, 20)),
        ("fr", "Je dois payer aujourd\u2019hui.", (9, 18)),
        ("fr", "Je dois payer le 1er octobre.", (10, 1)),
        ("it", "Devo chiamare il dentista domani.", (9, 19)),
        ("it", "Devo chiamarlo dopodomani.", (9, 20)),
        ("it", "Devo pagare entro lunedì.", (9, 22)),
        ("pt", "Vou enviar o comprovante hoje.", (9, 18)),
        ("pt-BR", "Vou enviar depois de amanhã.", (9, 20)),
        ("pt", "Preciso pagar até segunda-feira.", (9, 22)),
    ],
)
def test_a_day_that_is_to_come(language: str, text: str, day: tuple[int, int]) -> None:
    assert find_foreign_day(text, language, SAID) == datetime(2025, *day, 23, 59, tzinfo=UTC)


def test_a_date_that_is_over_this_year_is_next_years() -> None:
    found = find_foreign_day("Ich muss sie am 3. Februar bezahlen.", "de", SAID)
    assert found == datetime(2026, 2, 3, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Guten Morgen, ich muss los."),
        ("de", "Ich muss jeden Montag hin."),
        ("de", "Ich war letzten Freitag da."),
        ("de", "Am Morgen muss ich los."),
        ("de", "Ich muss sie am 31. Februar bezahlen."),
        ("es", "Por la mañana tengo que salir."),
        ("es", "El viernes pasado tenía que pagar."),
        ("es", "Cada lunes tengo que pagar."),
        ("fr", "Je suis venu lundi dernier."),
        ("fr", "Chaque mardi je dois partir."),
        ("it", "Ogni sabato devo lavorare."),
        ("pt", "Toda segunda tenho que sair."),
        ("de", "Wir brauchen ein Montagehandbuch."),
        ("en", "Ich muss morgen bezahlen."),
        ("ja", "明日電話します。"),
        (None, "morgen"),
        ("de", ""),
    ],
)
def test_everything_else_is_none(language: str | None, text: str) -> None:
    assert find_foreign_day(text, language, SAID) is None


def test_a_foreign_task_is_due_on_its_day(embedder: Embedder) -> None:
    turn = Turn("User", "Ich muss morgen den Vermieter anrufen.", 0, 2, is_user=True)
    said = Dialogue((turn,), datetime(2025, 9, 18, 23, 0, tzinfo=UTC), "de", "Europe/Berlin")
    [item] = ExtractiveStructurer(embedder).structure(said).action_items
    # In Berlin it is the 19th already.
    assert item.due_at == datetime(2025, 9, 20, 21, 59, tzinfo=UTC)
