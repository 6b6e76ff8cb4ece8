"""What a `Range` asks for (RFC 9110 section 14)."""

import pytest

from common.entry.api.ranges import requested_part


@pytest.mark.parametrize(
    ("header", "expected", "status", "said"),
    [
        (None, (0, 100), 200, None),
        ("bytes=0-", (0, 100), 206, "bytes 0-99/100"),
        ("bytes=0-0", (0, 1), 206, "bytes 0-0/100"),
        ("bytes=10-19", (10, 20), 206, "bytes 10-19/100"),
        ("bytes = 10 - 19", (10, 20), 206, "bytes 10-19/100"),
        ("bytes=90-1000", (90, 100), 206, "bytes 90-99/100"),
        ("bytes=-10", (90, 100), 206, "bytes 90-99/100"),
        ("bytes=-1000", (0, 100), 206, "bytes 0-99/100"),
        ("bytes=100-", (100, 100), 416, "bytes */100"),
        ("bytes=-0", (100, 100), 416, "bytes */100"),
        ("bytes=20-10", (0, 100), 200, None),
        ("bytes=-", (0, 100), 200, None),
        ("bytes=0-1,5-6", (0, 100), 200, None),
        ("seconds=0-1", (0, 100), 200, None),
        (f"bytes={'9' * 30}-", (0, 100), 200, None),
    ],
)
def test_a_range(header: str | None, expected: tuple[int, int], status: int, said: str | None) -> None:
    part = requested_part(header, size=100)
    assert (part.start, part.end) == expected
    assert part.status == status
    assert part.headers.get("Content-Range") == said
    assert part.headers["Accept-Ranges"] == "bytes"
