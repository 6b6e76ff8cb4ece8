"""The chat over HTTP: asked and answered in a stream, kept, listed, cleared, reported."""

import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest

from common.action_items.edit import add_action_item, list_action_items
from common.chat import converse
from common.chat.greeting import GREETING
from common.chat.phrases import ENGLISH
from common.chat.ports import Cites, Part, Question, Thinking, Words
from common.chat.steps import PERSONA_NEEDS_A_MODEL
from common.conversations.index import index_conversation
from common.core import clock
from common.core.errors import ProviderError
from common.core.ids import derived_id
from common.database import conversations, messages, people, users
from common.database.messages import Chat
from common.memories.edit import add_memory
from common.memories.index import index_memory
from common.models.chat import Message, MessageSender
from common.models.segment import TranscriptSegment
from tests.support.apps import make_app
from tests.support.chat_client import Read, read
from tests.support.making import a_conversation, a_segment
from tests.support.providers import WordEmbedder
from tests.support.waiting import eventually
from tests.wire.api.conftest import ApiAs


@dataclass
class Scripted:
    """Answers what it is told to; what it is told to raise, it raises in its place."""

    name: str = "scripted"
    parts: list[Part | Exception] = field(default_factory=lambda: [Words("Fine.")])
    questions: list[Question] = field(default_factory=list)
    before: Callable[[], object] | None = None

    def answer(self, question: Question) -> Iterator[Part]:
        self.questions.append(question)
        for part in self.parts:
            if self.before is not None:
                self.before()
            if isinstance(part, Exception):
                raise part
            yield part


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Whoever answers in the chat."""
    made = Scripted()
    monkeypatch.setattr(converse, "answerer", lambda: made)
    return made


def _say(api: httpx.Client, text: str = "How are you?", *, query: str = "", **body: Any) -> Read:
    with api.stream("POST", f"/v2/messages{query}", json={"text": text, **body}) as stream:
        assert stream.status_code == 200, stream.read()
        assert stream.headers["content-type"].startswith("text/event-stream")
        return read(stream.iter_raw())


def _history(api: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = api.get(f"/v2/messages{query}").json()
    return listed


class TestAnswering:
    """A question is kept, answered in a stream, and the answer is kept before it is complete."""

    def test_the_stream_ends_with_the_answer_that_the_history_has(self, api: httpx.Client, scripted: Scripted) -> None:
        scripted.parts = [Thinking("Looking"), Words("All "), Words("well.")]
        said = _say(api)
        assert said.kinds == ["think", "data", "data", "done"]
        assert (said.thoughts, said.text, said.error) == (["Looking"], "All well.", None)
        newest, question = _history(api)
        assert said.done is not None
        assert said.done.pop("ask_for_nps") is False
        assert said.done == newest
        assert (newest["text"], newest["sender"], newest["type"]) == ("All well.", "ai", "text")
        assert (question["text"], question["sender"]) == ("How are you?", "human")

    def test_a_message_has_all_that_both_generations_of_clients_cast(
        self, api: httpx.Client, scripted: Scripted
    ) -> None:
        del scripted
        _say(api)
        for message in _history(api):
            assert message["created_at"].endswith("Z")
            for name in ("id", "text", "sender", "type"):
                assert isinstance(message[name], str)
            for name in ("memories", "memories_id", "files", "files_id"):
                assert message[name] == []
            assert (message["reported"], message["from_external_integration"]) == (False, False)
            assert message["plugin_id"] is message["app_id"] is None

    def test_absence_of_an_app_is_stored_as_null(self, api: httpx.Client, scripted: Scripted, uid: str) -> None:
        del scripted
        _say(api)
        [stored, _] = [each.to_dict() or {} for each in messages.of(uid=uid).collection.stream()]
        assert {"app_id", "plugin_id", "chat_session_id"} <= stored.keys()
        assert stored["plugin_id"] is None
        assert "memories" not in stored

    @pytest.mark.parametrize(
        "text",
        [
            "one\n\ntwo\n\n\nthree\n",
            "\n\n",
            "x\r\ny",
            "Grüße, 你好, 🧠👩‍👩‍👧, \u2028 and \x00",
            "data: done: error: ",
            "long " * 5000,
            "\n" * 3000,
            "🧠" * 2000,
        ],
        ids=["blank lines", "only breaks", "crlf", "unicode", "prefixes", "long", "many breaks", "many emoji"],
    )
    def test_any_text_arrives_as_it_was_written(self, api: httpx.Client, scripted: Scripted, text: str) -> None:
        scripted.parts = [Words("<"), Words(text), Words(">")]
        said = _say(api)
        assert said.text == f"<{text}>".replace("\r\n", "\n")
        assert said.done is not None
        assert said.done["text"] == f"<{text}>"

    def test_a_character_that_a_model_cut_in_two_is_whole_in_the_history(
        self, api: httpx.Client, scripted: Scripted
    ) -> None:
        scripted.parts = [Words("x\ud83d"), Words("\ude00 \ud83d.")]
        said = _say(api)
        assert said.done is not None
        assert said.done["text"] == _history(api)[0]["text"] == "x😀 �."

    def test_no_block_is_long_enough_to_be_joined_with_the_next(self, api: httpx.Client, scripted: Scripted) -> None:
        scripted.parts = [Words("\n" * 999 + "🧠" * 999)]
        with api.stream("POST", "/v2/messages", json={"text": "x"}) as stream:
            whole = b"".join(stream.iter_raw())
        blocks = whole.split(b"\n\n")
        assert whole.endswith(b"\n\n")
        assert all(len(block) < 1024 for block in blocks if block.startswith(b"data: "))

    def test_the_words_come_as_they_are_said(self, api: httpx.Client, scripted: Scripted) -> None:
        go_on = Event()

        def wait_for_the_first_to_be_read() -> None:
            if said:
                go_on.wait(10)
            said.append("a part")

        said: list[str] = []
        scripted.before = wait_for_the_first_to_be_read
        scripted.parts = [Words("first"), Words("second")]
        with api.stream("POST", "/v2/messages", json={"text": "x"}) as stream:
            pieces = stream.iter_raw()
            assert next(pieces) == b"data: first\n\n"
            go_on.set()
            assert b"data: second\n\n" in b"".join(pieces)

    def test_earlier_messages_of_the_same_chat_are_known_oldest_first(
        self, api: httpx.Client, scripted: Scripted
    ) -> None:
        for number in range(7):
            _say(api, f"question {number}")
        _say(api, "elsewhere", query="?app_id=other")
        [*_, last, elsewhere] = scripted.questions
        assert [each.text for each in last.history][-4:] == ["question 4", "Fine.", "question 5", "Fine."]
        assert len(last.history) == 10
        assert last.message.text == "question 6"
        assert elsewhere.history == ()

    def test_what_the_user_was_looking_at_is_passed_on(self, api: httpx.Client, scripted: Scripted) -> None:
        _say(api, context={"type": "conversation", "id": "c1", "title": "Flat", "start_date": "2026-05-04T10:00:00"})
        context = scripted.questions[0].context
        assert context is not None
        assert (context.type, context.id, context.title) == ("conversation", "c1", "Flat")
        assert context.start_date is not None
        assert context.start_date.utcoffset() is not None

    def test_a_model_that_fails_ends_the_stream_with_an_error_and_invents_nothing(
        self, api: httpx.Client, scripted: Scripted
    ) -> None:
        scripted.parts = [Words("Half of "), ProviderError("The model is away\n\nreally")]
        said = _say(api)
        assert said.kinds == ["data", "error"]
        assert said.error == "The model is away  really"
        assert [each["sender"] for each in _history(api)] == ["human"]

    def test_a_defect_ends_the_stream_too_and_tells_nothing(self, api: httpx.Client, scripted: Scripted) -> None:
        scripted.parts = [KeyError("secret")]
        said = _say(api)
        assert said.kinds == ["error"]
        assert "secret" not in str(said.error)

    @pytest.mark.parametrize("parts", [[], [Words("")], [Words(" \n")], [Cites(("c1",))]])
    def test_no_words_are_no_answer(self, api: httpx.Client, scripted: Scripted, parts: list[Part | Exception]) -> None:
        scripted.parts = parts
        assert _say(api).error == "The answer is empty"
        assert [each["sender"] for each in _history(api)] == ["human"]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": "x" * 10_001},
            {"text": 7},
            {"text": "x", "file_ids": ["f"] * 11},
            {"text": "x", "file_ids": [""]},
            {"text": "x", "context": {"type": 1}},
            {"text": "x", "client_message_id": ""},
        ],
    )
    def test_what_makes_no_sense_is_422_and_is_not_kept(
        self, api: httpx.Client, scripted: Scripted, body: dict[str, Any]
    ) -> None:
        answer = api.post("/v2/messages", json=body)
        assert answer.status_code == 422
        assert answer.json()["detail"]
        assert scripted.questions == []
        assert [each["text"] for each in _history(api)] == [GREETING]

    def test_the_longest_text_is_taken(self, api: httpx.Client, scripted: Scripted) -> None:
        _say(api, "🧠" * 10_000)
        assert scripted.questions[0].message.text == "🧠" * 10_000

    def test_the_description_tells_of_a_stream_and_of_errors_before_it(self, anybody: httpx.Client) -> None:
        paths = anybody.get("/openapi.json").json()["paths"]
        for path in ("/v2/messages", "/v2/voice-messages"):
            described = paths[path]["post"]["responses"]
            assert list(described["200"]["content"]) == ["text/event-stream"]
            assert all(list(described[status]["content"]) == ["application/json"] for status in ("401", "422", "503"))

    def test_without_a_token_nothing_is_said(self, anybody: httpx.Client) -> None:
        assert anybody.post("/v2/messages", json={"text": "x"}).status_code == 401


class TestLeaving:
    """Whoever goes away in the middle finds the answer later, whole."""

    def test_an_answer_is_finished_without_its_reader(
        self, api: httpx.Client, scripted: Scripted, address: str
    ) -> None:
        first, go_on = Event(), Event()

        def wait() -> None:
            if first.is_set():
                go_on.wait(10)
            first.set()

        scripted.before = wait
        scripted.parts = [Words("first "), Words("second "), *[Words("word ")] * 500, Words("last")]
        where = urlsplit(address)
        body = b'{"text": "tell me"}'
        with socket.create_connection((str(where.hostname), int(where.port or 0))) as client:
            head = (
                f"POST /v2/messages HTTP/1.1\r\nHost: x\r\nAuthorization: {api.headers['authorization']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            client.sendall(head.encode() + body)
            arrived = b""
            while b"data: first" not in arrived:
                arrived += client.recv(4096)
        go_on.set()
        newest = eventually(
            lambda: [each for each in _history(api) if each["sender"] == "ai"], within_s=10, what="the answer is kept"
        )
        assert newest[0]["text"] == "first second " + "word " * 500 + "last"


class TestSendingAgain:
    """The same message under the same key is stored once and answered once."""

    def test_a_repeated_message_is_one_message_and_one_answer(self, api: httpx.Client, scripted: Scripted) -> None:
        first = _say(api, client_message_id="k1")
        scripted.parts = [Words("Something else.")]
        again = _say(api, client_message_id="k1")
        assert (again.done, again.text) == (first.done, "Fine.")
        assert len(_history(api)) == 2
        assert len(scripted.questions) == 1

    def test_a_header_does_the_same(self, api: httpx.Client, scripted: Scripted) -> None:
        del scripted
        for _ in range(2):
            assert api.post("/v2/messages", json={"text": "x"}, headers={"Idempotency-Key": "k"}).status_code == 200
        assert len(_history(api)) == 2

    def test_what_was_not_answered_is_answered_the_second_time(self, api: httpx.Client, scripted: Scripted) -> None:
        scripted.parts = [ProviderError("away")]
        assert _say(api, client_message_id="k").error == "away"
        scripted.parts = [Words("Now.")]
        assert _say(api, client_message_id="k").text == "Now."
        assert [each["text"] for each in _history(api)] == ["Now.", "How are you?"]

    def test_two_at_once_agree_on_one_answer(self, api_as: ApiAs, uid: str, scripted: Scripted) -> None:
        meet = Barrier(2, timeout=10)
        scripted.before = meet.wait
        clients = [api_as(uid) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda client: _say(client, client_message_id="k"), clients)
        assert first.done == second.done
        assert len(_history(clients[0])) == 2

    def test_the_same_key_for_another_text_is_a_mistake(self, api: httpx.Client, scripted: Scripted) -> None:
        del scripted
        _say(api, client_message_id="k")
        answer = api.post("/v2/messages", json={"text": "other", "client_message_id": "k"})
        assert answer.status_code == 422

    def test_keys_of_two_users_and_of_two_chats_are_different_keys(
        self, api_as: ApiAs, uid: str, scripted: Scripted
    ) -> None:
        one, other = api_as(uid), api_as(f"{uid}-other")
        _say(one, "a", client_message_id="k")
        _say(other, "b", client_message_id="k")
        _say(one, "c", client_message_id="k", query="?app_id=x")
        assert [each.message.text for each in scripted.questions] == ["a", "b", "c"]


class TestChats:
    """The main chat, and one per app."""

    @pytest.mark.parametrize("query", ["", "?app_id=", "?app_id=null", "?plugin_id=null", "?app_id=&plugin_id=null"])
    def test_nothing_and_null_mean_the_main_chat(self, api: httpx.Client, scripted: Scripted, query: str) -> None:
        del scripted
        _say(api, query=query)
        assert len(_history(api)) == len(_history(api, query)) == 2
        assert _history(api)[0]["plugin_id"] is None

    @pytest.mark.parametrize("query", ["?app_id=notes", "?plugin_id=notes", "?app_id=null&plugin_id=notes"])
    def test_an_app_has_a_chat_of_its_own_under_both_names(
        self, api: httpx.Client, scripted: Scripted, query: str
    ) -> None:
        del scripted
        _say(api, query=query)
        listed = _history(api, "?app_id=notes&dropdown_selected=true")
        assert [(each["app_id"], each["plugin_id"]) for each in listed] == [("notes", "notes")] * 2
        assert [each["text"] for each in _history(api)] == [GREETING]

    def test_an_empty_chat_begins_with_one_greeting_whoever_asks_at_once(self, api_as: ApiAs, uid: str) -> None:
        clients = [api_as(uid) for _ in range(4)]
        meet = Barrier(4, timeout=10)

        def look(client: httpx.Client) -> list[dict[str, Any]]:
            meet.wait()
            return _history(client)

        with ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(look, clients))
        assert all(each == seen[0] for each in seen)
        [greeting] = seen[0]
        assert (greeting["sender"], greeting["text"]) == ("ai", GREETING)
        assert len(messages.list_newest(Chat(), uid=uid, limit=10)) == 1

    def test_a_hundred_messages_at_most_newest_first(self, api: httpx.Client, uid: str) -> None:
        many = [
            Message(id=f"m{n}", text=str(n), created_at=clock.now(), sender=MessageSender.HUMAN) for n in range(105)
        ]
        messages.of(uid=uid).put(*many)
        assert [each["text"] for each in _history(api)] == [str(n) for n in range(104, 4, -1)]

    def test_clearing_answers_with_the_greeting_that_is_all_there_is(
        self, api: httpx.Client, scripted: Scripted, uid: str
    ) -> None:
        del scripted
        many = [
            Message(id=f"m{n}", text=str(n), created_at=clock.now(), sender=MessageSender.HUMAN) for n in range(460)
        ]
        messages.of(uid=uid).put(*many)
        _say(api, query="?app_id=notes")
        answer = api.delete("/v2/messages")
        assert answer.status_code == 200
        assert answer.json()["text"] == GREETING
        assert _history(api) == [answer.json()]
        assert len(_history(api, "?app_id=notes")) == 2
        assert api.delete("/v2/messages?app_id=notes").json()["app_id"] == "notes"
        assert len(_history(api, "?app_id=notes")) == 1

    def test_saying_hello_twice_greets_twice_and_under_one_key_once(self, api: httpx.Client) -> None:
        first = api.post("/v2/initial-message", content=b"", headers={"Content-Type": "application/json"}).json()
        assert [first] == _history(api)
        headers = {"Idempotency-Key": "k"}
        second, again = (api.post("/v2/initial-message", headers=headers).json() for _ in range(2))
        assert second == again
        assert [each["id"] for each in _history(api)] == [second["id"], first["id"]]

    def test_one_users_chat_is_nobody_elses(self, api_as: ApiAs, uid: str, scripted: Scripted) -> None:
        del scripted
        one, other = api_as(uid), api_as(f"{uid}-other")
        _say(one, "mine")
        assert [each["text"] for each in _history(other)] == [GREETING]
        other.delete("/v2/messages")
        assert len(_history(one)) == 2


class TestReporting:
    """What the assistant should not have said is hidden."""

    def test_a_reported_message_is_hidden_everywhere(self, api: httpx.Client, scripted: Scripted) -> None:
        said = _say(api)
        assert said.done is not None
        answer = api.post(f"/v2/messages/{said.done['id']}/report")
        assert (answer.status_code, answer.json()) == (200, {"message": "Message reported"})
        assert [each["sender"] for each in _history(api)] == ["human"]
        _say(api, "and now?")
        assert [each.text for each in scripted.questions[-1].history] == ["How are you?"]

    def test_a_chat_whose_only_message_is_reported_does_not_begin_again(self, api: httpx.Client) -> None:
        [greeting] = _history(api)
        api.post(f"/v2/messages/{greeting['id']}/report")
        assert _history(api) == []

    def test_what_the_user_said_cannot_be_reported(self, api: httpx.Client, scripted: Scripted) -> None:
        del scripted
        _say(api)
        answer = api.post(f"/v2/messages/{_history(api)[1]['id']}/report")
        assert answer.status_code == 400
        assert answer.json()["detail"]

    def test_somebody_elses_message_does_not_exist(self, api_as: ApiAs, uid: str) -> None:
        [greeting] = _history(api_as(f"{uid}-other"))
        for message_id in (greeting["id"], "never", "__x__", "%00", "x" * 1600):
            assert api_as(uid).post(f"/v2/messages/{message_id}/report").status_code == 404


class TestQuoting:
    """Without a language model: the user's own words, found and quoted."""

    @pytest.fixture(autouse=True)
    def _words(self, words: WordEmbedder) -> None:
        assert words.calls == 0

    def _talked(
        self, uid: str, conversation_id: str, text: str, said: Sequence[TranscriptSegment] = (), **fields: Any
    ) -> None:
        known: dict[str, Any] = {
            "status": "completed",
            "structured": {"title": f"About {conversation_id}", "emoji": "🏠", "overview": text},
            "transcript_segments": [each.model_dump() for each in said or [a_segment(text, 0, 5)]],
        }
        conversations.create(a_conversation(id=conversation_id, **{**known, **fields}), uid=uid)
        index_conversation(uid=uid, conversation_id=conversation_id)

    def test_an_answer_quotes_and_cites_what_was_said(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "flat", "flat near station costs nine hundred")
        self._talked(uid, "dog", "puppy barked loudly")
        said = _say(api, "flat near station")
        assert "> Speaker 0: flat near station costs nine hundred" in said.text
        assert "local model" in said.text
        assert "puppy" not in said.text
        assert said.done is not None
        assert said.done["memories_id"] == ["flat"]
        assert said.done["ask_for_nps"] is True
        [cited] = said.done["memories"]
        assert (cited["id"], cited["structured"]) == ("flat", {"title": "About flat", "emoji": "🏠"})
        assert cited["created_at"].endswith("Z")
        assert _history(api)[0]["memories"] == [cited]

    def test_a_day_is_that_of_the_users_calendar(self, api: httpx.Client, uid: str) -> None:
        users.change(uid=uid, time_zone="Asia/Kolkata")
        began = datetime(2026, 5, 4, 20, 30, tzinfo=UTC)
        self._talked(uid, "flat", "flat near station costs nine hundred", started_at=began, created_at=began)
        assert "**About flat**, 2026-05-05" in _say(api, "flat near station").text

    def test_three_conversations_are_quoted_at_most(self, api: httpx.Client, uid: str) -> None:
        for number in range(7):
            self._talked(uid, f"c{number}", "flat near station")
        said = _say(api, "flat near station")
        assert said.done is not None
        assert len(said.done["memories_id"]) == len(said.done["memories"]) == 3

    def test_what_is_deleted_locked_or_somebody_elses_is_not_quoted(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "gone", "flat near station")
        self._talked(uid, "locked", "flat near station", is_locked=True)
        self._talked(f"{uid}-other", "theirs", "flat near station")
        conversations.delete(uid=uid, conversation_id="gone")
        said = _say(api, "flat near station")
        assert ENGLISH.not_known in said.text
        assert said.done is not None
        assert (said.done["memories"], said.done["memories_id"], said.done["ask_for_nps"]) == ([], [], False)

    def test_what_is_deleted_later_is_no_longer_shown_as_cited(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "flat", "flat near station")
        _say(api, "flat near station")
        assert _history(api)[0]["memories"]
        conversations.delete(uid=uid, conversation_id="flat")
        assert _history(api)[0]["memories"] == []

    def test_a_transcript_too_long_to_stand_inline_is_quoted_too(self, api: httpx.Client, uid: str) -> None:
        said = [a_segment(f"{derived_id('word', n)} {derived_id('more', n)}", n, n + 1) for n in range(4000)]
        said[2000] = a_segment(f"nine hundred {'flat near station ' * 30}", 2000, 2001)
        conversations.create(
            a_conversation(id="long", status="completed", transcript_segments=[each.model_dump() for each in said]),
            uid=uid,
        )
        [stored] = conversations.list_newest(uid=uid, limit=1)
        assert stored.transcript_segments == []
        index_conversation(uid=uid, conversation_id="long")
        assert "> Speaker 0: nine hundred flat near station" in _say(api, "nine hundred flat near station").text

    def test_a_conversation_the_user_was_looking_at_is_the_only_one_quoted(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "one", "flat near station")
        self._talked(uid, "two", "flat near station")
        said = _say(api, "flat near station", context={"type": "conversation", "id": "two"})
        assert said.done is not None
        assert said.done["memories_id"] == ["two"]

    @pytest.mark.parametrize(("text", "answer"), [("hi there", ENGLISH.ask_me), ("zebra crossing", ENGLISH.not_known)])
    def test_small_talk_and_the_unknown_are_answered_plainly(self, api: httpx.Client, text: str, answer: str) -> None:
        said = _say(api, text)
        assert answer in said.text
        assert said.done is not None
        assert said.done["memories"] == []

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("Hallo!", "Hallo! Frag mich "),
            ("Muchas gracias", "De nada. Pregúntame "),
            ("Que peux-tu faire ?", "Demande-moi "),
            ("What can you do?", "Ask me "),
            ("Wo steht das Klavier?", "Dazu habe ich in deinen Gesprächen nichts gefunden."),
            ("¿Dónde está el piano?", "No encontré nada sobre eso en tus conversaciones."),
            ("Où est le piano ?", "Je n'ai rien trouvé à ce sujet dans tes conversations."),
            (
                "Welche Aufgaben habe ich?",
                "Das steht auf deiner Liste (local model):\n\nAuf deiner Liste steht nichts.",
            ),
            ("How many open tasks do I have?", "This is on your list (local model):\n\n0 tasks"),
            (
                "¿Qué citas tengo mañana?",
                "Esto es lo próximo, según lo que se dijo (local model):\n\nNo sé de ninguna cita.",
            ),
            ("Combien de conversations ai-je eues hier ?", "Je n'ai trouvé aucune conversation le "),
        ],
    )
    def test_it_is_said_in_the_language_of_the_question(self, api: httpx.Client, text: str, answer: str) -> None:
        assert _say(api, text).text.startswith(answer)

    def test_where_no_language_shows_it_is_the_users(self, api: httpx.Client, uid: str) -> None:
        users.change(uid=uid, language="de-AT")
        assert _say(api, "zebra?").text.startswith("Dazu habe ich")

    def test_the_same_may_be_asked_of_another_day(self, api: httpx.Client, uid: str) -> None:
        now = clock.now()
        for days in (1, 2):
            at = now - timedelta(days=days)
            self._talked(uid, f"c{days}", f"words {days}", started_at=at, created_at=at)
            add_action_item(uid=uid, description=f"Task {days}", due_at=now + timedelta(days=days, minutes=-1))
        _say(api, "How many conversations did I have yesterday?")
        told = _say(api, "and two days ago?").text
        assert told.startswith("1 conversation on ")
        assert "words 2" in told
        _say(api, "Welche Aufgaben habe ich morgen?")
        day = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
        told = _say(api, f"und am {day[(now + timedelta(days=2)).weekday()]}?").text
        assert "Task 2" in told
        assert "Task 1" not in told

    def test_the_list_is_told_by_the_days_of_the_users_calendar(self, api: httpx.Client, uid: str) -> None:
        users.change(uid=uid, time_zone="Pacific/Auckland")
        tomorrow = clock.now().astimezone(ZoneInfo("Pacific/Auckland")) + timedelta(days=1)
        add_action_item(uid=uid, description="Call the bank", due_at=tomorrow.replace(hour=23))
        add_action_item(uid=uid, description="Water the plants")
        add_action_item(uid=uid, description="Long done", completed=True)
        said = _say(api, "What are my tasks for tomorrow?")
        assert f"- [ ] Call the bank, due {tomorrow:%Y-%m-%d} 23:" in said.text
        assert "plants" not in said.text
        assert said.text.endswith("Besides: 1 without a day.")
        add_action_item(uid=uid, description="Long due", due_at=clock.now() - timedelta(days=9))
        assert "Besides: 1 overdue, 1 without a day." in _say(api, "What are my tasks for tomorrow?").text
        assert "Besides" not in _say(api, "What are my tasks?").text
        everything = _say(api, "What are my tasks?").text
        assert everything.index("Call the bank") < everything.index("Water the plants")
        assert "Long done" not in everything
        assert ENGLISH.no_tasks in _say(api, "What are my tasks for today?").text

    def test_what_is_known_is_told_besides_what_was_said(self, api: httpx.Client, uid: str) -> None:
        memory = add_memory(uid=uid, content="User likes quiet streets", manual=True)
        add_memory(uid=f"{uid}-other", content="User likes quiet streets near factories", manual=True)
        index_memory(uid=uid, memory_id=memory.id)
        said = _say(api, "likes quiet streets")
        assert "- User likes quiet streets" in said.text
        assert "factories" not in said.text
        assert ENGLISH.not_known not in said.text

    def test_what_is_known_of_the_user_is_listed(self, api: httpx.Client, uid: str) -> None:
        assert _say(api, "Was weißt du über mich?").text == "Das weiß ich (local model):\n\nNoch nichts."
        add_memory(uid=uid, content="User likes quiet streets", manual=True)
        add_memory(uid=f"{uid}-other", content="User likes loud streets", manual=True)
        assert _say(api, "What do you know about me?").text.endswith(":\n\n- User likes quiet streets")

    def test_who_speaks_stands_before_what_they_say(self, api: httpx.Client, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann")
        said = [
            a_segment("What does the flat cost", 0, 5, is_user=True),
            a_segment("Nine hundred", 5, 9, person_id=ann.id),
        ]
        self._talked(uid, "flat", "flat", said=said)
        assert "> You: What does the flat cost  \n> Ann: Nine hundred" in _say(api, "the flat cost").text

    def test_a_day_is_told_as_a_list_and_counted(self, api: httpx.Client, uid: str) -> None:
        users.change(uid=uid, time_zone="Asia/Kolkata")
        ann = people.get_or_create(uid=uid, name="Ann")
        yesterday = clock.now() - timedelta(days=1)
        said = [a_segment("Good morning", 0, 5, person_id=ann.id)]
        self._talked(uid, "late", "the second", said=said, started_at=yesterday, created_at=yesterday)
        earlier = yesterday - timedelta(microseconds=1)
        self._talked(uid, "early", "the first", started_at=earlier, created_at=earlier)
        self._talked(uid, "older", "long ago", started_at=yesterday - timedelta(days=9))
        told = _say(api, "What did I do yesterday?")
        day = yesterday.astimezone(ZoneInfo("Asia/Kolkata"))
        assert told.text.startswith(f"2 conversations on {day:%Y-%m-%d} (local model):")
        assert told.text.index("About early**: the first") < told.text.index("About late** with Ann: the second")
        assert "long ago" not in told.text
        assert told.done is not None
        assert told.done["memories_id"] == ["early", "late"]
        assert _say(api, "How often did I talk to Ann?").text.startswith("1 conversation with Ann (local model):")
        assert ENGLISH.no_conversations in _say(api, "What happened today?").text

    def test_a_question_may_point_back_to_the_one_before(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "flat", "flat near station costs nine hundred")
        assert ENGLISH.ask_me in _say(api, "When can we see it?").text
        _say(api, "What about the flat near the station?")
        assert "nine hundred" in _say(api, "When can we see it?").text

    def test_what_is_only_near_is_said_to_be_so(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "zoo", "the zebra lion")
        self._talked(uid, "sea", "the whale dolphin seal orca squid crab")
        said = _say(api, "the elephant")
        assert said.text.startswith(ENGLISH.perhaps)
        assert said.done is not None
        assert said.done["memories_id"] == ["zoo"]

    def test_a_task_that_is_plainly_wished_for_is_noted_once(self, api: httpx.Client, uid: str) -> None:
        for _ in range(2):
            assert "- [ ] Buy milk, due " not in _say(api, "remind me to buy milk").text
        assert "- [ ] Buy milk" in _say(api, "Please remind me to buy milk.", client_message_id="k").text
        assert "- [ ] Buy milk" in _say(api, "Please remind me to buy milk.", client_message_id="k").text
        [item] = list_action_items(uid=uid, limit=10)[0]
        assert (item.description, item.due_at, item.completed) == ("Buy milk", None, False)

    def test_what_comes_is_told_by_the_users_clock(self, api: httpx.Client, uid: str) -> None:
        users.change(uid=uid, time_zone="Asia/Kolkata")
        assert ENGLISH.nothing_comes in _say(api, "When is my next appointment?").text
        soon, past = clock.now() + timedelta(days=2), clock.now() - timedelta(days=2)
        events = [{"title": title, "start": at, "duration": 30} for title, at in (("Dentist", soon), ("Gone", past))]
        structured = {"title": "Teeth", "emoji": "🦷", "overview": "teeth", "events": events}
        self._talked(uid, "teeth", "teeth", structured=structured)
        said = _say(api, "When is my next appointment?")
        assert f"- Dentist, {soon.astimezone(ZoneInfo('Asia/Kolkata')):%Y-%m-%d %H:%M}" in said.text
        assert "Gone" not in said.text
        assert said.done is not None
        assert said.done["memories_id"] == ["teeth"]
        assert "Dentist" not in _say(api, "What appointments do I have tomorrow?").text

    def test_somebody_imitated_says_that_it_takes_a_model(self, api: httpx.Client, uid: str) -> None:
        self._talked(uid, "flat", "flat near station costs nine hundred")
        persona = make_app(name="Ada", capabilities=["persona"], persona_prompt="You are Ada.")
        said = _say(api, "flat near station", query=f"?app_id={persona.id}")
        assert said.text == PERSONA_NEEDS_A_MODEL
        assert api.post(f"/v2/initial-message?app_id={persona.id}").json()["text"] == "Hi, I am Ada."

    def test_that_files_cannot_be_read_is_said(self, api: httpx.Client) -> None:
        [kept] = api.post("/v2/files", files={"files": ("note.txt", b"hello")}).json()
        assert ENGLISH.cannot_read_files in _say(api, "what is in it", file_ids=[kept["id"]]).text


class TestOldest:
    """The chat as the clients of 2024 know it."""

    def test_an_answer_comes_whole(self, api: httpx.Client, scripted: Scripted) -> None:
        scripted.parts = [Thinking("…"), Words("All "), Words("well.")]
        answer = api.post("/v1/messages?plugin_id=null", json={"text": "hi"})
        assert answer.status_code == 200
        assert (answer.json()["text"], answer.json()["sender"], answer.json()["ask_for_nps"]) == (
            "All well.",
            "ai",
            False,
        )
        assert [each["text"] for each in api.get("/v1/messages").json()] == ["All well.", "hi"]

    def test_a_model_that_fails_is_503(self, api: httpx.Client, scripted: Scripted) -> None:
        scripted.parts = [ProviderError("away")]
        answer = api.post("/v1/messages", json={"text": "hi"})
        assert (answer.status_code, answer.json()) == (503, {"detail": "away"})

    @pytest.mark.parametrize(
        ("method", "path"), [("DELETE", "/v1/clear-chat"), ("POST", "/v1/clear-chat"), ("DELETE", "/v1/messages")]
    )
    def test_clearing_has_several_names(self, api: httpx.Client, scripted: Scripted, method: str, path: str) -> None:
        del scripted
        api.post("/v1/messages?plugin_id=p", json={"text": "hi"})
        answer = api.request(method, f"{path}?plugin_id=p")
        assert (answer.status_code, answer.json()["text"], answer.json()["plugin_id"]) == (200, GREETING, "p")

    def test_hello_and_report(self, api: httpx.Client) -> None:
        greeting = api.post("/v1/initial-message?plugin_id=p").json()
        assert greeting["plugin_id"] == "p"
        assert api.post(f"/v1/messages/{greeting['id']}/report").json() == {"message": "Message reported"}
