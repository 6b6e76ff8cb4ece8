"""Pictures of a conversation: kept before anything else, described once, deleted with it."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import functions_framework
import pytest

from common.conversations.browse import open_conversation
from common.conversations.delete import delete_conversation
from common.conversations.describe_photo import describe_photo, give_up_photo
from common.conversations.finalize import finalize_conversation
from common.conversations.keep_photo import keep_photo
from common.conversations.lifecycle import RETRY_AFTER_S
from common.conversations.purge import purge_conversation
from common.conversations.structure import structure_conversation
from common.core import clock
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import clients, conversations, media, photo_files, photos, segment_batches, users
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation, ConversationSource, ConversationStatus
from common.models.events import DescribePhoto, FinalizeConversation
from local.manifest import ROOT, load
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.answering import Quiet, answering
from tests.support.making import a_batch, a_conversation, a_segment, at
from tests.support.models import language_model
from tests.support.providers import FirstWordsStructurer
from tests.support.stores import Stores
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("stores", "first_words")

_create_app: Any = functions_framework.create_app  # ships no types
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    with language_model(photo_patience_s="0.5") as server:
        yield server


def _kept(uid: str, data: bytes = JPEG, *, temp_id: str = "t1", taken: float = 5) -> ConversationPhoto | None:
    return keep_photo(
        data, content_type="image/jpeg", temp_id=temp_id, taken_at=at(taken), uid=uid, conversation_id="c1"
    )


def _photo(uid: str, data: bytes = JPEG, **options: Any) -> ConversationPhoto:
    kept = _kept(uid, data, **options)
    assert kept is not None
    return kept


def _task(uid: str, photo: ConversationPhoto) -> DescribePhoto:
    return DescribePhoto(uid=uid, conversation_id="c1", photo_id=photo.id)


def _stored(uid: str) -> list[ConversationPhoto]:
    return photos.list_photos(uid=uid, conversation_id="c1")


def _now(uid: str) -> Conversation:
    return conversations.get(uid=uid, conversation_id="c1")


def _sees(description: str, *, telling: bool = True) -> Reply:
    return Reply(json.dumps({"description": description, "telling": telling}))


def _tasks(stores: Stores, uid: str) -> list[str]:
    return [
        request.content.decode()
        for request in stores.tasks.received
        if uid.encode() in request.content and b"photo_id" in request.content
    ]


def _waiting(stores: Stores, uid: str) -> list[str]:
    """Tasks about the user's pictures that are due later."""
    bodies = [task.http_request.body.decode() for task in stores.waiting_tasks()]
    return [body for body in bodies if uid in body and '"run":0' not in body and "photo_id" in body]


class TestKeeping:
    """Store before understand."""

    def test_it_is_stored_with_its_conversation_and_shown_with_it(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        assert photo_files.read(photo) == JPEG
        [shown] = open_conversation(uid=uid, conversation_id="c1").photos
        assert (shown.id, shown.base64, shown.created_at) == (photo.id, "/9j/4CBhIHBpY3R1cmU=", at(5))
        assert shown.description is None, "nobody here can say what is to be seen, and nobody pretends"

    def test_it_is_content(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        assert not _now(uid).has_content
        _photo(uid)
        assert _now(uid).has_content

    def test_no_answer_holds_more_of_them_than_fits(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        conversations.create(a_conversation(), uid=uid)
        for number in range(12):
            _photo(uid, JPEG, temp_id=str(number), taken=number)
        media.delete(_stored(uid)[1].storage_id or "")
        monkeypatch.setattr(photo_files, "MOST_SHOWN", 10 * len(JPEG))
        shown = open_conversation(uid=uid, conversation_id="c1").photos
        assert [bool(photo.base64) for photo in shown] == [True, False, *[True] * 9, False]
        assert [photo.created_at for photo in shown] == [at(number) for number in range(12)]

    def test_a_bucket_that_does_not_answer_keeps_nobody_from_reading_what_was_said(
        self, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = [a_segment("Look at this dog.", 1, 3)]
        conversations.create(a_conversation(status="completed", transcript_segments=said), uid=uid)
        for number in range(10):
            _photo(uid, temp_id=str(number), taken=number)

        class Away(Quiet):
            def do_GET(self) -> None:  # noqa: N802 - the base class's name
                self.send_error(503)

        released = threading.Event()
        with answering(Away, released=released) as nowhere, monkeypatch.context() as patched:
            patched.setenv("STORAGE_EMULATOR_HOST", nowhere)
            clients.storage_client.cache_clear()
            began = clock.monotonic()
            shown = open_conversation(uid=uid, conversation_id="c1")
            took = clock.monotonic() - began
        clients.storage_client.cache_clear()
        assert took < 15
        assert [segment.text for segment in shown.transcript_segments] == ["Look at this dog."]
        assert [photo.base64 for photo in shown.photos] == [""] * 10
        assert all(photo.base64 for photo in open_conversation(uid=uid, conversation_id="c1").photos)

    def test_the_same_again_changes_nothing_and_another_is_another(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        first = _photo(uid)
        photos.of(uid=uid, conversation_id="c1").change(
            first.id, lambda photo: photo.model_copy(update={"description": "A dog."})
        )
        assert _photo(uid, taken=9).description == "A dog."
        _photo(uid, JPEG + b"!", temp_id="t1", taken=10)
        assert [photo.created_at for photo in _stored(uid)] == [at(5), at(10)]

    def test_it_makes_the_conversation_one_of_openglass_which_remembers_what_its_client_is(self, uid: str) -> None:
        conversations.create(a_conversation(source="omi"), uid=uid)
        for number in range(2):
            _photo(uid, temp_id=str(number))
            now = _now(uid)
            assert (now.source, now.capture.source) == (ConversationSource.OPENGLASS, ConversationSource.OMI)

    def test_of_a_conversation_that_is_gone_nothing_is_kept(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        assert _kept(uid) is None
        conversations.create(a_conversation(), uid=uid)
        put = photo_files.put

        def deleted_meanwhile(*args: Any, **options: Any) -> str:
            delete_conversation(uid=uid, conversation_id="c1")
            purge_conversation(uid=uid, conversation_id="c1")
            return put(*args, **options)

        monkeypatch.setattr(photo_files, "put", deleted_meanwhile)
        assert _kept(uid) is None
        assert (media.list_paths(f"{uid}/"), _stored(uid)) == ([], [])

    def test_with_the_conversation_it_is_deleted(self, uid: str) -> None:
        for conversation_id in ("c1", "c10"):
            conversations.create(a_conversation(id=conversation_id), uid=uid)
            keep_photo(
                JPEG, content_type="image/jpeg", temp_id="t", taken_at=at(0), uid=uid, conversation_id=conversation_id
            )
        delete_conversation(uid=uid, conversation_id="c1")
        purge_conversation(uid=uid, conversation_id="c1")
        assert _stored(uid) == []
        assert [path.split("/")[:3] for path in media.list_paths(f"{uid}/")] == [[uid, "photos", "c10"]]

    def test_one_is_a_sign_of_life(self, uid: str) -> None:
        began = clock.now() - clock.duration(1000)
        conversations.create(
            a_conversation(created_at=began, started_at=began, capture={"kind": "live", "timeout_s": 300}), uid=uid
        )
        keep_photo(JPEG, content_type="image/jpeg", temp_id="t", taken_at=clock.now(), uid=uid, conversation_id="c1")
        finalize_conversation(FinalizeConversation(uid=uid, conversation_id="c1"))
        assert _now(uid).status is ConversationStatus.IN_PROGRESS


class TestDescribing:
    """A step of its own."""

    def test_it_is_asked_for_once_and_said_in_the_users_language(
        self, stores: Stores, uid: str, model: ProviderServer
    ) -> None:
        conversations.create(a_conversation(), uid=uid)
        users.change(uid=uid, language="fr")
        photo = _photo(uid)
        assert _photo(uid) == _photo(uid) == photo
        [body] = eventually(lambda: _tasks(stores, uid), within_s=5, what="the task goes out")
        task = DescribePhoto.model_validate_json(body)
        assert task == _task(uid, photo)
        model.script += [_sees("Un chien."), _sees("Un chat.")]
        assert describe_photo(task) == describe_photo(task) == "described"
        [described] = _stored(uid)
        assert (described.description, described.discarded, described.settled) == ("Un chien.", False, True)
        [request] = model.requests
        assert "Write in: fr" in json.dumps(request.body)

    def test_a_picture_of_nothing_is_kept_and_marked(self, uid: str, model: ProviderServer) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        model.script.append(_sees("Black.", telling=False))
        describe_photo(_task(uid, photo))
        [described] = _stored(uid)
        assert (described.description, described.discarded) == ("Black.", True)
        assert photo_files.read(described) == JPEG

    def test_a_model_that_is_away_brings_it_back_and_given_up_it_says_why(
        self, stores: Stores, uid: str, model: ProviderServer
    ) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        model.script.append(Reply(status=401))
        with pytest.raises(ProviderError):
            describe_photo(_task(uid, photo))
        assert not _stored(uid)[0].settled
        give_up_photo(_task(uid, photo), "the model is away")
        [again] = eventually(lambda: _waiting(stores, uid), within_s=5, what="it will be tried again")
        assert again == _task(uid, photo).model_copy(update={"run": 1}).model_dump_json()
        [parked] = _stored(uid)
        assert (parked.description, parked.failure, parked.settled) == (None, "the model is away", True)
        model.script.append(_sees("A dog."))
        describe_photo(_task(uid, photo))
        assert (_stored(uid)[0].description, _stored(uid)[0].failure) == ("A dog.", None)
        give_up_photo(_task(uid, photo), "too late")
        assert _stored(uid)[0].failure is None

    def test_as_a_task_it_is_tried_again_and_given_up_at_the_limit(self, uid: str, model: ProviderServer) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        described = load().functions["describe_photo"]
        source = str(ROOT / "functions" / described.folder / "main.py")
        client = _create_app(described.entry_point, source, "http").test_client()
        model.script += [Reply(status=401)] * settings().max_attempts
        body = _task(uid, photo).model_dump_json()
        statuses = [client.post("/", data=body).status_code for _ in range(settings().max_attempts + 1)]
        assert statuses == [503] * (settings().max_attempts - 1) + [200, 200]
        assert len(model.requests) == settings().max_attempts, "settled, nobody is asked again"
        [parked] = _stored(uid)
        assert (parked.description, parked.failure) == (None, "openai: status 401")

    def test_after_a_day_nobody_tries_again(self, stores: Stores, uid: str, model: ProviderServer) -> None:
        assert model
        conversations.create(a_conversation(), uid=uid)
        last = _task(uid, _photo(uid)).model_copy(update={"run": len(RETRY_AFTER_S)})
        give_up_photo(last, "the model is away")
        assert _waiting(stores, uid) == []
        assert _stored(uid)[0].settled

    @pytest.mark.parametrize("how", ["document", "bytes", "conversation"])
    def test_what_is_deleted_meanwhile_is_not_described(self, uid: str, model: ProviderServer, how: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        if how == "document":
            photos.of(uid=uid, conversation_id="c1").delete(photo.id)
        elif how == "bytes":
            photo_files.delete_all(uid=uid, conversation_id="c1")
        else:
            delete_conversation(uid=uid, conversation_id="c1")
            purge_conversation(uid=uid, conversation_id="c1")
        assert describe_photo(_task(uid, photo)) == "deleted"
        give_up_photo(_task(uid, photo), "x")
        assert model.requests == []

    def test_without_a_model_that_sees_nobody_is_asked(self, stores: Stores, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        assert describe_photo(_task(uid, photo)) == "nobody can"
        assert not _stored(uid)[0].settled
        with language_model(language_model_sees="false") as model:
            _photo(uid, temp_id="t2")
            assert describe_photo(_task(uid, photo)) == "nobody can"
            assert model.requests == []
        assert _tasks(stores, uid) == []


class TestStructuring:
    """A conversation of pictures is no empty one."""

    def _closed(self, uid: str, **fields: Any) -> None:
        conversations.change(
            uid=uid,
            conversation_id="c1",
            decide=lambda current: current.model_copy(
                update={"status": ConversationStatus.PROCESSING, "run": 1, **fields}
            ),
        )

    def test_pictures_that_nobody_describes_are_kept(self, uid: str, first_words: FirstWordsStructurer) -> None:
        conversations.create(a_conversation(), uid=uid)
        _photo(uid)
        self._closed(uid)
        assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
        now = _now(uid)
        assert (now.discarded, now.relevance and now.relevance.decided_by) == (False, "policy")
        assert len(first_words.dialogues) == 1

    def test_what_they_show_stands_between_the_words(
        self, uid: str, model: ProviderServer, first_words: FirstWordsStructurer
    ) -> None:
        conversations.create(a_conversation(), uid=uid)
        segment_batches.put(
            a_batch(0, 20, a_segment("look at this budget", 1, 3), a_segment("and now the plan", 10, 12)),
            uid=uid,
            conversation_id="c1",
        )
        for number, reply in enumerate([_sees("A whiteboard with three boxes."), _sees("Black.", telling=False)]):
            photo = _photo(uid, temp_id=str(number), taken=5)
            model.script.append(reply)
            describe_photo(_task(uid, photo))
        self._closed(uid)
        assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
        [dialogue] = first_words.dialogues
        assert [(turn.speaker, turn.text) for turn in dialogue.turns] == [
            ("Speaker 0", "look at this budget"),
            ("Photo", "A whiteboard with three boxes."),
            ("Speaker 0", "and now the plan"),
        ]

    def test_only_pictures_of_nothing_are_discarded_but_stay(self, uid: str, model: ProviderServer) -> None:
        conversations.create(a_conversation(), uid=uid)
        photo = _photo(uid)
        model.script.append(_sees("Black.", telling=False))
        describe_photo(_task(uid, photo))
        self._closed(uid)
        assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
        assert _now(uid).discarded
        assert len(_stored(uid)) == 1

    def test_the_last_description_that_comes_late_has_it_structured_again(
        self, stores: Stores, uid: str, model: ProviderServer, first_words: FirstWordsStructurer
    ) -> None:
        conversations.create(a_conversation(), uid=uid)
        one, other = _photo(uid, temp_id="1"), _photo(uid, temp_id="2")
        self._closed(uid)
        before = clock.monotonic()
        assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
        assert clock.monotonic() - before >= settings().photo_patience_s
        assert first_words.dialogues[0].turns == ()
        model.script += [_sees("A whiteboard with boxes."), _sees("A dog.")]
        describe_photo(_task(uid, one))
        assert _now(uid).status is ConversationStatus.COMPLETED, "another one is still to come"
        describe_photo(_task(uid, other))
        assert (_now(uid).status, _now(uid).run) == (ConversationStatus.PROCESSING, 2)
        assert structure_conversation(uid=uid, conversation_id="c1", run=2) == "completed"
        assert len(first_words.dialogues[1].turns) == 2
        for _ in range(2):
            describe_photo(_task(uid, other))
        assert _now(uid).run == 2, "all of that is known"
        assert sorted(_tasks(stores, uid)) == sorted(_task(uid, photo).model_dump_json() for photo in (one, other))
