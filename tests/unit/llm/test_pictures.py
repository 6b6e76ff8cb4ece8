"""No picture in what a model writes is fetched by whoever shows it."""

import re

import pytest

from common.llm.pictures import Unpictured, without_pictures

_FETCHED = re.compile(r"!\[|<(?:img|image|picture|svg)\b", re.IGNORECASE)
_TEXTS = [
    ("![a](https://x.example/?q=secret)", "! [a](https://x.example/?q=secret)"),
    ("Look: ![a][1] and ![][b]", "Look: ! [a][1] and ! [][b]"),
    ('<IMG src="https://x.example">', '< IMG src="https://x.example">'),
    ("[![a](https://x.example)](https://y.example)", "[! [a](https://x.example)](https://y.example)"),
    ("<imgsrc> <imagine> a < b! [c](https://x.example)", "<imgsrc> <imagine> a < b! [c](https://x.example)"),
    ("Really?! Yes!", "Really?! Yes!"),
    ("<svg onload=x><image href=y>", "< svg onload=x>< image href=y>"),
]


@pytest.mark.parametrize(("text", "shown"), _TEXTS)
def test_pictures_are_links_or_text_and_everything_else_stays(text: str, shown: str) -> None:
    assert without_pictures(text) == shown
    assert not _FETCHED.search(shown)


@pytest.mark.parametrize(("text", "shown"), _TEXTS)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_it_does_not_matter_where_pieces_end(text: str, shown: str, size: int) -> None:
    unpictured = Unpictured()
    pieces = [unpictured.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join([*pieces, unpictured.rest()]) == shown


def test_words_do_not_wait() -> None:
    assert Unpictured().feed("This is said at once. ") == "This is said at once. "
