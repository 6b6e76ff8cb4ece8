from datetime import timedelta
from email.utils import format_datetime

import pytest

from common.core import clock
from common.core.retry_after import seconds_of


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("-4", 0.0), (None, None), ("", None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_a_number_is_seconds_and_nonsense_is_nothing(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds


def test_a_date_is_waited_for_and_a_past_one_is_not() -> None:
    soon = seconds_of(format_datetime(clock.now() + timedelta(seconds=60), usegmt=True))
    assert soon is not None
    assert 55 < soon <= 60
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
