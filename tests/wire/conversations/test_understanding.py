"""What a conversation is understood with: its people, calendar, language and tasks; whether it is kept, where filed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from common.conversations.folders import create_folder, file_conversation, folders_of
from common.conversations.reprocess import reprocess_conversation
from common.conversations.structure import structure_conversation
from common.core import clock
from common.database import action_items, conversations, people, users
from common.models.action_item import ActionItem
from common.models.conversation import Conversation
from common.models.folder import Folder
from common.models.structured import Structured
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.making import NOON, a_conversation, a_segment, at
from tests.support.models import language_model
from tests.support.providers import FirstWordsStructurer

pytestmark = pytest.mark.usefixtures("stores", "first_words")

WORDS = "we discussed the quarterly budget and the hiring plan"
MEETING = {"title": "Planning", "participants": [{"name": "Ada"}, {"email": "ben@example.com"}]}


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    with language_model() as server:
        yield server


def _understood(uid: str, *texts: str, **fields: Any) -> Conversation:
    segments = [a_segment(text, place, place + 1) for place, text in enumerate(texts or (WORDS,))]
    given = {"status": "processing", "run": 1, "transcript_segments": segments, **fields}
    conversations.create(a_conversation(**given), uid=uid)
    return _run(uid)


def _run(uid: str, run: int = 1) -> Conversation:
    assert structure_conversation(uid=uid, conversation_id="c1", run=run) == "completed"
    return conversations.get(uid=uid, conversation_id="c1")


def _verdict(conversation: Conversation) -> tuple[str, str, str]:
    assert conversation.relevance is not None
    return conversation.relevance.verdict, conversation.relevance.decided_by, conversation.relevance.reason


def _task(uid: str, description: str, **fields: Any) -> None:
    now = clock.now()
    item = {
        "uid": uid,
        "id": description[:8].replace(" ", "-"),
        "description": description,
        "created_at": now,
        "updated_at": now,
    }
    action_items.of(uid=uid).create(ActionItem.model_validate({**item, **fields}))


class TestContext:
    def test_the_model_is_told_names_language_timezone_calendar_and_tasks(
        self, uid: str, first_words: FirstWordsStructurer
    ) -> None:
        users.change(uid=uid, name="Ada", language="de", time_zone="Europe/Berlin")
        ben = people.get_or_create(uid=uid, name="Ben")
        _task(uid, "Buy milk")
        _task(uid, "Of this one", conversation_id="c1")
        _task(uid, "Long ago", created_at=clock.now() - timedelta(days=3))
        segments = [
            a_segment(WORDS, 0, 1, is_user=True),
            a_segment("I agree", 1, 2, person_id=ben.id, speaker="SPEAKER_01"),
            a_segment("So do I", 2, 3, speaker="SPEAKER_02"),
        ]
        _understood(
            uid,
            transcript_segments=segments,
            language="en",
            external_data={"calendar_meeting_context": MEETING},
        )
        [told] = first_words.dialogues
        assert [turn.speaker for turn in told.turns] == ["You", "Ben", "Speaker 2"]
        assert (told.user, told.language, told.write_in, told.timezone) == ("Ada", "en", "de", "Europe/Berlin")
        assert (told.occasion, told.participants) == ("Planning", ("Ada", "ben@example.com"))
        assert told.known_tasks == ("Buy milk",)

    def test_of_an_unknown_user_nothing_is_made_up(self, uid: str, first_words: FirstWordsStructurer) -> None:
        _understood(uid)
        [told] = first_words.dialogues
        assert (told.user, told.language, told.write_in, told.timezone) == ("", None, None, "UTC")
        assert (told.occasion, told.participants, told.known_tasks) == ("", (), ())

    def test_where_several_languages_were_expected_the_one_that_was_spoken_most_counts(
        self, uid: str, first_words: FirstWordsStructurer
    ) -> None:
        segments = [
            a_segment("hola a todos", 0, 1, language="es"),
            a_segment("we begin with the budget for next year", 1, 2, language="en"),
        ]
        _understood(uid, transcript_segments=segments, language="multi")
        assert first_words.dialogues[0].language == "en"

    @pytest.mark.parametrize(
        ("source", "written"), [("message", "message"), ("other_text", "other_text"), ("audio_transcript", None)]
    )
    def test_what_was_never_spoken_is_told_as_such(
        self, uid: str, first_words: FirstWordsStructurer, source: str, written: str | None
    ) -> None:
        _understood(uid, external_data={"text_source": source, "text_source_spec": "email"})
        assert first_words.dialogues[0].written == written

    @pytest.mark.parametrize("told", ["nonsense", {"participants": "all"}, [], {"title": 7}])
    def test_a_calendar_that_makes_no_sense_is_none(
        self, uid: str, first_words: FirstWordsStructurer, told: object
    ) -> None:
        _understood(uid, external_data={"calendar_meeting_context": told})
        assert first_words.dialogues[0].participants == ()


class TestRelevance:
    @pytest.mark.parametrize(
        ("starts", "verdict"),
        [
            (None, ("keep", "policy", "calendar_overlap")),
            (NOON - timedelta(minutes=20), ("keep", "policy", "calendar_overlap")),
            (NOON - timedelta(hours=2), ("discard", "rule", "filler_only")),
            (NOON + timedelta(hours=2), ("discard", "rule", "filler_only")),
        ],
    )
    def test_what_was_recorded_during_a_meeting_is_kept(
        self, uid: str, starts: Any, verdict: tuple[str, str, str]
    ) -> None:
        meeting = {**MEETING, "start_time": starts and starts.isoformat(), "duration_minutes": 30}
        done = _understood(uid, "um yeah", external_data={"calendar_meeting_context": meeting})
        assert _verdict(done) == verdict

    def test_what_its_owner_has_closed_is_kept(self, uid: str) -> None:
        done = _understood(uid, "um yeah", capture={"kind": "live", "finish_requested_at": at(9)})
        assert _verdict(done) == ("keep", "override", "closed by its owner")
        assert (done.relevance and done.relevance.trigger) == "client_finalize"

    @pytest.mark.parametrize(
        ("fields", "trigger"),
        [
            ({}, "capture_end"),
            ({"capture": {"kind": "upload"}}, "sync_update"),
            ({"capture": {"kind": "external"}}, "client_finalize"),
            ({"capture": {"kind": "merged"}}, "merge"),
            ({"failure": {"step": "structure_conversation", "reason": "away"}}, "server_recovery"),
            ({"asked_run": 1}, "user_reprocess"),
        ],
    )
    def test_the_record_says_what_it_was_decided_after(self, uid: str, fields: Any, trigger: str) -> None:
        done = _understood(uid, **fields)
        assert done.relevance is not None
        assert (done.relevance.trigger, done.relevance.rules_version) == (trigger, 3)

    def test_the_models_word_is_taken_where_no_rule_decides(self, uid: str, model: ProviderServer) -> None:
        model.script.append(Reply('{"verdict": "discard", "reason": "fragments"}'))
        done = _understood(uid, "the blue thing with the handle")
        assert (_verdict(done), done.discarded) == (("discard", "model", "fragments"), True)
        assert [segment.text for segment in done.transcript_segments] == ["the blue thing with the handle"]

    def test_a_model_that_is_away_discards_nothing(self, uid: str, model: ProviderServer) -> None:
        model.script.append(Reply(status=401))
        done = _understood(uid, "the blue thing with the handle")
        assert (_verdict(done), done.discarded) == (("keep", "policy", "model_unavailable"), False)

    def test_the_owners_word_stays_and_asks_nobody(self, uid: str, model: ProviderServer) -> None:
        kept = {"verdict": "keep", "decided_by": "user", "reason": "said by its owner"}
        done = _understood(uid, "um yeah", relevance=kept)
        assert _verdict(done) == ("keep", "user", "said by its owner")
        assert model.requests == []


class TestTitle:
    def test_processed_again_it_keeps_its_title(self, uid: str, first_words: FirstWordsStructurer) -> None:
        _understood(uid, structured=Structured(title="Our Budget"))
        assert conversations.get(uid=uid, conversation_id="c1").structured.title == "we discussed the"
        for run in (2, 3):
            reprocess_conversation(uid=uid, conversation_id="c1")
            first_words.before = lambda: None
            conversations.change(
                uid=uid,
                conversation_id="c1",
                decide=lambda current: current.model_copy(
                    update={"structured": current.structured.model_copy(update={"title": "Our Budget"})}
                ),
            )
            assert _run(uid, run).structured.title == "Our Budget"

    def test_what_was_understood_in_the_wrong_language_gets_a_new_one(self, uid: str) -> None:
        _understood(uid)
        conversations.reference(uid=uid, conversation_id="c1").update({"structured.title": "Wrong"})
        reprocess_conversation(uid=uid, conversation_id="c1", language="de")
        assert _run(uid, 2).structured.title == "we discussed the"


def _folder(uid: str, name: str) -> Folder:
    return next(folder for folder in folders_of(uid=uid) if folder.name == name)


class TestFiling:
    def test_without_folders_of_ones_own_the_category_decides(self, uid: str, model: ProviderServer) -> None:
        model.script.append(Reply('{"verdict": "keep", "reason": "decision"}'))
        assert _understood(uid).folder_id == _folder(uid, "Work").id
        assert len(model.requests) == 1, "nobody is asked about folders"

    @pytest.mark.parametrize(
        ("answer", "name"),
        [
            ('{"folder": 4, "confidence": 0.8}', "Garden"),
            ('{"folder": 4, "confidence": 0.6}', "Work"),
            ('{"folder": 99, "confidence": 1.0}', "Work"),
            ("nonsense", "Work"),
        ],
    )
    def test_among_folders_of_ones_own_the_model_chooses_if_it_is_sure(
        self, uid: str, model: ProviderServer, answer: str, name: str
    ) -> None:
        create_folder(uid=uid, name="Garden", description="plants", color="#111111", icon="leaf")
        model.script.extend([Reply('{"verdict": "keep", "reason": "decision"}'), Reply(answer), Reply(answer)])
        assert _understood(uid).folder_id == _folder(uid, name).id

    def test_what_its_owner_has_filed_stays_where_it_is(self, uid: str) -> None:
        personal = _folder(uid, "Personal").id
        assert _understood(uid, folder_id=personal, folder_user_set=True).folder_id == personal

    def test_what_its_owner_has_put_into_none_stays_in_none(self, uid: str) -> None:
        assert _understood(uid, folder_id=None, folder_user_set=True).folder_id is None

    def test_what_its_owner_files_meanwhile_stays_there(self, uid: str, first_words: FirstWordsStructurer) -> None:
        social = _folder(uid, "Social").id
        first_words.before = lambda: file_conversation(uid=uid, conversation_id="c1", folder_id=social)
        assert _understood(uid).folder_id == social

    def test_what_is_discarded_is_not_filed(self, uid: str) -> None:
        assert _understood(uid, "um yeah").folder_id is None
