"""`POST /v1/conversations/search`: by meaning, by title, by who speaks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from google.cloud.firestore import DELETE_FIELD

from common.conversations import citing, search, showing
from common.conversations.create import create_from_segments
from common.conversations.index import index_conversation
from common.conversations.ranking import MOST_PASSAGES
from common.conversations.search import MOST_OF_ONE
from common.conversations.structure import structure_conversation
from common.core import clock
from common.database import conversation_speakers, conversations, people, transcripts, users
from common.indexing import asking
from common.models.conversation import Conversation
from common.models.external import ExternalSegments
from common.models.person import Person
from operate.migrations import MIGRATIONS
from tests.support.making import NOON, a_conversation, a_segment, at
from tests.support.providers import FirstWordsStructurer, WordEmbedder
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture(autouse=True)
def four(uid: str, words: WordEmbedder) -> None:
    said: list[dict[str, Any]] = [
        {"structured": {"title": "garden party plans"}},
        {"structured": {"title": "Garden"}, "apps_results": [{"app_id": "a", "content": "x"}]},
        {"structured": {"title": "budget"}, "transcript_segments": [a_segment("money", 0, 1, person_id="p1")]},
        {"structured": {"title": "budget talk"}, "transcript_segments": [a_segment("money", 0, 1, is_user=True)]},
    ]
    for number, fields in enumerate(said):
        made = a_conversation(id=f"c{number}", created_at=at(number), status="completed", **fields)
        conversations.create(made, uid=uid)
        index_conversation(uid=uid, conversation_id=made.id)
    assert words.calls


def _found(api: httpx.Client, **body: Any) -> list[str]:
    answer = api.post("/v1/conversations/search", json=body)
    assert answer.status_code == 200
    return [item["id"] for item in answer.json()["items"]]


def test_a_title_that_is_the_query_comes_first(api: httpx.Client) -> None:
    assert _found(api, query=" garden ", per_page=2) == ["c1", "c0"]


def test_a_title_is_found_before_it_is_indexed(api: httpx.Client, uid: str) -> None:
    conversations.create(a_conversation(id="new", status="completed", structured={"title": "Zebra"}), uid=uid)
    assert _found(api, query="Zebra", per_page=1) == ["new"]
    assert "new" not in _found(api, query="Zebra", start_date="2026-05-04T12:00:01")


@pytest.mark.parametrize("query", ["budget", "old budget", ""])
def test_dates_are_those_of_the_talk_whenever_it_was_handed_over(api: httpx.Client, uid: str, query: str) -> None:
    for month in (3, 4):
        began = NOON.replace(year=2024, month=month, day=15)
        made = a_conversation(
            id=f"m{month}", created_at=at(60), started_at=began, status="completed", structured={"title": "old budget"}
        )
        conversations.create(made, uid=uid)
        index_conversation(uid=uid, conversation_id=made.id)
    assert _found(api, query=query, start_date="2024-03-01", end_date="2024-03-31") == ["m3"]
    assert set(_found(api, query=query, end_date="2024-04-15T12:00:00Z")) == {"m3", "m4"}
    assert _found(api, query=query, start_date="2024-03-15T12:00:01Z", end_date="2025-01-01") == ["m4"]
    assert {"m3", "m4"}.isdisjoint(_found(api, query=query, start_date="2026-05-04"))


@pytest.mark.parametrize("query", [{}, {"query": ""}, {"query": "  "}])
def test_who_asks_nothing_gets_the_newest(api: httpx.Client, query: dict[str, str]) -> None:
    assert _found(api, **query) == ["c3", "c2", "c1", "c0"]
    page = api.post("/v1/conversations/search", json={**query, "per_page": 3, "page": 2}).json()
    assert ([item["id"] for item in page["items"]], page["total_pages"]) == (["c0"], 2)


def test_who_asks_nothing_finds_what_fits_however_long_ago_it_was(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 1)
    assert _found(api, query="", speaker_id="p1") == ["c2"]
    assert _found(api, query="", per_page=2, page=2) == ["c1", "c0"]
    monkeypatch.setattr(search, "_MOST_LOOKED_AT", 3)
    assert _found(api, query="") == ["c3", "c2", "c1"]


def test_a_program_that_wants_one_has_not_all_of_them_read(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del api
    read: list[int] = []
    find_many = conversations.find_many

    def counted(*, uid: str, conversation_ids: Sequence[str]) -> list[Conversation]:
        read.append(len(conversation_ids))
        return find_many(uid=uid, conversation_ids=conversation_ids)

    monkeypatch.setattr(conversations, "find_many", counted)
    monkeypatch.setattr(showing, "_UNFIT", 1)
    [found] = showing.search_finished("budget garden", uid=uid, limit=1, since=None, until=None)
    assert found.id.startswith("c")
    assert max(read) == 2


@pytest.mark.parametrize(("speaker", "expected"), [("p1", {"c2"}), ("user", {"c3"}), ("nobody", set()), ("..", set())])
def test_only_where_a_person_speaks(api: httpx.Client, speaker: str, expected: set[str]) -> None:
    assert set(_found(api, query="budget", speaker_id=speaker)) == expected
    assert set(_found(api, speaker_id=speaker)) == expected


def test_what_was_discarded_is_found_unless_that_is_not_wanted(api: httpx.Client, uid: str) -> None:
    conversations.reference(uid=uid, conversation_id="c2").update({"discarded": True})
    assert "c2" in _found(api, query="budget")
    assert "c2" not in _found(api, query="budget", include_discarded=False)


def test_items_are_conversations_with_the_mirrors_of_older_clients(api: httpx.Client) -> None:
    [item] = api.post("/v1/conversations/search", json={"query": "garden", "per_page": 1}).json()["items"]
    assert item["plugins_results"] == [{"plugin_id": "a", "content": "x"}]


def test_what_was_made_without_credit_is_truncated(api: httpx.Client, uid: str) -> None:
    conversations.reference(uid=uid, conversation_id="c2").update({"is_locked": True})
    [item] = api.post("/v1/conversations/search", json={"query": "budget", "per_page": 1}).json()["items"]
    assert (item["id"], item["transcript_segments"]) == ("c2", [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "x" * 2001}, 422),
        ({"query": "x", "per_page": 0}, 422),
        ({"query": "x", "page": 1001}, 422),
        ({"query": "x", "start_date": "2026-05-05", "end_date": "2026-05-04"}, 400),
    ],
)
def test_what_makes_no_sense(api: httpx.Client, body: dict[str, Any], status: int) -> None:
    assert api.post("/v1/conversations/search", json=body).status_code == status


def test_what_was_said_about_it_comes_with_a_conversation_the_best_first(api: httpx.Client, uid: str) -> None:
    said = [
        a_segment("the weather was awful today again", 0, 4, speaker="SPEAKER_01"),
        a_segment("we saw two otters at the old mill", 4, 8, person_id="p9"),
        a_segment("that must have been a nice surprise", 8, 12, is_user=True),
    ]
    made = a_conversation(id="walk", status="completed", structured={"title": "walk"}, transcript_segments=said)
    conversations.create(made, uid=uid)
    index_conversation(uid=uid, conversation_id="walk")
    answer = api.post("/v1/conversations/search", json={"query": "where were the otters"})
    assert answer.status_code == 200
    [first, *_] = answer.json()["items"]
    best = first["passages"][0]
    assert (first["id"], best["text"], best["segment_ids"]) == ("walk", said[1].text, [said[1].id])
    assert (best["start"], best["end"], best["speaker_name"]) == (4, 8, "Speaker 0")
    scores = [passage["score"] for passage in first["passages"]]
    assert scores == sorted(scores, reverse=True)
    assert first["score"] >= best["score"]
    everything = answer.json()["passages"]
    assert everything[0] == best
    assert [each["score"] for each in everything] == sorted([each["score"] for each in everything], reverse=True)
    assert {each["conversation_id"] for each in everything} == {
        item["id"] for item in answer.json()["items"] if item["passages"]
    }


def test_of_short_conversations_a_page_tells_what_was_said_around_what_was_found(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "CANDIDATES", 1)
    said = [f"nothing of the kind number {number}" for number in range(9)]
    said[4] = "we saw two otters at the old mill"
    told = [a_segment(text, 2 * number, 2 * number + 2, is_user=True) for number, text in enumerate(said)]
    made = a_conversation(id="walk", status="completed", structured={"title": "walk"}, transcript_segments=told)
    conversations.create(made, uid=uid)
    index_conversation(uid=uid, conversation_id="walk")
    asked = {"query": "otters at the old mill", "topics": ["walk"]}
    answer = api.post("/v1/conversations/search", json=asked).json()
    assert [each["text"] for each in answer["passages"]] == [said[at] for at in (4, 3, 5, 2, 6)]
    assert [each["segment_ids"] for each in answer["passages"]] == [[told[at].id] for at in (4, 3, 5, 2, 6)]
    assert [each["score"] for each in answer["passages"][1:]] == [0, 0, 0, 0]
    assert [each["text"] for each in answer["items"][0]["passages"]] == [said[4]]
    for module in (citing, search):
        monkeypatch.setattr(module, "ENOUGH_WORDS", 22)
    answer = api.post("/v1/conversations/search", json=asked).json()
    assert [each["text"] for each in answer["passages"]] == [said[at] for at in (4, 3, 5)]
    conversations.reference(uid=uid, conversation_id="walk").update({"is_locked": True})
    assert api.post("/v1/conversations/search", json=asked).json()["passages"] == []


def test_what_answers_comes_before_what_asks_the_same(api: httpx.Client, uid: str) -> None:
    said = [
        a_segment("where were those otters that you saw?", 0, 4, speaker="SPEAKER_01"),
        a_segment("there were otters at the mill that day", 4, 8, is_user=True),
    ]
    made = a_conversation(id="walk", status="completed", structured={"title": "walk"}, transcript_segments=said)
    conversations.create(made, uid=uid)
    index_conversation(uid=uid, conversation_id="walk")
    answer = api.post("/v1/conversations/search", json={"query": "where were the otters you saw"}).json()
    assert [each["segment_ids"] for each in answer["passages"]][:2] == [[said[1].id], [said[0].id]]


def test_only_with_people_and_topics_that_are_asked_for(api: httpx.Client, uid: str) -> None:
    rosa = people.get_or_create(uid=uid, name="Rosa Lind")
    told = [a_segment("money is tight", 0, 2, person_id=rosa.id)]
    made = a_conversation(id="c9", status="completed", structured={"title": "budget"}, transcript_segments=told)
    conversations.create(made, uid=uid)
    index_conversation(uid=uid, conversation_id="c9")
    assert set(_found(api, query="money", people=["rosa  lind"])) == {"c9"}
    assert set(_found(api, query="money", people=[rosa.id, "p1"])) == {"c2", "c9"}
    assert set(_found(api, people=["Rosa Lind"])) == {"c9"}
    assert set(_found(api, query="money", topics=["Party"])) == {"c0"}
    assert set(_found(api, topics=["party", "talk"])) == {"c0", "c3"}
    assert _found(api, query="money", people=["nobody at all"]) == []


def _with(uid: str, conversation_id: str, began_s: float, **segment: Any) -> None:
    said = [a_segment("money", 0, 1, **segment)]
    times = {"created_at": at(began_s), "started_at": at(began_s)}
    made = a_conversation(id=conversation_id, status="completed", transcript_segments=said, **times)
    conversations.create(made, uid=uid)


@pytest.mark.parametrize("when", [{}, {"start_date": "2000-01-01T00:00:00Z"}])
def test_somebody_who_spoke_long_ago_is_found_behind_any_number_of_others(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch, when: dict[str, str]
) -> None:
    monkeypatch.setattr(search, "_MOST_LOOKED_AT", 100)
    people.of(uid=uid).put(Person(id="rosa", name="Rosa Lind", name_key="rosa lind"))
    for number in range(2):
        _with(uid, f"old{number}", -86_400 + number, person_id="rosa")
    for number in range(110):
        _with(uid, f"new{number}", 100 + number)
    assert _found(api, speaker_id="rosa", **when) == ["old1", "old0"]
    assert _found(api, people=["rosa lind"], **when) == ["old1", "old0"]
    assert _found(api, people=["Rosa Lind"], speaker_id="user", **when) == []


def test_who_speaks_is_known_without_the_words_and_follows_them(api: httpx.Client, uid: str) -> None:
    asked = {"segment_ids": [conversations.get(uid=uid, conversation_id="c2").transcript_segments[0].id]}
    answer = api.patch(
        "/v1/conversations/c2/segments/assign-bulk", json={**asked, "assign_type": "is_user", "value": "true"}
    )
    assert answer.status_code == 200
    assert _found(api, speaker_id="p1") == []
    assert set(_found(api, speaker_id="user")) == {"c2", "c3"}
    [stored] = conversation_speakers.find_wordless(["c2", "none"], uid=uid)
    assert (stored.speaker_ids, stored.transcript_segments) == (["user"], [])


def test_names_that_came_with_a_transcript_are_found(api: httpx.Client, uid: str) -> None:
    conversations.create(
        a_conversation(
            id="named",
            status="completed",
            transcript_segments=[a_segment("money", 0, 1, speaker="SPEAKER_07")],
            external_data={"speakers": {"SPEAKER_07": "Ida  Berg"}},
        ),
        uid=uid,
    )
    assert _found(api, people=["ida berg"]) == ["named"]
    assert _found(api, people=["*"]) == []


def test_what_an_older_version_stored_says_who_speaks_after_a_migration(api: httpx.Client, uid: str) -> None:
    conversations.reference(uid=uid, conversation_id="c2").update({"speaker_ids": DELETE_FIELD})
    assert set(_found(api, query="budget", speaker_id="p1")) == {"c2"}, "its words are read for that"
    [change] = [each.change for each in MIGRATIONS if each.number == 1]
    before = conversations.get(uid=uid, conversation_id="c2")
    assert [change(uid, dry_run) for dry_run in (True, False, False)] == [1, 1, 0]
    assert _found(api, speaker_id="p1") == ["c2"]
    after = conversations.get(uid=uid, conversation_id="c2")
    assert (after.updated_at, after.speaker_ids) == (before.updated_at, ["p1"])


def test_hits_have_their_words_as_far_as_a_page_has_room(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE_SEGMENTS", 1)
    answer = api.post("/v1/conversations/search", json={"query": "money"})
    items = [item for item in answer.json()["items"] if item["id"] in {"c2", "c3"}]
    assert [len(item["transcript_segments"]) for item in items] == [1, 0]
    assert all(item["passages"][0]["text"] == "money" for item in items)
    assert answer.headers["X-Omi-List-Truncated"] == "true"


def _rents(uid: str, count: int) -> list[str]:
    ids = [f"n{number:02d}" for number in range(count)]
    for number, each in enumerate(ids):
        said = [a_segment(f"the rent {'again ' * number}", 0, 2)]
        made = a_conversation(id=each, status="completed", structured={"title": "rent"}, transcript_segments=said)
        conversations.create(made, uid=uid)
        index_conversation(uid=uid, conversation_id=each)
    return ids


def test_a_page_costs_the_reading_of_its_own_conversations_however_many_are_found(
    api: httpx.Client, uid: str, stores: Stores
) -> None:
    _rents(uid, 30)
    asked = {"query": "the rent", "topics": ["rent"]}
    _found(api, **asked, per_page=1)
    before = stores.firestore.usage.reads
    answer = api.post("/v1/conversations/search", json={**asked, "per_page": 3}).json()
    nothing_has_that_title = 1
    assert stores.firestore.usage.reads - before == 3 + nothing_has_that_title
    assert (len(answer["items"]), answer["total_pages"]) == (3, 10)


@pytest.mark.parametrize("hidden", [{"deleted": True}, {"discarded": True}, {"status": "in_progress"}, None])
def test_what_is_gone_since_it_was_indexed_leaves_no_gap_and_nothing_comes_twice(
    api: httpx.Client, uid: str, hidden: dict[str, Any] | None
) -> None:
    ids = _rents(uid, 9)
    asked = {"query": "the rent", "per_page": 2, "include_discarded": False, "topics": ["rent"]}
    before = [each for page in range(1, 6) for each in _found(api, **asked, page=page)]
    assert sorted(before) == ids
    gone = [*before[:3], before[7]]
    for each in gone:
        if hidden is None:
            conversations.delete(uid=uid, conversation_id=each)
        else:
            conversations.reference(uid=uid, conversation_id=each).update(hidden)
    after = [_found(api, **asked, page=page) for page in range(1, 4)]
    assert [len(page) for page in after] == [2, 2, 1]
    assert [each for page in after for each in page] == [each for each in before if each not in gone]
    last = api.post("/v1/conversations/search", json={**asked, "page": 3}).json()
    assert (len(last["passages"]), last["total_pages"]) == (1, 3)


def test_a_time_in_the_question_prefers_what_was_talked_about_then(api: httpx.Client, uid: str) -> None:
    now = clock.now()
    for days in (1, 8, 15):
        made = a_conversation(
            id=f"d{days}",
            status="completed",
            structured={"title": "the rent again"},
            transcript_segments=[a_segment("the landlord raised the rent", 0, 2)],
            started_at=now - timedelta(days=days),
        )
        conversations.create(made, uid=uid)
        index_conversation(uid=uid, conversation_id=made.id)
    users.change(uid=uid, time_zone="UTC")
    assert _found(api, query="what did the landlord say yesterday")[0] == "d1"
    assert _found(api, query="what did the landlord say a week ago")[0] == "d8"
    assert set(_found(api, query="what did the landlord say a week ago")) > {"d1", "d15"}
    assert _found(api, query="what did we talk about yesterday?") == ["d1"]


def test_a_transcript_that_was_handed_over_twice_is_found_once(
    api: httpx.Client, uid: str, first_words: FirstWordsStructurer
) -> None:
    segments = [
        {"text": f"{name} said number {n} of the list", "speaker": name, "start": n, "end": n + 1}
        for n, name in enumerate(["Ann", "Bob"] * 100)
    ]
    segments[70]["text"] = "the spare key lies beneath the blue pot"
    body = ExternalSegments.model_validate({"transcript_segments": segments, "client_session_id": "s1"})
    for _ in range(2):
        made = create_from_segments(body, uid=uid)
        structure_conversation(uid=uid, conversation_id=made.id, run=1)
        index_conversation(uid=uid, conversation_id=made.id)
    assert first_words.dialogues
    answer = api.post("/v1/conversations/search", json={"query": "the spare key"}).json()
    items = answer["items"]
    assert [item["id"] for item in items].count(made.id) == 1
    [item] = [item for item in items if item["id"] == made.id]
    best = item["passages"][0]
    assert (best["text"], best["speaker_name"]) == (segments[70]["text"], "Ann")
    assert best["segment_ids"] == [made.transcript_segments[70].id]
    assert len(item["passages"]) <= MOST_OF_ONE
    everything = [tuple(each["segment_ids"]) for each in answer["passages"]]
    assert len(everything) == len(set(everything)) <= MOST_PASSAGES


def test_long_transcripts_are_read_together_as_far_as_there_is_room_and_their_speakers_at_once(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "INLINE_LIMIT", 0)
    monkeypatch.setattr(citing, "_CHUNKS_AT_ONCE", 2)
    said: list[str] = []
    for number in range(5):
        rosa = people.get_or_create(uid=uid, name=f"Rosa {number}")
        told = [a_segment(f"the rent went up {number} times", 0, 2, person_id=rosa.id)]
        made = a_conversation(
            id=f"l{number}", status="completed", structured={"title": "rent"}, transcript_segments=told
        )
        conversations.create(made, uid=uid)
        index_conversation(uid=uid, conversation_id=made.id)
        said.append(told[0].text)
    read: list[int] = []
    asked: list[int] = []
    read_chunks, names = transcripts.read_chunks_of_many, people.names

    def chunks_counted(wanted: Mapping[str, Any]) -> dict[str, list[bytes]]:
        read.append(len(wanted))
        return read_chunks(wanted)

    def names_counted(*, uid: str, person_ids: Iterable[str]) -> dict[str, str]:
        asked.append(len(list(person_ids)))
        return names(uid=uid, person_ids=person_ids)

    monkeypatch.setattr(transcripts, "read_chunks_of_many", chunks_counted)
    monkeypatch.setattr(people, "names", names_counted)
    answer = api.post("/v1/conversations/search", json={"query": "the rent went up", "topics": ["rent"]}).json()
    by = {each["text"]: each["speaker_name"] for each in answer["passages"]}
    assert by == {text: f"Rosa {number}" for number, text in enumerate(said)}
    assert (read, asked) == ([2, 2, 1], [5])


def test_of_a_long_turn_the_part_is_shown_that_answers(api: httpx.Client, uid: str) -> None:
    filler = "We went on about the weather and nothing else came of it. " * 20
    long = f"{filler}The spare key lies beneath the blue pot. {filler}"
    said = [a_segment(long, 0, 90), a_segment("That is good to know for later.", 90, 92)]
    made = a_conversation(id="long", status="completed", structured={"title": "x"}, transcript_segments=said)
    conversations.create(made, uid=uid)
    index_conversation(uid=uid, conversation_id="long")
    best = api.post("/v1/conversations/search", json={"query": "the spare key"}).json()["passages"][0]
    assert "The spare key lies beneath the blue pot." in best["text"]
    assert len(best["text"].split()) <= 80
    assert best["segment_ids"] == [said[0].id]
    text = "Nothing of the kind was ever said."
    told = [each.model_copy(update={"text": text}).model_dump() for each in said]
    conversations.reference(uid=uid, conversation_id="long").update({"transcript_segments": told})
    changed = api.post("/v1/conversations/search", json={"query": "the spare key"}).json()["passages"]
    assert all("spare key" not in each["text"] for each in changed)
