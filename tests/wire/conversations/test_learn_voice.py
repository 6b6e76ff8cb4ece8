"""A person's voice is learnt from what a user has attributed to them, and unlearnt where that is taken back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from common.conversations.assignment import assign_segments, assign_speaker
from common.conversations.learn_voice import learn_voice
from common.conversations.purge import purge_conversation
from common.conversations.speakers import Speaker
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import audio_blocks, conversations, media, merges, people, segment_batches
from common.database.media import Store
from common.models.conversation import ConversationStatus
from common.models.events import LearnVoice
from common.models.person import MOST_SAMPLES, Person
from common.people import known
from common.speech.blocks import encode_block
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from common.speech.voice_providers import voice_embedder
from common.speech.voice_statistics import VoiceStatistics
from common.speech.voices import centre, distance
from common.speech.wav import read_wav
from tests.support.making import a_batch, a_block, a_conversation, a_segment
from tests.support.stores import Stores
from tests.support.voice_service import Service, voice_service
from tests.support.voices import silence, turns_of

pytestmark = pytest.mark.usefixtures("stores")

STATISTICS = VoiceStatistics()


@pytest.fixture
def ann(uid: str) -> Person:
    return people.get_or_create(uid=uid, name="Ann")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The embedder is a service."""
    with voice_service() as running:
        monkeypatch.setenv("VOICE_EMBEDDING_URL", running.url)
        settings.cache_clear()
        voice_embedder.cache_clear()
        yield running
    settings.cache_clear()
    voice_embedder.cache_clear()


def a_meeting(uid: str, *, conversation_id: str = "c1", turns: int = 6, **fields: Any) -> list[str]:
    """A finished conversation of two, with its audio; the ids of what she (speaker 1) says."""
    pcm = b""
    segments = []
    for number in range(turns):
        for speaker, said in enumerate((turns_of("A")[number + 1], turns_of("B")[number])):
            start = len(pcm) / BYTES_PER_SECOND
            pcm += said
            segments.append(
                a_segment(
                    f"words {number}",
                    start,
                    len(pcm) / BYTES_PER_SECOND,
                    id=f"{speaker}-{number}",
                    speaker=f"SPEAKER_{speaker:02d}",
                )
            )
            pcm += silence(0.7)
    chosen = {"status": "completed", "transcript_segments": segments, **fields}
    conversations.create(a_conversation(id=conversation_id, **chosen), uid=uid)
    for start in range(0, len(pcm), 5 * BYTES_PER_SECOND):
        piece = pcm[start : start + 5 * BYTES_PER_SECOND]
        begin = start / BYTES_PER_SECOND
        block = a_block(begin, begin + len(piece) / BYTES_PER_SECOND)
        frames = [piece[at : at + 3200] for at in range(0, len(piece), 3200)]
        audio_blocks.put(block, encode_block(frames), uid=uid, conversation_id=conversation_id)
    return [segment.id for segment in segments if segment.speaker_id == 1]


def learn(uid: str, person: Person, conversation_id: str = "c1") -> str:
    return learn_voice(LearnVoice(uid=uid, conversation_id=conversation_id, person_id=person.id))


def now(uid: str, person: Person) -> Person:
    return people.of(uid=uid).get(person.id)


def asked_for(stores: Stores, uid: str) -> set[tuple[str, str]]:
    """Who is to be learnt from what."""
    bodies = [json.loads(task.http_request.body) for task in stores.waiting_tasks()]
    bodies += [json.loads(request.content) for request in stores.tasks.received]
    return {
        (body["conversation_id"], body["person_id"]) for body in bodies if body["uid"] == uid and "person_id" in body
    }


def test_an_attribution_asks_for_it_and_a_sample_is_kept(stores: Stores, uid: str, ann: Person) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    assert asked_for(stores, uid) == {("c1", ann.id)}
    assert learn(uid, ann) == "learnt"
    [path] = now(uid, ann).speech_samples
    assert path == f"{uid}/people_profiles/{ann.id}/c1.wav"
    file = media.find(path, store=Store.MEDIA)
    assert file is not None
    samples = read_wav(b"".join(file.read(0, file.size)))
    assert 10 <= len(samples) / SAMPLE_RATE <= 25
    [words] = now(uid, ann).speech_sample_transcripts or []
    assert words.startswith("words ")


def test_the_voice_is_hers_and_known_from_then_on(uid: str, ann: Person) -> None:
    a_meeting(uid)
    before = known.load(uid=uid, model=STATISTICS.name)
    assert not before.voices
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    learn(uid, ann)
    assert people.edition(uid=uid) != before.edition
    [(who, vector)] = known.load(uid=uid, model=STATISTICS.name).voices
    assert (who.id, who.name) == (ann.id, "Ann")
    assert distance(vector, STATISTICS.embed(centre(turns_of("B")[7]))) < STATISTICS.rules.largest_distance
    assert distance(vector, STATISTICS.embed(centre(turns_of("A")[7]))) > 0.5
    assert not known.load(uid=uid, model="another").voices


def test_done_again_it_changes_nothing(uid: str, ann: Person) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    learn(uid, ann)
    once = now(uid, ann)
    assert learn(uid, ann) == "learnt"
    unchanged = {"updated_at"}
    assert now(uid, ann).model_dump(exclude=unchanged) == once.model_dump(exclude=unchanged)
    assert len(media.list_paths(f"{uid}/people_profiles/")) == 1


def test_each_conversation_adds_a_sample_until_there_are_five(uid: str, ann: Person) -> None:
    outcomes = []
    for number in range(MOST_SAMPLES + 1):
        a_meeting(uid, conversation_id=f"c{number}")
        assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id=f"c{number}", speaker_id=1)
        outcomes.append(learn(uid, ann, f"c{number}"))
    assert outcomes == ["learnt"] * MOST_SAMPLES + ["known well enough"]
    assert len(now(uid, ann).speech_samples) == len(media.list_paths(f"{uid}/people_profiles/")) == MOST_SAMPLES


def test_taken_back_it_is_unlearnt(stores: Stores, uid: str, ann: Person) -> None:
    hers = a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    learn(uid, ann)
    stores.tasks.received.clear()
    assign_segments(Speaker(), uid=uid, conversation_id="c1", segment_ids=hers)
    assert asked_for(stores, uid) == {("c1", ann.id)}, "though nobody is named now"
    assert learn(uid, ann) == "withdrawn"
    assert (now(uid, ann).speech_samples, now(uid, ann).speaker_embedding) == ([], None)
    assert not media.list_paths(f"{uid}/people_profiles/")
    assert learn(uid, ann) == "too little"


def test_what_was_not_meant_for_training_is_not_learnt_from(stores: Stores, uid: str, ann: Person) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1, learn=False)
    assert not asked_for(stores, uid)


def test_less_than_ten_seconds_make_no_sample(uid: str, ann: Person) -> None:
    hers = a_meeting(uid)
    assign_segments(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", segment_ids=hers[:2])
    assert learn(uid, ann) == "too little"
    assert not now(uid, ann).speech_samples


def test_what_was_recognised_does_not_confirm_itself(uid: str, ann: Person) -> None:
    a_meeting(uid)

    def recognised(current: Any) -> Any:
        segments = [
            each.model_copy(update={"person_id": ann.id, "speaker_label_source": "auto"})
            for each in current.transcript_segments
        ]
        return current.model_copy(update={"transcript_segments": segments})

    conversations.change(uid=uid, conversation_id="c1", decide=recognised)
    assert learn(uid, ann) == "too little"


def test_a_sample_holds_one_voice_even_if_an_attribution_is_wrong(uid: str, ann: Person) -> None:
    hers = a_meeting(uid)
    assign_segments(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", segment_ids=[*hers, "0-1"])
    assert learn(uid, ann) == "learnt"
    vector = now(uid, ann).speaker_embedding or []
    assert distance(vector, STATISTICS.embed(centre(turns_of("A")[7]))) > 0.5


def test_without_its_audio_there_is_nothing_to_learn_and_a_sample_stays(uid: str, ann: Person) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    learn(uid, ann)
    audio_blocks.delete_all(uid=uid, conversation_id="c1")
    assert learn(uid, ann) == "too little audio"
    assert len(now(uid, ann).speech_samples) == 1


def test_two_microphones_at_once_are_not_learnt_from(uid: str, ann: Person) -> None:
    a_meeting(uid)
    for begin in range(0, 40, 5):
        block = a_block(begin, begin + 5, session_id="other")
        audio_blocks.put(block, encode_block([silence(5)]), uid=uid, conversation_id="c1")
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    assert learn(uid, ann) == "too little audio"


@pytest.mark.parametrize("gone", ["person", "conversation", "credit"])
def test_what_is_gone_is_not_worked_on(uid: str, ann: Person, gone: str) -> None:
    a_meeting(uid, is_locked=gone == "credit")
    if gone == "person":
        people.of(uid=uid).delete(ann.id)
    if gone == "conversation":
        conversations.delete(uid=uid, conversation_id="c1")
    assert learn(uid, ann) == "gone"
    assert not media.list_paths(f"{uid}/people_profiles/")


def test_in_a_live_conversation_more_is_waited_for(stores: Stores, uid: str, ann: Person) -> None:
    a_meeting(uid)

    def live(current: Any) -> Any:
        return current.model_copy(update={"status": ConversationStatus.IN_PROGRESS, "transcript_segments": []})

    hers = [
        each.model_copy(update={"person_id": ann.id, "speaker_label_source": "carried"})
        for each in conversations.get(uid=uid, conversation_id="c1").transcript_segments
        if each.speaker_id == 1
    ]
    conversations.change(uid=uid, conversation_id="c1", decide=live)
    segment_batches.put(a_batch(0, hers[0].end, hers[0]), uid=uid, conversation_id="c1")
    assert learn(uid, ann) == "too little"
    assert asked_for(stores, uid) == {("c1", ann.id)}
    for segment in hers[1:]:
        segment_batches.put(a_batch(segment.start, segment.end, segment), uid=uid, conversation_id="c1")
    assert learn(uid, ann) == "learnt"


def test_a_service_that_is_away_is_asked_again(uid: str, ann: Person, service: Service) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    answer, service.answer = service.answer, lambda _: (503, b"")
    with pytest.raises(ProviderError):
        learn(uid, ann)
    assert not media.list_paths(f"{uid}/people_profiles/")
    service.answer = answer
    assert learn(uid, ann) == "learnt"
    assert now(uid, ann).speaker_embedding_model == "wespeaker-voxceleb-resnet34-LM"


def test_a_service_that_changes_its_model_under_one_name_is_believed_what_it_says_last(
    uid: str, ann: Person, service: Service
) -> None:
    for number in (1, 2):
        a_meeting(uid, conversation_id=f"c{number}")
        assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id=f"c{number}", speaker_id=1)
    assert learn(uid, ann, "c1") == "learnt"
    lengths = iter([39, *[64] * 20])
    service.answer = lambda _: (200, json.dumps([1.0] * next(lengths)).encode())
    assert learn(uid, ann, "c2") == "learnt"
    assert len(now(uid, ann).speaker_embedding or []) == 64
    assert len(now(uid, ann).speech_samples) == 2


@pytest.mark.parametrize("answer", [b"[NaN" + b", 1" * 40 + b"]", b"[" + b"0, " * 40 + b"0]", b"[1, 2]", b"null"])
def test_a_service_that_answers_nonsense_teaches_nothing(
    uid: str, ann: Person, service: Service, answer: bytes
) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    service.answer = lambda _: (200, answer)
    with pytest.raises(ProviderError):
        learn(uid, ann)
    assert not now(uid, ann).speech_samples


def test_a_service_that_takes_no_clip_leaves_nothing_to_learn(uid: str, ann: Person, service: Service) -> None:
    a_meeting(uid)
    assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
    service.answer = lambda _: (422, b"")
    assert learn(uid, ann) == "too little audio"


class TestWithItsConversation:
    """A sample is a piece of a conversation."""

    def test_it_is_deleted_with_it_and_with_nothing_else(self, uid: str, ann: Person) -> None:
        for conversation_id in ("c1", "c2"):
            a_meeting(uid, conversation_id=conversation_id)
            assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id=conversation_id, speaker_id=1)
            learn(uid, ann, conversation_id)
        delete_and_purge(uid, "c1")
        assert now(uid, ann).speech_samples == media.list_paths(f"{uid}/people_profiles/")
        assert [path.rpartition("/")[2] for path in now(uid, ann).speech_samples] == ["c2.wav"]
        delete_and_purge(uid, "c2")
        assert (now(uid, ann).speech_samples, now(uid, ann).speaker_embedding) == ([], None)
        assert not media.list_paths(f"{uid}/people_profiles/")

    def test_where_that_becomes_part_of_another_it_stays_until_the_other_is_deleted(
        self, uid: str, ann: Person
    ) -> None:
        a_meeting(uid)
        assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
        learn(uid, ann)
        for source, into in (("c1", "c2"), ("c2", "c3")):
            whole = conversations.get(uid=uid, conversation_id=source)
            assert merges.replace([whole], by=whole.model_copy(update={"id": into}), uid=uid)
            purge_conversation(uid=uid, conversation_id=source)
            assert len(now(uid, ann).speech_samples) == 1
        delete_and_purge(uid, "c3")
        assert not now(uid, ann).speech_samples
        assert not media.list_paths(f"{uid}/people_profiles/")

    def test_what_is_learnt_while_it_is_deleted_is_unlearnt(self, uid: str, ann: Person, service: Service) -> None:
        a_meeting(uid)
        assign_speaker(Speaker(person_id=ann.id), uid=uid, conversation_id="c1", speaker_id=1)
        answer = service.answer

        def deleted_meanwhile(wav: bytes) -> tuple[int, bytes]:
            service.answer = answer
            delete_and_purge(uid, "c1")
            return answer(wav)

        service.answer = deleted_meanwhile
        assert learn(uid, ann) == "gone"
        assert not now(uid, ann).speech_samples
        assert not media.list_paths(f"{uid}/people_profiles/")


def delete_and_purge(uid: str, conversation_id: str) -> None:
    conversations.delete(uid=uid, conversation_id=conversation_id)
    purge_conversation(uid=uid, conversation_id=conversation_id)
