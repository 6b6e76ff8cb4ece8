"""Titles in other languages are of things: what follows an article, or is written as one."""

import pytest

from common.llm.extractive.foreign_nouns import foreign_nouns


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        (
            "de",
            ["mein Golf quietscht, die Bremsen sind hin", "neue Beläge für die Bremsen, und der Golf fährt"],
            "Golf und Bremsen",
        ),
        ("es", ["hay que pagar la tarta de cumpleaños", "la tarta de cumpleaños es cara"], "Tarta de cumpleaños"),
        ("fr", ["l'école appelle", "la directrice de l'école veut nous voir à l'école"], "École et directrice"),
        ("it", ["il prezzo del treno sale", "prendiamo il treno, il prezzo del treno va bene"], "Prezzo del treno"),
        ("ja", ["新製品の発表会の準備について話しましょう", "会場は予約しました"], "新製品の発表会の準備"),
        ("ja", ["来月の京都旅行どうする", "旅館はまだだよね", "明日旅館を予約するね"], "京都旅行と旅館"),
        ("ja", ["明日の朝、六月十日"], ""),
        ("de", ["ja", "na gut"], ""),
        ("hi", ["बहन की शादी"], ""),
        ("zh", ["新产品的测试"], ""),
        ("es", [], ""),
    ],
)
def test_the_things_named_most(language: str, said: list[str], title: str) -> None:
    assert foreign_nouns(said, language) == title
