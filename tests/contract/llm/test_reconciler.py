"""What every reconciler of a language model does: one question about all, and only verdicts that make sense."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from common.core.errors import ProviderError
from common.llm.ports import Known, LanguageModel, Reconciler, Verdict
from common.llm.reconciling import PromptedReconciler
from tests.contract.llm.provider_server import ProviderServer, Reply

MUNICH, GUITAR, DOG = "Ann lives in Munich", "Ann plays guitar in a band", "Ann has a dog"
ASKED = [
    (MUNICH, [Known("Ann likes Munich", 0.8), Known("Ann lives in Berlin", 0.9, datetime(2026, 1, 2, tzinfo=UTC))]),
    (GUITAR, [Known("Ann plays guitar at weddings", 0.9)]),
    (DOG, []),
]


@pytest.fixture
def reconciler(model: LanguageModel) -> Reconciler:
    return PromptedReconciler(model)


def _answer(*verdicts: dict[str, Any]) -> Reply:
    return Reply(json.dumps({"verdicts": [{"known": 0, "content": "", **verdict} for verdict in verdicts]}))


def test_all_are_judged_in_one_question(reconciler: Reconciler, server: ProviderServer) -> None:
    server.script.append(
        _answer(
            {"fact": 2, "what": "merge", "known": 1, "content": "Ann plays guitar in a band and at weddings."},
            {"fact": 1, "what": "replace", "known": 2},
        )
    )
    assert reconciler.reconcile(ASKED) == [
        Verdict("replace", MUNICH, 1),
        Verdict("merge", "Ann plays guitar in a band and at weddings", 0),
        Verdict("new", DOG),
    ]
    [request] = server.requests
    sent = json.dumps(request.body)
    assert "1.2 known (said 2026-01-02): Ann lives in Berlin" in sent
    assert DOG not in sent, "nothing is near to it"


@pytest.mark.parametrize(
    "verdict",
    [
        {"fact": 1, "what": "replace", "known": 3},
        {"fact": 1, "what": "replace", "known": 0},
        {"fact": 1, "what": "forget everything", "known": 1},
        {"fact": 1, "what": "merge", "known": 2, "content": "Ann lives on Mars"},
        {"fact": 1, "what": "merge", "known": 2, "content": ""},
        {"fact": 9, "what": "same", "known": 1},
    ],
)
def test_a_verdict_that_makes_no_sense_leaves_the_fact_new(
    reconciler: Reconciler, server: ProviderServer, verdict: dict[str, Any]
) -> None:
    server.script.append(_answer(verdict))
    assert reconciler.reconcile(ASKED)[0] == Verdict("new", MUNICH)


def test_what_is_plainly_the_same_needs_no_verdict(reconciler: Reconciler, server: ProviderServer) -> None:
    server.script.append(_answer())
    assert reconciler.reconcile([(MUNICH, [Known("ann lives in munich.", 1.0)])]) == [Verdict("same", MUNICH, 0)]


def test_where_nothing_is_near_nobody_is_asked(reconciler: Reconciler, server: ProviderServer) -> None:
    assert reconciler.reconcile([(DOG, [])]) == [Verdict("new", DOG)]
    assert server.requests == []


def test_a_model_that_finds_no_form_is_an_error(reconciler: Reconciler, server: ProviderServer) -> None:
    server.script += [Reply("no"), Reply("no")]
    with pytest.raises(ProviderError):
        reconciler.reconcile(ASKED)
