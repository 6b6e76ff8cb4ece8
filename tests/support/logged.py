"""What is logged, as its reader finds it."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.core.logs import configure


@contextmanager
def captured() -> Iterator[list[dict[str, Any]]]:
    """The lines that are written in the block, once it is over."""
    stream = io.StringIO()
    lines: list[dict[str, Any]] = []
    configure(stream)
    try:
        yield lines
    finally:
        configure()
        lines += map(json.loads, stream.getvalue().splitlines())
