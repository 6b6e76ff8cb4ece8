"""Speakers of stored audio have the numbers and names that their conversation knows them by."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.conversations import recorded_speakers
from common.conversations.recorded_speakers import label_recorded
from common.database import conversations, heard_voices, people, users
from common.models.segment import TranscriptSegment
from common.models.voiceprint import Voiceprint
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voice_service import VoiceService
from common.speech.voice_statistics import VoiceStatistics
from common.speech.voices import Rules, average, centre
from tests.support.making import a_conversation, a_segment
from tests.support.voices import silence, turns_of

pytestmark = pytest.mark.usefixtures("stores")

STATISTICS = VoiceStatistics()
MAN, WOMAN = ([turn for turn in turns_of(speaker) if len(turn) > 2.2 * BYTES_PER_SECOND] for speaker in "AB")


@pytest.fixture(autouse=True)
def conversation(uid: str) -> None:
    conversations.create(a_conversation(), uid=uid)


def a_stretch(*turns: tuple[int, bytes], start: float = 0.0) -> tuple[list[TranscriptSegment], bytes]:
    """Segments as a provider numbers them, and their audio."""
    pcm = b""
    segments = []
    for number, said in turns:
        begin = start + len(pcm) / BYTES_PER_SECOND
        pcm += said
        segments.append(a_segment("words", begin, start + len(pcm) / BYTES_PER_SECOND, speaker=f"SPEAKER_{number:02d}"))
        pcm += silence(0.5)
    return segments, pcm


def label(
    uid: str, *turns: tuple[int, bytes], start: float = 0.0, auto_assign: bool = True
) -> list[tuple[int | None, bool, str | None]]:
    segments, pcm = a_stretch(*turns, start=start)
    labelled = label_recorded(
        segments, pcm, start=start, uid=uid, conversation_id="c1", auto_assign=auto_assign, language="en"
    )
    assert [each.id for each in labelled] == [each.id for each in segments]
    return [(each.speaker_id, each.is_user, each.person_id) for each in labelled]


def profile(uid: str, **fields: Any) -> None:
    voice = average([STATISTICS.embed(centre(turn)) for turn in MAN[:3]])
    users.change(uid=uid, voice=Voiceprint.of(voice, model=fields.get("model", STATISTICS.name)))


def test_the_owner_is_named_and_nobody_else(uid: str) -> None:
    profile(uid)
    found = label(uid, (0, WOMAN[3]), (1, MAN[3]), (0, WOMAN[4]), (1, MAN[4]))
    assert found == [(0, False, None), (1, True, None)] * 2


def test_without_leave_nobody_is_named(uid: str) -> None:
    profile(uid)
    assert label(uid, (0, MAN[3]), (0, MAN[4]), auto_assign=False) == [(0, False, None)] * 2


def test_the_next_stretch_goes_on_counting_where_the_last_one_stopped(uid: str) -> None:
    assert label(uid, (0, MAN[0]), (1, WOMAN[0]), (0, MAN[1]), (1, WOMAN[1]))[0][0] == 0
    later = label(uid, (0, WOMAN[3]), (1, MAN[3]), (0, WOMAN[4]), start=300.0)
    assert [number for number, _, _ in later] == [1, 0, 1]


def test_a_name_given_meanwhile_is_carried(uid: str) -> None:
    ann = people.get_or_create(uid=uid, name="Ann").id
    label(uid, (0, MAN[0]), (1, WOMAN[0]), (0, MAN[1]), (1, WOMAN[1]))
    voices = heard_voices.of(uid=uid, conversation_id="c1")
    voices.change("000001", lambda voice: voice.model_copy(update={"person_id": ann, "source": "manual"}))
    assert label(uid, (0, WOMAN[3]), (0, WOMAN[4]), start=300.0) == [(1, False, ann)] * 2


def test_who_was_deleted_is_somebody_unknown_again(uid: str) -> None:
    label(uid, (0, WOMAN[0]), (0, WOMAN[1]))
    voices = heard_voices.of(uid=uid, conversation_id="c1")
    voices.change("000000", lambda voice: voice.model_copy(update={"person_id": "gone", "source": "manual"}))
    assert label(uid, (1, WOMAN[3]), (1, WOMAN[4]), start=300.0) == [(0, False, None)] * 2


def test_two_stretches_at_once_do_not_give_one_number_to_two(uid: str) -> None:
    stretches = [((0, MAN[0]), (0, MAN[1])), ((0, WOMAN[0]), (0, WOMAN[1]))]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda turns: label(uid, *turns), stretches))
    assert {stretch[0][0] for stretch in found} == {0, 1}
    assert [voice.number for voice in heard_voices.list_all(uid=uid, conversation_id="c1", model=STATISTICS.name)] == [
        0,
        1,
    ]


def test_what_is_remembered_goes_with_the_conversation(uid: str) -> None:
    label(uid, (0, MAN[0]), (0, MAN[1]))
    conversations.delete_children(uid=uid, conversation_id="c1")
    assert not heard_voices.list_all(uid=uid, conversation_id="c1", model=STATISTICS.name)


def test_an_embedder_that_is_away_costs_names_only(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(uid, model="x")
    service = VoiceService("http://127.0.0.1:9", name="x", timeout=1, rules=Rules(largest_distance=0.4))
    monkeypatch.setattr(recorded_speakers, "voice_embedder", lambda: service)
    assert label(uid, (0, MAN[3]), (1, WOMAN[3])) == [(0, False, None), (1, False, None)]


def test_of_nothing_there_is_nothing(uid: str) -> None:
    assert label(uid) == []


def test_who_says_the_name_of_somebody_known_is_that_person_and_nobody_new_is_made(uid: str) -> None:
    tom = people.get_or_create(uid=uid, name="Tom").id
    segments = [
        a_segment("Hi, I'm Tom.", 0, 1, speaker="SPEAKER_00"),
        a_segment("My name is Ann.", 2, 3, speaker="SPEAKER_01"),
        a_segment("Nice to meet you.", 4, 5, speaker="SPEAKER_00"),
    ]
    labelled = label_recorded(
        segments, silence(6), start=0.0, uid=uid, conversation_id="c1", language="en", auto_assign=True
    )
    assert [each.person_id for each in labelled] == [tom, None, tom]
    assert len(people.list_all(uid=uid)) == 1
