"""What becomes segments: every utterance once, under an id of its own."""

from common.conversations.spans import to_segments
from common.core.ids import derived_id
from common.speech.transcriber import Utterance


def _ids(*utterances: Utterance) -> list[str]:
    segments = to_segments(utterances, offset=10.0, conversation_id="c1", session_id="s", provider="p")
    return [segment.id for segment in segments]


def test_an_id_follows_from_where_an_utterance_begins_and_from_nothing_else() -> None:
    first = Utterance("yes", 1.0, 2.0)
    assert (
        _ids(first) == _ids(Utterance("yes, indeed", 1.0, 3.0, speaker=2)) == [derived_id("segment", "c1", "s", 11000)]
    )
    assert _ids(first, Utterance("no", 1.001, 2.0))[0] == _ids(first)[0]


def test_two_who_begin_together_are_two_segments() -> None:
    yes, no = Utterance("yes", 1.0, 2.0), Utterance("no", 1.0002, 2.0, speaker=1)
    both = _ids(yes, no)
    assert len(set(both)) == 2
    assert both[0] == _ids(yes)[0]
    assert both == _ids(yes, no), "the same again has the same ids"
