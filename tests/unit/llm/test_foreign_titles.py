"""Titles in languages whose phrases nobody can weigh."""

import pytest

from common.llm.extractive.foreign_titles import foreign_title


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (["Guten Morgen, mein Golf quietscht seit Tagen.", "Oh je."], "Mein Golf quietscht seit Tagen"),
        (
            ["¿Ya miraste los vuelos a Oaxaca?", "Cuestan setecientos euros."],
            "Ya miraste los vuelos a Oaxaca",
        ),
        (["¿Ya miraste los vuelos?"], "Ya miraste los vuelos"),
        (["新产品的测试还没做完，这周发布来不及了。"], "新产品的测试还没做完"),  # noqa: RUF001 - its comma
        (["अच्छा।", "बहन की शादी की तारीख तय हो गई है।"], "बहन की शादी की तारीख तय हो गई है"),
        (
            ["eins zwei drei vier fünf sechs sieben acht neun zehn elf"],
            "Eins zwei drei vier fünf sechs sieben acht neun zehn",
        ),
        ([*["ja"] * 4, "Davon war erst später die Rede"], "Ja"),
        (["…", "?!"], ""),
        ([], ""),
    ],
)
def test_the_longest_clause_of_the_beginning(said: list[str], title: str) -> None:
    assert foreign_title(said) == title
