"""Microseconds since the epoch, which is how the server counts, and protobuf timestamps, which is how it answers."""

from google.protobuf.timestamp_pb2 import Timestamp

SECOND = 1_000_000


def to_timestamp(time_us: int) -> Timestamp:
    """Microseconds as a protobuf timestamp."""
    return Timestamp(seconds=time_us // SECOND, nanos=time_us % SECOND * 1000)


def to_microseconds(stamp: Timestamp) -> int:
    """A protobuf timestamp as microseconds."""
    return stamp.seconds * SECOND + stamp.nanos // 1000
