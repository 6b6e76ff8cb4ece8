"""`python -m operate`: what administrators do, on the local cloud and in a project of Google's alike."""

import os
import sys
from pathlib import Path

from common.core.logs import configure
from operate.command import main

if __name__ == "__main__":
    # What functions log is for Cloud Logging; here it would stand in the middle of an answer.
    with Path(os.devnull).open("w") as nowhere:
        configure(sys.stderr if "--verbose" in sys.argv else nowhere)
        raise SystemExit(main(sys.argv[1:]))
