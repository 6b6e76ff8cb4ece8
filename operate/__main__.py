"""`python -m operate`: what administrators do, on the local cloud and in a project of Google's alike."""

import os
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    # While libraries load nothing is begun, and whoever changes their mind has nothing to be told.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from common.core.logs import configure
    from operate.command import do, understand

    asked = understand(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # What functions log is for Cloud Logging; here it would stand in the middle of an answer.
    with Path(os.devnull).open("w") as nowhere:
        configure(sys.stderr if "--verbose" in sys.argv else nowhere)
        raise SystemExit(do(asked))
