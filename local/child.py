"""Inside a function's process: serve it the way the platform does, and end with the local cloud."""

import asyncio
import importlib
import signal
import sys
from pathlib import Path

import functions_framework._cli
import uvicorn
import uvloop

from local.parent import die_with_parent

_GRACE_S = 10
_LARGEST_MESSAGE = 1024 * 1024


def main() -> None:
    """`python -m local.child PORT FOLDER ENTRY_POINT service|server|http|cloudevent`."""
    port, folder, entry_point, kind = sys.argv[1:]
    die_with_parent(by=signal.SIGTERM)
    if kind == "server":
        sys.path.insert(0, folder)
        serve = getattr(importlib.import_module("main"), entry_point)
        run = asyncio.run if sys.platform == "win32" else uvloop.run
        run(serve("127.0.0.1", int(port)))
        return
    if kind == "service":
        uvicorn.run(
            f"main:{entry_point}",
            app_dir=folder,
            host="127.0.0.1",
            port=int(port),
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=_LARGEST_MESSAGE,
            timeout_graceful_shutdown=_GRACE_S,
        )
        return
    import gunicorn.config  # type: ignore[import-untyped]  # noqa: PLC0415 - services are served by others

    # It lies in the user's home, where all functions would have the same.
    gunicorn.config.ControlSocketDisable.default = True
    sys.argv = [
        "functions-framework",
        f"--target={entry_point}",
        f"--source={Path(folder) / 'main.py'}",
        f"--signature-type={kind}",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    functions_framework._cli._cli()  # noqa: SLF001 - the command's own entry point has no public name


if __name__ == "__main__":
    main()
