"""`python -m local.models`: run the model server, or only build what it needs."""

import argparse
import os
from pathlib import Path

_MOST_WORKERS = 2


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m local.models", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the sentence encoder's graph (46 MB)")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, _MOST_WORKERS))
    parser.add_argument("--build", action="store_true", help="build the graph and stop")
    asked = parser.parse_args()
    # Imported here: the recogniser's worker processes import this module and need none of it.
    from local.models.server import ensure_graph, run_server  # noqa: PLC0415
    from local.parent import die_with_parent  # noqa: PLC0415

    die_with_parent()
    if asked.build:
        print(ensure_graph(asked.cache))
        return
    run_server(host=asked.host, port=asked.port, cache=asked.cache, workers=max(1, asked.workers))


if __name__ == "__main__":
    main()
