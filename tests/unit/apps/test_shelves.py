"""The store's shelves, handles of personas, averages of scores: pure."""

from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.apps import catalogue, kinds
from common.apps.catalogue import Sort
from common.apps.personas import LONGEST_USERNAME, candidates
from common.core.pictures import kind_of_image
from common.database.reviews import LATEST, with_review
from common.models.app import App, ChatTool
from common.models.app_review import AppReview
from tests.support.making import at


def _app(**fields: Any) -> App:
    return App.model_validate({"id": "a", **fields})


def _review(uid: str, score: float, *, seconds: float = 0.0) -> AppReview:
    return AppReview(uid=uid, score=score, rated_at=at(seconds))


class TestGroups:
    """Apps on every shelf that they belong to."""

    def test_empty_shelves_are_left_out_and_popular_comes_first(self) -> None:
        both = _app(id="both", capabilities=["chat", "tasks"], is_popular=True)
        shelves = catalogue.by_capability([both, _app(id="chat", capabilities=["chat"])])
        assert [(shelf.id, [app.id for app in found]) for shelf, found in shelves] == [
            ("popular", ["both"]),
            ("chat", ["both", "chat"]),
            ("tasks", ["both"]),
        ]

    def test_the_fullest_category_comes_first_and_an_unknown_one_is_named_after_its_id(self) -> None:
        groups = catalogue.by_category([_app(category="new-thing"), _app(category="other"), _app(category="other")])
        assert [(category.title, len(found)) for category, found in groups] == [("Other", 2), ("New Thing", 1)]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            (None, ["much", "some", "none"]),
            (Sort.INSTALLS, ["much", "some", "none"]),
            (Sort.RATING_UP, ["some", "none", "much"]),
            (Sort.RATING_DOWN, ["much", "none", "some"]),
            (Sort.NAME_UP, ["none", "some", "much"]),
            (Sort.NAME_DOWN, ["much", "some", "none"]),
        ],
    )
    def test_orders(self, sort: Sort | None, order: list[str]) -> None:
        found = [
            _app(id="none", name="Alpha", installs=0, rating_avg=3.0),
            _app(id="some", name="beta", installs=5, rating_avg=1.0),
            _app(id="much", name="Gamma", installs=9, rating_avg=5.0),
        ]
        assert [app.id for app in catalogue.search(found, sort=sort)] == order

    def test_every_choice_has_an_id_of_its_own(self) -> None:
        for options in (kinds.CATEGORIES, kinds.CAPABILITIES, kinds.ACTIONS, kinds.TRIGGERS, kinds.SCOPES):
            ids = [option.id for option in options]
            assert len(set(ids)) == len(ids)


class TestHandles:
    """What a persona may be called."""

    def test_a_name_becomes_a_handle_then_gets_numbers(self) -> None:
        assert list(islice(candidates("Zoë Müller!"), 3)) == ["zoe-muller", "zoe-muller1", "zoe-muller2"]

    @given(st.text())
    def test_whatever_the_name_handles_are_plain_short_and_different(self, name: str) -> None:
        handles = list(islice(candidates(name), 40))
        assert len(set(handles)) == 40
        for handle in handles:
            assert 0 < len(handle) <= LONGEST_USERNAME
            assert set(handle) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")


class TestAverages:
    """Of scores, with every review counted once."""

    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 10).map(lambda half: half / 2)), min_size=1))
    def test_the_average_is_that_of_everybodys_last_score(self, given_scores: list[tuple[str, float]]) -> None:
        app, last = _app(), dict[str, AppReview]()
        for number, (uid, score) in enumerate(given_scores):
            review = _review(uid, score, seconds=number)
            app = with_review(app, before=last.get(uid), after=review)
            last[uid] = review
        assert app.rating_count == len(last)
        assert app.rating_avg == pytest.approx(sum(review.score for review in last.values()) / len(last))
        assert {review.uid: review.score for review in app.reviews} == {uid: last[uid].score for uid in last}

    def test_an_old_average_without_its_sum_is_continued(self) -> None:
        app = with_review(_app(rating_avg=4.0, rating_count=3), before=None, after=_review("a", 2))
        assert (app.rating_avg, app.rating_count) == (3.5, 4)

    def test_only_the_newest_reviews_stand_in_the_app(self) -> None:
        app = _app()
        for number in range(LATEST + 5):
            app = with_review(app, before=None, after=_review(f"u{number}", 3, seconds=number))
        assert [review.uid for review in app.reviews] == [f"u{number}" for number in range(LATEST + 4, 4, -1)]


class TestDocuments:
    """What is stored can be read, whoever wrote it."""

    def test_schemas_of_tools_are_text_in_the_store_however_deep(self) -> None:
        schema: dict[str, Any] = {"type": "string"}
        for _ in range(40):
            schema = {"type": "object", "properties": {"inner": schema}}
        app = _app(chat_tools=[ChatTool(name="t", parameters=schema), ChatTool(name="u")])
        stored = app.to_firestore()
        assert isinstance(stored["chat_tools"][0]["parameters"], str)
        assert App.model_validate(stored) == app

    @pytest.mark.parametrize("text", ["no json", "[]", "1"])
    def test_a_schema_that_is_none_is_left_out(self, text: str) -> None:
        assert ChatTool.model_validate({"name": "t", "parameters": text}).parameters is None

    def test_nulls_mean_the_default(self) -> None:
        names = ("name", "author", "image", "description", "category", "capabilities", "rating_avg", "installs")
        assert _app(**dict.fromkeys(names), external_integration={"actions": None}) == _app(external_integration={})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data: bytes, kind: str | None) -> None:
    assert kind_of_image(data) == kind
