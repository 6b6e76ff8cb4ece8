"""What a month costs, computed from operations that were counted and from `bench/prices.toml`; writes docs/cost.md.

`python -m bench.monthly` reckons from the recorded measurement, `bench/measured_operations.json`, which takes a moment.
`--measure` measures anew first: a day's pieces in two local clouds, with Redis and without, an hour of audio in each at
`--speed` times its pace, and what models are asked (`bench.costs`): half an hour or so on a quiet machine. With
`--measure audio_hour` only that piece is measured, and the sweep; the rest of the record stays. `--check` writes
nothing and fails where the document is not what would be written.
"""

import argparse
import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import costs
from bench.filled_document import fill
from bench.monthly_day import PIECES, measure
from bench.monthly_images import image_bytes
from bench.monthly_tables import tables
from local import manifest
from local.manifest import ROOT

MEASURED = ROOT / "bench" / "measured_operations.json"
PRICES = ROOT / "bench" / "prices.toml"
DOCUMENT = ROOT / "docs" / "cost.md"
_UNITS = {"Mi": 2**20, "Gi": 2**30}
_SHORT = 12
_START_S = 1.5
"""Of a function that was not started here."""


def written() -> str:
    """The document as it has to be."""
    measured = json.loads(MEASURED.read_text())
    prices = tomllib.loads(PRICES.read_text())
    return fill(DOCUMENT.read_text(), tables(measured, prices))


def measured(speed: float) -> dict[str, Any]:
    """Everything that is measured."""
    runs: dict[str, Any] = {}
    for name, redis in (("redis_off", False), ("redis_on", True)):
        with tempfile.TemporaryDirectory() as folder:
            runs[name] = measure(Path(folder) / "cloud", redis=redis, speed=speed)
        print(json.dumps(runs[name], indent=2), flush=True)
    starts = [run.pop("starts") for run in runs.values()][-1]
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "speed": speed,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "functions": functions(starts),
        **runs,
        "models": costs.measure(_SHORT),
    }


def measured_again(known: dict[str, Any], speed: float, pieces: Sequence[str]) -> dict[str, Any]:
    """A record in which some pieces are measured anew; seconds that functions take to start stay as they are."""
    again = {**known, "measured": f"{datetime.now(UTC):%Y-%m-%d}"}
    for name, redis in (("redis_off", False), ("redis_on", True)):
        with tempfile.TemporaryDirectory() as folder:
            run = measure(Path(folder) / "cloud", redis=redis, speed=speed, wanted=pieces)
        print(json.dumps(run, indent=2), flush=True)
        del run["starts"]
        again[name] = {**known[name], **run, "pieces": {**known[name]["pieces"], **run["pieces"]}}
    starts = {name: function["start_s"] for name, function in known["functions"].items()}
    load = max(known["load"], round(os.getloadavg()[2], 1))
    return {**again, "load": load, "functions": functions(starts)}


def functions(starts: dict[str, float]) -> dict[str, Any]:
    """What the manifest says of every function, as far as it costs something."""
    images = image_bytes()
    return {
        name: {
            "vcpu": function.cpu,
            "gib": int(function.memory[:-2]) * _UNITS[function.memory[-2:]] / 2**30,
            "kept": not function.cpu_idle,
            "start_s": round(starts.get(name, _START_S), 2),
            "image_bytes": images[name],
        }
        for name, function in manifest.load().functions.items()
    }


def main() -> None:
    """Measure if asked to, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--measure", nargs="*", choices=PIECES, default=None, metavar="PIECE", help="measure anew: all, or these"
    )
    parser.add_argument("--speed", type=float, default=12.0, help="how many times as fast as it is spoken")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something would change")
    asked = parser.parse_args()
    if asked.measure is not None:
        found = (
            measured_again(json.loads(MEASURED.read_text()), asked.speed, asked.measure)
            if asked.measure
            else measured(asked.speed)
        )
        MEASURED.write_text(json.dumps(found, indent=2) + "\n")
    document = written()
    if asked.check:
        if document != DOCUMENT.read_text():
            raise SystemExit("docs/cost.md is out of date: python -m bench.monthly")
        return
    DOCUMENT.write_text(document)
    print(document)


if __name__ == "__main__":
    main()
