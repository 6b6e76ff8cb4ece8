import pytest

from common.core.languages import primary_subtag


@pytest.mark.parametrize(
    ("tag", "primary"),
    [
        ("de", "de"),
        ("pt-BR", "pt"),
        ("pt_BR", "pt"),
        ("EN", "en"),
        ("zh-Hant-TW", "zh"),
        ("multi", "multi"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_language_is_named_without_its_region(tag: str | None, primary: str) -> None:
    assert primary_subtag(tag) == primary
