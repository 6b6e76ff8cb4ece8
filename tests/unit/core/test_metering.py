"""What is used is counted for whom it is done, once, whoever does it and whenever it ends."""

import threading
from collections.abc import Mapping
from contextvars import copy_context

import pytest

from common.core import metering
from common.core.metering import Line, Meter, Used, metered

LINE: Line = ("language_model", "m")


@pytest.fixture
def written() -> list[tuple[str, dict[Line, Used]]]:
    return []


@pytest.fixture
def meter(written: list[tuple[str, dict[Line, Used]]]) -> Meter:
    def write(uid: str, lines: Mapping[Line, Used]) -> None:
        written.append((uid, dict(lines)))

    return Meter(write)


def test_what_several_threads_use_is_one_write(meter: Meter, written: list[tuple[str, dict[Line, Used]]]) -> None:
    with metered(meter):
        metering.charge("u")
        threads = [
            threading.Thread(
                target=copy_context().run, args=(metering.count, *LINE, Used(calls=1, tokens_in=2, tokens_out=3))
            )
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert written == []
        assert meter.tokens == 100
    meter.close()
    meter.close()
    assert written == [("u", {LINE: Used(calls=20, tokens_in=40, tokens_out=60)})]
    assert meter.tokens == 0, "what is written down is known where it is"


def test_what_comes_after_the_end_is_written_at_once(meter: Meter, written: list[tuple[str, dict[Line, Used]]]) -> None:
    meter.uid = "u"
    meter.close()
    assert written == []
    meter.add(LINE, Used(calls=1))
    assert written == [("u", {LINE: Used(calls=1)})]


def test_nobody_is_charged_for_what_is_done_for_nobody(
    meter: Meter, written: list[tuple[str, dict[Line, Used]]]
) -> None:
    with metered(meter):
        metering.count(*LINE, Used(calls=1))
    meter.close()
    assert written == []


def test_without_a_meter_counting_does_nothing() -> None:
    metering.charge("u")
    metering.count(*LINE, Used(calls=1))
    assert metering.current() is None


def test_the_meter_of_a_part_hides_that_of_the_whole_until_it_ends(meter: Meter) -> None:
    inner = Meter(lambda _, __: None)
    with metered(meter):
        with metered(inner):
            metering.count(*LINE, Used(tokens_in=5))
        metering.count(*LINE, Used(tokens_in=1))
    assert (meter.tokens, inner.tokens) == (1, 5)


@pytest.mark.parametrize(("given", "reports"), [((3, 4), 1), ((None, 4), 0), ((-1, 4), 0), (("3", 4), 0), ((3, 0), 1)])
def test_only_whole_numbers_are_a_report(given: tuple[object, object], reports: int) -> None:
    with metering.reports() as found:
        metering.report(*given)
    assert len(found) == reports
    metering.report(*given)
    assert len(found) == reports, "what is reported later belongs to somebody else"


def test_tokens_are_estimated_by_bytes() -> None:
    assert metering.estimate("four", "fives", "") == 1 + 2
    assert metering.estimate("日本語") == 3
