"""What a new fact is to a known one, by the words alone."""

import pytest

from common.llm.ports import Known, Verdict
from common.llm.reconciling import RuleReconciler


@pytest.mark.parametrize(
    ("known", "new", "score", "what"),
    [
        ("Ann lives in Berlin", "Ann lives in Munich", 0.8, "replace"),
        ("Ann lives in Berlin", "Ann moved to Munich", 0.7, "replace"),
        ("Ann lives in Berlin.", "ann lives in  Berlin", 1.0, "same"),
        ("Ann likes coffee", "Ann does not like coffee", 0.8, "replace"),
        ("Ann likes coffee", "Ann hates coffee", 0.8, "replace"),
        ("Ann eats meat", "Ann does not eat meat", 0.9, "replace"),
        ("Ann is from Munich", "Ann likes Munich", 0.8, "new"),
        ("Ann likes Munich", "Ann loves Munich", 0.8, "same"),
        ("Ann is 34 years old", "Ann is 35 years old", 0.97, "replace"),
        ("Ann has two kids", "Ann has three kids", 0.95, "replace"),
        ("Ann plays guitar in a band", "Ann plays guitar", 0.9, "same"),
        ("Ann plays guitar", "Ann plays guitar in a band", 0.9, "replace"),
        ("Ann plays guitar", "Ann plays violin", 0.9, "new"),
        ("Ann plays guitar", "Ann plays guitar in a band", 0.6, "new"),
        ("Ann keeps a dog", "Ann owns a dog", 0.97, "same"),
        ("Bea lives in Berlin", "Ann lives in Munich", 0.9, "new"),
        ("Ann is married", "Ann is divorced", 0.8, "replace"),
        ("Ann's wife is called Mia", "Ann's wife is called Zoe", 0.8, "replace"),
        ("Ann's daughter is called Mia", "Ann's daughter is called Zoe", 0.8, "new"),
        ("Ann's younger brother is called Tom", "Ann's brother is called Bob", 0.9, "new"),
    ],
)
def test_by_the_words(known: str, new: str, score: float, what: str) -> None:
    [verdict] = RuleReconciler().reconcile([(new, [Known("Ann owns a boat", 0.3), Known(known, score)])])
    assert verdict.what == what
    if what != "new":
        assert verdict.which == 1
    assert verdict.content == new


def test_where_nothing_is_near_everything_is_new() -> None:
    assert RuleReconciler().reconcile([("Ann has a dog", [])]) == [Verdict("new", "Ann has a dog")]
