"""What several conversations are as one."""

from typing import Any

from common.conversations.combine import Part, combine, in_order, session_in_merged
from common.models.conversation import Conversation, ConversationStatus, ConversationVisibility, Interval
from tests.support.making import NOON, a_conversation, a_segment, at


def _part(conversation_id: str, *, begins: float, segments: Any = (), covered: Any = None, **fields: Any) -> Part:
    made = {"created_at": at(begins), "started_at": at(begins), "finished_at": at(begins + 60), **fields}
    conversation = a_conversation(id=conversation_id, status="completed", **made)
    return Part(conversation=conversation, segments=list(segments), covered=covered or {})


def _combined(*parts: Part, reprocess: bool = True) -> Conversation:
    return combine(in_order(parts), conversation_id="m", reprocess=reprocess)


def test_words_stand_where_they_were_said_whichever_conversation_they_come_from() -> None:
    merged = _combined(
        _part("later", begins=100, segments=[a_segment("third", 5, 6)]),
        _part("first", begins=0, segments=[a_segment("first", 1, 2), a_segment("fourth", 200, 201)]),
        _part("between", begins=50.5, segments=[a_segment("second", 0, 1)]),
    )
    assert [(each.text, each.start, each.end) for each in merged.transcript_segments] == [
        ("first", 1, 2),
        ("second", 50.5, 51.5),
        ("third", 105, 106),
        ("fourth", 200, 201),
    ]
    assert (merged.created_at, merged.started_at, merged.finished_at) == (NOON, NOON, at(160))


def test_two_recognisers_first_speakers_are_two_speakers() -> None:
    merged = _combined(
        _part("a", begins=0, segments=[a_segment("x", 0, 1, speaker="SPEAKER_00"), a_segment("y", 1, 2, is_user=True)]),
        _part("b", begins=60, segments=[a_segment("z", n, n + 1, speaker=f"SPEAKER_0{n}") for n in (3, 5)]),
    )
    assert [each.speaker for each in merged.transcript_segments] == [f"SPEAKER_0{n}" for n in (0, 0, 1, 2)]
    assert [each.speaker_id for each in merged.transcript_segments] == [0, 0, 1, 2]
    assert [each.is_user for each in merged.transcript_segments] == [False, True, False, False]


def test_voices_that_nobody_has_understood_are_still_known_and_lie_where_they_were() -> None:
    unheard = {"s": [Interval(start=5, end=10)]}
    merged = _combined(_part("a", begins=0), _part("b", begins=30, unheard=unheard))
    assert merged.unheard == {session_in_merged("b", "s"): [Interval(start=35, end=40)]}


def test_ids_stay_unless_they_are_doubled_and_doing_it_again_gives_the_same() -> None:
    parts = [_part(name, begins=n, segments=[a_segment("x", 0, 1, id="same")]) for n, name in enumerate("ab")]
    merged = _combined(*parts)
    ids = [segment.id for segment in merged.transcript_segments]
    assert ids[0] == "same"
    assert len(set(ids)) == 2
    assert _combined(*reversed(parts)) == merged


def test_words_without_times_keep_their_order() -> None:
    said = [a_segment(text, 0, 0) for text in ("one", "two", "three")]
    merged = _combined(_part("a", begins=0, segments=said), _part("b", begins=9, segments=[a_segment("four", 0, 0)]))
    assert [each.text for each in merged.transcript_segments] == ["one", "two", "three", "four"]


def test_names_of_speakers_follow_their_new_numbers() -> None:
    named = {"external_data": {"speakers": {"SPEAKER_00": "Ada"}, "text_source": "message"}}
    merged = _combined(
        _part("a", begins=0, segments=[a_segment("x", 0, 1)]),
        _part("b", begins=9, segments=[a_segment("y", 0, 1)], **named),
    )
    assert merged.external_data == {
        "merged_from": ["a", "b"],
        "speakers": {"SPEAKER_01": "Ada"},
        "text_source": "message",
    }


def test_audio_that_is_understood_stays_understood() -> None:
    covered = {"upload": [Interval(start=0, end=10)]}
    merged = _combined(_part("a", begins=0, covered=covered), _part("b", begins=30, covered=covered))
    assert {name: [(each.start, each.end) for each in known] for name, known in merged.covered.items()} == {
        session_in_merged("a", "upload"): [(0, 10)],
        session_in_merged("b", "upload"): [(30, 40)],
    }


def test_without_another_run_the_structures_stand_one_after_the_other() -> None:
    first = {"title": "", "overview": "", "action_items": [{"description": "Buy bread"}]}
    second = {"title": "T2", "overview": "O2", "emoji": "🍞", "action_items": [{"description": "Buy bread"}]}
    third = {"title": "T3", "overview": "O3", "events": [{"title": "E", "start": NOON}]}
    merged = _combined(
        *(_part(f"c{n}", begins=n, structured=each) for n, each in enumerate([first, second, third])), reprocess=False
    )
    told = merged.structured
    assert (told.title, told.overview, told.emoji) == ("T2", "O2\n\nO3", "🍞")
    assert [item.description for item in told.action_items] == ["Buy bread"]
    assert [event.title for event in told.events] == ["E"]
    assert (merged.status, merged.run) == (ConversationStatus.COMPLETED, 0)


def test_what_the_user_has_done_is_kept_and_nothing_is_shared_or_discarded() -> None:
    merged = _combined(
        _part("a", begins=0, discarded=True, visibility="public", geolocation=None),
        _part(
            "b",
            begins=9,
            starred=True,
            folder_id="f",
            folder_user_set=True,
            user_title="Mine",
            structured={"title": "Mine"},
            geolocation={"latitude": 1.0, "longitude": 2.0},
        ),
    )
    assert (merged.starred, merged.folder_id, merged.folder_user_set, merged.user_title) == (True, "f", True, "Mine")
    assert merged.structured.title == "Mine"
    assert merged.geolocation is not None
    assert (merged.visibility, merged.discarded) == (ConversationVisibility.PRIVATE, False)
    assert merged.relevance is not None
    assert merged.relevance.verdict == "keep"
    assert (merged.status, merged.run, merged.capture.kind) == (ConversationStatus.PROCESSING, 1, "merged")


def test_what_the_user_wrote_in_place_of_an_apps_result_stays_the_users() -> None:
    result = [{"app_id": "a", "content": "Mine"}]
    parts = (_part("a", begins=0, apps_results=result, user_app_results=["a"]), _part("b", begins=60))
    assert _combined(*parts, reprocess=False).user_app_results == ["a"]
    assert _combined(*parts).user_app_results == ["a"]


def test_what_the_user_has_written_outlasts_another_run() -> None:
    results = [{"app_id": "theirs", "content": "x"}, {"app_id": "own", "content": "rewritten"}]
    merged = _combined(
        _part("a", begins=0, structured={"overview": "By a model."}),
        _part(
            "b",
            begins=9,
            structured={"overview": "By me."},
            user_overview="By me.",
            apps_results=results,
            user_app_results=["own"],
        ),
    )
    assert merged.user_overview == "By a model.\n\nBy me."
    assert [(each.app_id, each.content) for each in merged.apps_results] == [("own", "rewritten")]
    assert merged.user_app_results == ["own"]
    assert _combined(_part("a", begins=0), _part("b", begins=9)).user_overview is None


def test_corrected_words_and_guesses_who_speaks_follow_their_new_names() -> None:
    guess = {"speaker_id": 0, "person_name": "Ada", "segment_ids": ["same", "gone"]}
    parts = [
        _part(
            name,
            begins=n,
            segments=[a_segment("x", 0, 1, id="same")],
            user_segments=["same", "gone"],
            speaker_label_suggestions=[guess, {"speaker_id": 7, "person_name": "Bob"}],
        )
        for n, name in enumerate("ab")
    ]
    merged = _combined(*parts)
    ids = [segment.id for segment in merged.transcript_segments]
    assert merged.user_segments == ids
    assert [(each.speaker_id, each.segment_ids) for each in merged.speaker_label_suggestions] == [
        (0, [ids[0]]),
        (1, [ids[1]]),
    ]
