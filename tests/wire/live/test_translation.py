"""One connection's translation: beside the captions, kept with the words, and never in their way."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from common.conversations.live import translation as live_translation
from common.conversations.live.board import Board
from common.conversations.live.translation import WAITING_BATCHES, LiveTranslation, translation_for
from common.conversations.structure import structure_conversation
from common.conversations.translation import as_translated
from common.core import clock
from common.core.metering import metered
from common.database import conversations, segment_batches, users
from common.database.segment_batches import SegmentBatch
from common.entry.accounting import new_meter
from common.models.conversation import ConversationStatus
from common.models.listen import Translating
from common.models.segment import TranscriptSegment
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.models import language_model

pytestmark = pytest.mark.usefixtures("stores", "first_words")


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    with language_model(model_timeout_s="5") as server:
        yield server


def _answer(*texts: str, **options: Any) -> Reply:
    listed = [{"number": number, "text": text} for number, text in enumerate(texts, start=1)]
    return Reply(json.dumps({"translations": listed}), **options)


def _spanish(text: str, start: float, *, language: str | None = "es") -> TranscriptSegment:
    return a_segment(text, start, start + 1, id=f"s{start:g}", language=language)


def _batch(uid: str, *segments: TranscriptSegment) -> SegmentBatch:
    batch = a_batch(segments[0].start, segments[-1].end, *segments)
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    return batch


def _stored(uid: str) -> dict[str, list[tuple[str, str]]]:
    batches = segment_batches.list_batches(uid=uid, conversation_id="c1")
    return _translations([segment for batch in batches for segment in batch.segments])


def _translations(segments: list[TranscriptSegment]) -> dict[str, list[tuple[str, str]]]:
    return {each.id: [(one.lang, one.text) for one in each.translations] for each in segments}


Told = list[tuple[str, list[TranscriptSegment]]]


def _told(told: Told) -> list[list[tuple[str, str]]]:
    """Each time, which segment says what in English."""
    assert {conversation_id for conversation_id, _ in told} <= {"c1"}
    return [[(segment.id, segment.translations[0].text) for segment in segments] for _, segments in told]


def _run(uid: str, work: Callable[[LiveTranslation], Awaitable[None]]) -> Told:
    """Let a connection translate into English while `work` happens; what was told."""
    users.change(uid=uid, language="en")
    told: Told = []

    async def main() -> None:
        live = await asyncio.to_thread(
            translation_for, uid=uid, spoken="multi", translated=lambda *news: told.append(news)
        )
        assert live is not None
        running = asyncio.create_task(live.run())
        async with asyncio.timeout(15):
            await work(live)
            await live.drained()
        assert not running.done(), "it runs for ever"
        running.cancel()

    asyncio.run(main())
    return told


def test_what_is_foreign_is_told_again_and_kept(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)
    batch = _batch(uid, _spanish("¿Dónde está?", 1), _spanish("Over there.", 3, language="en"), _spanish("Allí.", 5))
    model.script.append(_answer("Where is it?", "There."))

    async def work(live: LiveTranslation) -> None:
        live.said(batch, conversation_id="c1")

    told = _run(uid, work)
    assert _told(told) == [[("s1", "Where is it?"), ("s5", "There.")]]
    assert _stored(uid) == {"s1": [("en", "Where is it?")], "s3": [], "s5": [("en", "There.")]}
    board = Board()
    board.add(batch.segments, session_id="s")
    shown = board.change(as_translated(told[0][1])).changed
    event = Translating(segments=[segment.to_json() for segment in shown]).model_dump(exclude_none=True)
    [joined] = event["segments"]
    assert joined["translations"] == [{"lang": "en", "text": "Where is it? Over there. There."}]
    assert joined.keys() == batch.segments[0].to_json().keys(), "what is told is whole"


def test_translations_are_in_the_finished_transcript(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(status="processing", run=1), uid=uid)
    batch = _batch(uid, _spanish("¿Dónde está el nuevo presupuesto?", 1))
    model.script.append(_answer("Where is the new budget?"))

    async def work(live: LiveTranslation) -> None:
        live.said(batch, conversation_id="c1")

    _run(uid, work)
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    done = conversations.get(uid=uid, conversation_id="c1")
    assert done.status is ConversationStatus.COMPLETED
    assert _translations(done.transcript_segments) == {"s1": [("en", "Where is the new budget?")]}


def test_what_comes_after_the_transcript_was_put_together_is_put_into_it(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(status="processing", run=1), uid=uid)
    batch = _batch(uid, _spanish("¿Dónde está el nuevo presupuesto?", 1))
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    assert segment_batches.list_batches(uid=uid, conversation_id="c1") == []
    model.script.append(_answer("Where is the new budget?"))

    async def work(live: LiveTranslation) -> None:
        live.said(batch, conversation_id="c1")

    assert len(_run(uid, work)) == 1
    done = conversations.get(uid=uid, conversation_id="c1")
    assert _translations(done.transcript_segments) == {"s1": [("en", "Where is the new budget?")]}


@pytest.mark.parametrize("what", ["edited", "deleted"])
def test_words_that_are_not_there_any_more_get_none(uid: str, model: ProviderServer, what: str) -> None:
    batch = a_batch(0, 5, _spanish("¿Dónde está?", 1))
    if what == "edited":
        edited = batch.segments[0].model_copy(update={"text": "Somewhere"})
        conversations.create(a_conversation(status="completed", transcript_segments=[edited]), uid=uid)
    model.script.append(_answer("Where is it?"))

    async def work(live: LiveTranslation) -> None:
        live.said(batch, conversation_id="c1")

    assert _run(uid, work) == []
    found = conversations.find(uid=uid, conversation_id="c1")
    assert found is None or _translations(found.transcript_segments) == {"s1": []}


def test_what_comes_while_the_model_thinks_is_asked_at_once(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)
    model.script += [_answer("One.", delay_s=0.3), _answer("Two.", "Three.")]

    async def work(live: LiveTranslation) -> None:
        for number, text in enumerate(["Uno.", "Dos.", "Tres."]):
            before = clock.monotonic()
            live.said(_batch(uid, _spanish(text, number)), conversation_id="c1")
            assert clock.monotonic() - before < 0.25, "who writes captions does not wait"
            await asyncio.sleep(0.05)

    assert _told(_run(uid, work)) == [[("s0", "One.")], [("s1", "Two."), ("s2", "Three.")]]
    assert len(model.requests) == 2


def test_of_what_is_said_again_in_other_words_only_these_count(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)
    model.script += [_answer("Wait.", delay_s=0.2), _answer("The whole sentence.")]

    async def work(live: LiveTranslation) -> None:
        live.said(_batch(uid, _spanish("Espera.", 9)), conversation_id="c1")
        await asyncio.sleep(0.1)
        first, whole = a_batch(1, 2, _spanish("La", 1)), _batch(uid, _spanish("La frase entera.", 1))
        live.said(first, conversation_id="c1")
        live.said(whole, conversation_id="c1")

    assert _told(_run(uid, work)) == [[("s9", "Wait.")], [("s1", "The whole sentence.")]]
    assert _stored(uid)["s1"] == [("en", "The whole sentence.")]


def test_a_model_that_fails_for_a_while_costs_nothing(
    uid: str, model: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_translation, "_FIRST_PAUSE_S", 0.01)
    conversations.create(a_conversation(), uid=uid)
    model.script += [Reply(status=401), Reply("x"), Reply("x"), _answer("One."), _answer("Two.")]

    async def work(live: LiveTranslation) -> None:
        for number, text in enumerate(["Uno.", "Dos."]):
            live.said(_batch(uid, _spanish(text, number)), conversation_id="c1")
            await live.drained()

    assert _told(_run(uid, work)) == [[("s0", "One.")], [("s1", "Two.")]]
    assert len(model.requests) == 5


def test_a_model_that_goes_on_failing_or_declines_costs_only_translations(
    uid: str, model: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_translation, "_FIRST_PAUSE_S", 0.01)
    conversations.create(a_conversation(), uid=uid)
    model.script += [Reply(status=401)] * live_translation._ATTEMPTS
    model.script += [Reply(refuses=True), _answer("Three.")]

    async def work(live: LiveTranslation) -> None:
        for number, text in enumerate(["Uno.", "Dos.", "Tres."]):
            live.said(_batch(uid, _spanish(text, number)), conversation_id="c1")
            await live.drained()

    assert _told(_run(uid, work)) == [[("s2", "Three.")]]
    assert _stored(uid) == {"s0": [], "s1": [], "s2": [("en", "Three.")]}


def test_words_that_are_declined_cost_only_their_own_translation(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)
    model.script += [_answer("One.", delay_s=0.3), Reply(refuses=True)]
    model.script += [_answer("Two."), Reply(refuses=True), _answer("Four.")]

    async def work(live: LiveTranslation) -> None:
        for number, text in enumerate(["Uno.", "Dos.", "Tres.", "Cuatro."]):
            live.said(_batch(uid, _spanish(text, number)), conversation_id="c1")
            await asyncio.sleep(0.05)

    assert _told(_run(uid, work)) == [[("s0", "One.")], [("s1", "Two.")], [("s3", "Four.")]]
    assert len(model.requests) == 5


def test_what_waits_is_bounded(uid: str, model: ProviderServer) -> None:
    conversations.create(a_conversation(), uid=uid)
    model.script.append(_answer("First.", delay_s=0.5))

    async def work(live: LiveTranslation) -> None:
        for number in range(WAITING_BATCHES + 10):
            live.said(a_batch(number, number + 1, _spanish("Uno.", number)), conversation_id="c1")
            if number == 0:
                await asyncio.sleep(0.1)
        assert live._waiting.qsize() == WAITING_BATCHES
        while not live._waiting.empty():
            live._waiting.get_nowait()
            live._waiting.task_done()

    _run(uid, work)
    assert len(model.requests) == 1


@pytest.mark.parametrize("chosen", ["no language", "one language", "no model"])
def test_who_wants_none_gets_none(uid: str, chosen: str) -> None:
    def made() -> LiveTranslation | None:
        return translation_for(uid=uid, spoken="multi", translated=lambda *_: None)

    if chosen == "no model":
        users.change(uid=uid, language="en")
        assert made() is None
        return
    with language_model():
        if chosen == "one language":
            users.change(uid=uid, language="en")
            assert made() is not None
            users.change(uid=uid, transcription_preferences={"single_language_mode": True})
        assert made() is None


def test_what_needs_no_translation_is_no_question(uid: str, model: ProviderServer) -> None:
    async def work(live: LiveTranslation) -> None:
        live.said(a_batch(0, 5, _spanish("Hello", 1, language="en-US"), _spanish("?", 2)), conversation_id="c1")
        live.said(a_batch(5, 9, _spanish("Hello", 1, language=None)), conversation_id="c1")

    assert _run(uid, work) == []
    assert model.requests == []


def test_who_has_used_up_today_s_tokens_is_not_translated_until_the_next_day(
    uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations.create(a_conversation(), uid=uid)
    said = ("¿Dónde está?", "Allí.", "Aquí.", "¿Aquí?")
    first, second, third, last = [_batch(uid, _spanish(text, start)) for start, text in enumerate(said)]
    with language_model(language_tokens_per_user_day="200") as model, metered(new_meter()) as meter:
        meter.uid = uid
        model.script += [_answer(each, usage=(60, 50)) for each in ("Where is it?", "There.", "Here.")]

        async def work(live: LiveTranslation) -> None:
            for each in (first, second, third):
                live.said(each, conversation_id="c1")
                await live.drained()
            await asyncio.to_thread(meter.flush)
            live.said(third, conversation_id="c1")
            await live.drained()
            assert len(model.requests) == 2
            tomorrow = clock.now() + timedelta(days=1)
            monkeypatch.setattr(clock, "now", lambda: tomorrow)
            await asyncio.to_thread(meter.flush)
            live.said(last, conversation_id="c1")
            await live.drained()

        told = _run(uid, work)
    assert _told(told) == [[("s0", "Where is it?")], [("s1", "There.")], [("s3", "Here.")]]
