"""The storm: many wearables at once, and everything goes wrong; every accepted word is in one transcript, once."""

import os
from pathlib import Path

import pytest

from tests.support.storm.weather import Storm, brew

pytestmark = pytest.mark.long

SEEDS = [int(seed) for seed in os.environ.get("STORM_SEED", "4").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_storm_every_accepted_number_is_in_one_transcript_once_and_in_order(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = brew(Storm(seed=seed, streams=30, seconds=1200.0), tmp_path)
    with capsys.disabled():
        print(f"\n{outcome}")
    assert outcome.violations == []
    assert outcome.ledger.wrong == []
    assert outcome.ledger.accepted > 0.8 * outcome.numbers
    assert outcome.ledger.split <= 0.001 * outcome.ledger.accepted
    assert outcome.ledger.terminal == outcome.ledger.conversations
