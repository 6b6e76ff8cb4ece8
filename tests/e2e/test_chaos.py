"""Chaos over the whole chain: however badly everything goes at once, in the end every effect is there, once."""

import os
from pathlib import Path

import pytest

from tests.support.chaos.weather import Chaos, unleash

pytestmark = pytest.mark.long

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEED", "1").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_accepted_is_whole_and_once_and_what_was_deleted_is_gone(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = unleash(Chaos(seed=seed), tmp_path)
    with capsys.disabled():
        print(f"\n{outcome}")
    assert outcome.ledger.wrong == []
    assert outcome.ledger.accepted > 0
