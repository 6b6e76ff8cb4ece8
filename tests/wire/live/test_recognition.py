"""Who speaks in a live session: real voices, real stores."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from common.conversations.live import address_book
from common.conversations.live.recognition import SpeakerRecognition
from common.conversations.live.take import Take
from common.core.errors import ProviderError
from common.database import conversations, people, segment_batches, users
from common.models.conversation import ConversationStatus
from common.models.listen import ServerEvent, SpeakerAssigned, SpeakerSuggested
from common.models.segment import TranscriptSegment
from common.models.voiceprint import Voiceprint
from common.people.edit import delete_person
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voice_statistics import VoiceStatistics
from common.speech.voices import Rules, Vector, VoiceEmbedder, average, centre
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.stores import Stores
from tests.support.voices import silence, turns_of

pytestmark = pytest.mark.usefixtures("stores")

STATISTICS = VoiceStatistics()
Turn = tuple[int, bytes]
"""What a provider calls the speaker, and what is said."""


def a_voice(turns: Sequence[bytes], *, model: str = STATISTICS.name) -> Voiceprint:
    return Voiceprint.of(average([STATISTICS.embed(centre(turn)) for turn in turns]), model=model)


LONG = [[turn for turn in turns_of(speaker) if len(turn) > 2.2 * BYTES_PER_SECOND] for speaker in "AB"]
MAN, WOMAN = (turns[:3] for turns in LONG)
"""What is known of the two."""
HIS, HERS = (turns[3:] for turns in LONG)
"""What they say in the session."""


def a_person(uid: str, name: str, turns: Sequence[bytes], *, model: str = STATISTICS.name) -> str:
    person = people.get_or_create(uid=uid, name=name)
    voice = a_voice(turns)
    known = {"speaker_embedding": voice.values, "speaker_embedding_model": model}
    people.of(uid=uid).change(person.id, lambda current: current.model_copy(update=known))
    people.note_change(uid=uid)
    return person.id


class Session:
    """A connection that hears, stores and tells."""

    def __init__(self, uid: str, *, embedder: VoiceEmbedder = STATISTICS, **options: Any) -> None:
        self.uid = uid
        self.told: list[ServerEvent | list[TranscriptSegment]] = []
        chosen = {"auto_assign": True, "create_speakers": True, "owner_too": True, "language": "en", **options}
        self.recognition = SpeakerRecognition(uid=uid, embedder=embedder, tell=self.told.append, **chosen)
        self.take = Take(conversation_id="c1", session_id="s", begin=100.0, offset=20.0)
        """The connection's second 100 is the conversation's 20."""
        self.clock = 100.0

    async def say(self, *turns: Turn, stream: int = 0, text: str = "these are words") -> list[TranscriptSegment]:
        """Play turns with pauses; the segments as they were stored."""
        stored = []
        for speaker, pcm in turns:
            begin = self.clock
            for start in range(0, len(pcm), 3200):
                self._hear(pcm[start : start + 3200])
            segment = a_segment(
                text,
                self.take.at(begin),
                self.take.at(self.clock),
                speaker=f"SPEAKER_{speaker:02d}",
                id=f"g{round(begin * 1000)}",
            )
            [labelled] = self.recognition.label([segment], stream=stream)
            batch = a_batch(segment.start, segment.end, labelled)
            await asyncio.to_thread(segment_batches.put, batch, uid=self.uid, conversation_id="c1")
            self.recognition.said([segment], take=self.take, stream=stream)
            stored.append(labelled)
            self._hear(silence(0.7))
        return stored

    def _hear(self, pcm: bytes) -> None:
        self.recognition.hear(self.clock, pcm)
        self.clock += len(pcm) / BYTES_PER_SECOND

    @property
    def suggestions(self) -> list[SpeakerSuggested]:
        return [each for each in self.told if isinstance(each, SpeakerSuggested)]

    @property
    def updates(self) -> list[TranscriptSegment]:
        return [segment for each in self.told if isinstance(each, list) for segment in each]

    def stored(self) -> list[TranscriptSegment]:
        batches = segment_batches.list_batches(uid=self.uid, conversation_id="c1")
        return sorted((each for batch in batches for each in batch.segments), key=lambda each: each.start)

    def run(self, story: Callable[["Session"], Awaitable[object]], *, resumed: bool = False) -> "Session":
        """Have a story happen, and everything considered."""

        async def happen() -> None:
            running = asyncio.create_task(self.recognition.run())
            await story(self)
            await self.recognition.finish(within_s=20)
            running.cancel()

        if not resumed:
            conversations.create(a_conversation(), uid=self.uid)
        asyncio.run(happen())
        return self


async def dialogue(session: Session) -> None:
    """He and she, three turns each."""
    for his, hers in zip(HIS[:3], HERS[:3], strict=True):
        await session.say((0, his), (1, hers))


def test_the_owner_is_known_by_voice_in_what_is_stored_and_told_and_nobody_else_is_him(uid: str) -> None:
    users.change(uid=uid, voice=a_voice(MAN))
    session = Session(uid).run(dialogue)
    assert [(each.speaker_id, each.is_user) for each in session.stored()] == [(0, True), (1, False)] * 3
    his = [each for each in session.stored() if each.is_user]
    assert {each.speaker_label_source for each in his} == {"auto"}
    assert {each.id for each in session.updates} | {each.id for each in his} == {each.id for each in his}
    assert session.updates, "the first turns were told before he was known"
    assert not session.suggestions


class TestDeleted:
    """A person who is known by voice is deleted while the session goes on."""

    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(address_book, "_LOOKED_AGAIN_S", 0.0)

    def test_nothing_that_is_said_from_then_on_is_theirs(self, uid: str) -> None:
        ann = a_person(uid, "Ann", WOMAN)

        async def story(session: Session) -> None:
            await dialogue(session)
            await session.recognition.finish(within_s=20)
            assert ann in {each.person_id for each in session.stored()}
            await asyncio.to_thread(delete_person, uid=uid, person_id=ann)
            await session.say((0, HIS[0]))
            await session.recognition.finish(within_s=20)
            await session.say((1, HERS[0]), (1, HERS[1]))

        stored = Session(uid).run(story).stored()
        assert [each.person_id for each in stored[-2:]] == [None, None]
        assert [each.speaker_id for each in stored[-2:]] == [1, 1], "still the same voice"

    def test_so_it_is_where_the_client_has_said_that_it_is_them(self, uid: str) -> None:
        tom = people.get_or_create(uid=uid, name="Tom").id

        async def story(session: Session) -> None:
            [first] = await session.say((0, HIS[0]))
            await session.recognition.finish(within_s=20)
            message = SpeakerAssigned(speaker_id=0, person_id=tom, person_name="Tom", segment_ids=[first.id])
            assert await session.recognition.assigned(message)
            [named] = await session.say((0, HIS[1]))
            assert named.person_id == tom
            await asyncio.to_thread(delete_person, uid=uid, person_id=tom)
            await session.recognition.finish(within_s=20)
            await session.say((1, HERS[0]))
            await session.recognition.finish(within_s=20)
            [now] = await session.say((0, HIS[2]))
            assert now.person_id is None

        Session(uid).run(story)

    def test_nobody_is_suggested_who_was_deleted(self, uid: str) -> None:
        ann = a_person(uid, "Ann", WOMAN)

        async def story(session: Session) -> None:
            await dialogue(session)
            await session.recognition.finish(within_s=20)
            assert [each.person_name for each in session.recognition.suggestions("c1")] == ["Ann"]
            await asyncio.to_thread(delete_person, uid=uid, person_id=ann)
            await session.say((0, HIS[0]))

        session = Session(uid, auto_assign=False).run(story)
        assert session.recognition.suggestions("c1") == []


def test_what_is_said_once_a_voice_is_known_is_labelled_before_it_is_stored(uid: str) -> None:
    users.change(uid=uid, voice=a_voice(MAN))
    ann = a_person(uid, "Ann", WOMAN)

    async def story(session: Session) -> None:
        await dialogue(session)
        await session.recognition.finish(within_s=20)
        later = await session.say((0, HIS[3]), (1, HERS[3]), (0, silence(0.3)))
        assert [(each.is_user, each.person_id) for each in later] == [(True, None), (False, ann), (True, None)]

    Session(uid).run(story)


def test_without_leave_to_assign_it_is_suggested_once_and_nothing_is_written(uid: str) -> None:
    users.change(uid=uid, name="Bob", voice=a_voice(MAN))
    session = Session(uid, auto_assign=False).run(dialogue)
    [suggested] = session.suggestions
    assert (suggested.speaker_id, suggested.person_id, suggested.person_name) == (0, "user", "Bob")
    assert suggested.segment_id in {each.id for each in session.stored() if each.speaker_id == 0}
    assert not any(each.is_user or each.person_id or each.speaker_label_source for each in session.stored())
    [kept] = session.recognition.suggestions("c1")
    assert (kept.speaker_id, kept.person_name) == (0, "Bob")
    assert kept.confidence is not None
    assert kept.confidence > 0.8


def test_between_two_who_sound_alike_nobody_is_named(uid: str) -> None:
    a_person(uid, "Tom", MAN)
    a_person(uid, "Tim", MAN[:2])
    session = Session(uid).run(dialogue)
    assert not any(each.person_id for each in session.stored())
    assert len(session.suggestions) == 1


@pytest.mark.parametrize("known", ["nobody", "by another model", "the owner, who shall not be"])
def test_where_nobody_can_be_recognised_nobody_is(uid: str, known: str) -> None:
    if known == "by another model":
        users.change(uid=uid, voice=a_voice(MAN, model="another"))
        a_person(uid, "Ann", WOMAN, model="another")
    elif known != "nobody":
        users.change(uid=uid, voice=a_voice(MAN))
    session = Session(uid, owner_too=known != "the owner, who shall not be").run(dialogue)
    assert not any(each.is_user or each.person_id for each in session.stored())
    assert not session.told


def test_less_than_five_seconds_name_nobody(uid: str) -> None:
    users.change(uid=uid, voice=a_voice(MAN))
    session = Session(uid).run(lambda session: session.say((0, HIS[0]), (0, HIS[1][:BYTES_PER_SECOND])))
    assert not session.told


def test_a_new_stream_numbers_voices_anew_and_they_are_known_again(uid: str) -> None:
    users.change(uid=uid, voice=a_voice(MAN))

    async def story(session: Session) -> None:
        await dialogue(session)
        await session.recognition.finish(within_s=20)
        # She speaks first this time: the provider calls her 0, and him 1.
        await session.say((0, HERS[3]), (1, HIS[3]), stream=1)

    session = Session(uid).run(story)
    hers, his = session.stored()[-2:]
    assert (hers.speaker, hers.speaker_id, hers.is_user) == ("SPEAKER_01", 1, False)
    assert (his.speaker, his.speaker_id, his.is_user) == ("SPEAKER_00", 0, True)
    assert {hers.id, his.id} <= {each.id for each in session.updates}


class TestAssignment:
    """What the client says."""

    def test_it_is_stored_carried_and_learnt_from(self, stores: Stores, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann").id

        async def story(session: Session) -> None:
            [first, second] = await session.say((1, HERS[0]), (1, HERS[1]))
            assert await session.recognition.assigned(
                SpeakerAssigned(speaker_id=1, person_id=ann, segment_ids=[first.id])
            )
            [later] = await session.say((1, HERS[2]))
            assert (later.person_id, later.speaker_label_source) == (ann, "carried")
            assert second.speaker_label_source is None

        session = Session(uid).run(story)
        assert [(each.person_id, each.speaker_label_source) for each in session.stored()] == [
            (ann, "manual"),
            (None, None),
            (ann, "carried"),
        ]
        assert (session.updates[0].person_id, session.updates[0].text) == (ann, "these are words")
        bodies = [json.loads(task.http_request.body) for task in stores.waiting_tasks()]
        bodies += [json.loads(request.content) for request in stores.tasks.received]
        assert {"uid": uid, "conversation_id": "c1", "person_id": ann} in bodies

    def test_it_overrides_what_was_recognised_and_is_not_overridden(self, uid: str) -> None:
        users.change(uid=uid, voice=a_voice(MAN))
        tom = people.get_or_create(uid=uid, name="Tom").id

        async def story(session: Session) -> None:
            await dialogue(session)
            await session.recognition.finish(within_s=20)
            [said] = await session.say((0, HIS[3]))
            assert said.is_user
            await session.recognition.assigned(SpeakerAssigned(speaker_id=0, person_id=tom, segment_ids=[said.id]))
            await session.say((0, HIS[0]), (0, HIS[1]))

        session = Session(uid).run(story)
        assert [(each.person_id, each.is_user, each.speaker_label_source) for each in session.stored()[-3:]] == [
            (tom, False, "manual"),
            (tom, False, "carried"),
            (tom, False, "carried"),
        ]

    def test_the_owner_may_be_assigned_and_taken_back(self, uid: str) -> None:
        async def story(session: Session) -> None:
            [first] = await session.say((0, HIS[0]))
            await session.recognition.assigned(SpeakerAssigned(speaker_id=0, person_id="user", segment_ids=[first.id]))
            [mine] = await session.say((0, HIS[1]))
            assert mine.is_user
            await session.recognition.assigned(SpeakerAssigned(speaker_id=0, segment_ids=[first.id, mine.id]))
            [nobody] = await session.say((0, HIS[2]))
            assert not nobody.is_user

        session = Session(uid).run(story)
        assert not any(each.is_user for each in session.stored())

    @pytest.mark.parametrize("wrong", ["segment", "person"])
    def test_about_what_is_not_there_nothing_happens(self, uid: str, wrong: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann").id

        async def story(session: Session) -> None:
            [said] = await session.say((0, HIS[0]))
            message = SpeakerAssigned(
                speaker_id=0,
                person_id="nobody" if wrong == "person" else ann,
                segment_ids=["another"] if wrong == "segment" else [said.id],
            )
            assert not await session.recognition.assigned(message)

        session = Session(uid).run(story)
        assert not any(each.person_id for each in session.stored())

    def test_a_transcript_that_was_put_together_meanwhile_is_labelled_too(self, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann").id

        async def story(session: Session) -> None:
            [said] = await session.say((1, HERS[0]))
            batches = segment_batches.list_batches(uid=uid, conversation_id="c1")
            segment_batches.delete(batches, uid=uid, conversation_id="c1")
            done = {"status": ConversationStatus.COMPLETED, "transcript_segments": batches[0].segments}
            conversations.change(uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update=done))
            await session.recognition.assigned(SpeakerAssigned(speaker_id=1, person_id=ann, segment_ids=[said.id]))

        Session(uid).run(story)
        [segment] = conversations.get(uid=uid, conversation_id="c1").transcript_segments
        assert (segment.person_id, segment.speaker_label_source) == (ann, "manual")


class TestIntroductions:
    """Somebody says his name."""

    def test_a_new_name_makes_a_person(self, uid: str) -> None:
        session = Session(uid).run(lambda session: session.say((0, HIS[0]), text="Hello, my name is Tom."))
        [tom] = people.list_all(uid=uid)
        assert tom.name == "Tom"
        [said] = session.stored()
        assert (said.person_id, said.speaker_label_source) == (tom.id, "auto")

    def test_only_suggested_it_makes_none(self, uid: str) -> None:
        session = Session(uid, auto_assign=False).run(
            lambda session: session.say((0, HIS[0]), text="Hello, my name is Tom.")
        )
        [suggested] = session.suggestions
        assert (suggested.person_id, suggested.person_name) == ("", "Tom")
        assert not people.list_all(uid=uid)

    def test_where_no_new_speakers_are_wanted_a_new_name_is_nobody(self, uid: str) -> None:
        session = Session(uid, create_speakers=False).run(
            lambda session: session.say((0, HIS[0]), text="Hello, my name is Tom.")
        )
        assert not session.told
        assert not people.list_all(uid=uid)

    def test_saying_what_one_is_can_only_be_somebody_known(self, uid: str) -> None:
        tom = people.get_or_create(uid=uid, name="Tom").id

        async def story(session: Session) -> None:
            await session.say((0, HIS[0]), text="I am Tired.")
            await session.say((1, HERS[0]), text="I am tom.")

        session = Session(uid).run(story)
        assert [each.person_id for each in session.stored()] == [None, tom]
        assert len(people.list_all(uid=uid)) == 1

    def test_the_owner_introduces_himself(self, uid: str) -> None:
        users.change(uid=uid, name="Bob")
        session = Session(uid).run(lambda session: session.say((0, HIS[0]), text="Hi, I'm Bob, nice to meet you."))
        assert session.stored()[0].is_user


class _Broken:
    """An embedder that takes its time and fails."""

    rules = Rules(largest_distance=0.2)

    def __init__(self, name: str = STATISTICS.name) -> None:
        self.name = name
        self.asked = 0

    def embed(self, pcm: bytes) -> Vector:  # noqa: ARG002 - the port has it
        self.asked += 1
        time.sleep(0.5)
        raise ProviderError("not now")


def test_an_embedder_that_is_slow_and_fails_holds_nothing_up_and_is_left_alone(uid: str) -> None:
    users.change(uid=uid, voice=a_voice(MAN))
    broken = _Broken()
    longest = 0.0

    async def story(session: Session) -> None:
        nonlocal longest
        for turn in HIS[:4]:
            started = time.monotonic()
            session.recognition.label([a_segment("x", 0, 3)], stream=0)
            longest = max(longest, time.monotonic() - started)
            await session.say((0, turn))

    session = Session(uid, embedder=broken).run(story)
    assert longest < 0.25, "half of what the embedder takes"
    assert broken.asked == 1
    assert not session.told


def test_a_profile_recorded_meanwhile_is_known(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_book, "_LOOKED_AGAIN_S", 0.0)

    async def story(session: Session) -> None:
        await dialogue(session)
        await session.recognition.finish(within_s=20)
        assert not session.told
        users.change(uid=uid, voice=a_voice(MAN))
        people.note_change(uid=uid)
        await session.say((0, HIS[3]))

    session = Session(uid).run(story)
    assert [each.is_user for each in session.stored() if each.speaker_id == 0] == [True] * 4


def test_what_is_found_out_between_labelling_and_storing_is_not_lost(uid: str) -> None:
    tom = people.get_or_create(uid=uid, name="Tom").id

    async def story(session: Session) -> None:
        [first] = await session.say((0, HIS[0]))
        segment = a_segment("later", 40, 43, id="late")
        [labelled] = session.recognition.label([segment], stream=0)
        await session.recognition.assigned(SpeakerAssigned(speaker_id=0, person_id=tom, segment_ids=[first.id]))
        batch = a_batch(40, 43, labelled)
        await asyncio.to_thread(segment_batches.put, batch, uid=uid, conversation_id="c1")
        session.recognition.said([segment], take=session.take, stream=0)

    session = Session(uid).run(story)
    assert [(each.person_id, each.speaker_label_source) for each in session.stored()] == [
        (tom, "manual"),
        (tom, "carried"),
    ]


def test_more_than_can_be_considered_is_passed_over(uid: str) -> None:
    session = Session(uid)

    async def flood() -> None:
        segments = [a_segment("x", number, number + 1, id=f"g{number}") for number in range(500)]
        session.recognition.said(segments, take=session.take, stream=0)
        assert session.recognition._waiting.qsize() <= 100
        running = asyncio.create_task(session.recognition.run())
        await session.recognition.finish(within_s=20)
        running.cancel()

    asyncio.run(flood())


class TestTheNextConnection:
    """A conversation goes on after its connection broke."""

    def test_voices_keep_their_numbers_and_their_names(self, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann").id

        async def first(session: Session) -> None:
            await dialogue(session)
            hers = [each.id for each in await asyncio.to_thread(session.stored) if each.speaker_id == 1]
            await session.recognition.assigned(SpeakerAssigned(speaker_id=1, person_id=ann, segment_ids=hers))
            await session.say((1, HERS[3]))

        Session(uid).run(first)

        async def second(session: Session) -> None:
            await session.recognition.recall("c1")
            await session.say((0, HERS[2]), (1, HIS[3]), (0, HERS[3]))

        session = Session(uid)
        session.take = replace(session.take, offset=200.0)
        session.run(second, resumed=True)
        later = [each for each in session.stored() if each.start >= 200]
        assert [(each.speaker_id, each.person_id, each.speaker_label_source) for each in later] == [
            (1, ann, "carried"),
            (0, None, None),
            (1, ann, "carried"),
        ]

    def test_voices_of_another_model_are_not_recalled(self, uid: str) -> None:
        Session(uid).run(dialogue)
        session = Session(uid, embedder=_Broken("another model"))

        async def second(session: Session) -> None:
            await session.recognition.recall("c1")
            [said] = await session.say((0, HERS[0]))
            assert said.speaker_id == 0

        session.run(second, resumed=True)
