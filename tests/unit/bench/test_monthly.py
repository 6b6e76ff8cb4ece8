"""What a month costs is reckoned right, and the document says what is reckoned."""

from copy import deepcopy
from typing import Any

import pytest

from bench.document_sizes import document_bytes
from bench.filled_document import fill
from bench.monthly import DOCUMENT, MEASURED, PRICES, written
from bench.monthly_model import Deployment, amounts, cost, solve, understanding

LISTEN = {"vcpu": 1, "gib": 1.0, "kept": True, "start_s": 2.0, "image_bytes": 0}
STRUCTURE = {"vcpu": 1, "gib": 0.5, "kept": False, "start_s": 2.0, "image_bytes": 2**29}
SWEEP = {"vcpu": 1, "gib": 0.25, "kept": False, "start_s": 1.0, "image_bytes": 2**29}
NOTHING = {"metered": [], "kept": 1, "hours": 1.0}
RUN: dict[str, Any] = {
    "conversations": 2,
    "heard_s": 0.0,
    "talk_s": 1800.0,
    "stored": {"bytes.audio": 0, "bytes.firestore": 0, "vectors": 0},
    "pieces": {
        "sweep": {"calls.sweep": 1, "seconds.sweep": 0.2, "firestore.reads": 6},
        "audio_hour": {"firestore.reads": 100, "calls.structure_conversation": 3, "seconds.structure_conversation": 4},
        "opening": {"firestore.reads": 10, "bytes_out.api": 2**20},
        "question": {},
        "search": {},
        "sync": {},
    },
}
MEASURED_RUN: dict[str, Any] = {
    "functions": {"listen": LISTEN, "structure_conversation": STRUCTURE, "sweep": SWEEP},
    "redis_on": RUN,
    "redis_off": RUN,
    "models": {"short": NOTHING, "long": {**NOTHING, "hours": 2.0}},
}
USE = {
    "days": 30,
    "openings_a_day": 20,
    "questions_a_day": 0,
    "searches_a_day": 0,
    "syncs_a_day": 0,
    "months_kept": 12,
    "streams_an_instance": 50,
    "idle_tail_s": 900,
    "model_call_s": 4,
    "answer_tokens": 500,
    "request_log_bytes": 0,
    "index_factor": 3,
    "vector_bytes": 4000,
    "audio_days": 8,
    "base_image_bytes": 2**29,
    "secrets": 3,
    "alert_conditions": 2,
}


def test_nobody_pays_for_the_sweep_and_what_is_fixed_alone() -> None:
    idle = amounts(MEASURED_RUN, USE, Deployment())
    assert idle["firestore_reads"] == 6 * 1440 * 30
    assert idle["run_requests"] == 1440 * 30
    assert idle["run_vcpu_seconds"] == pytest.approx(0.2 * 1440 * 30)
    assert idle["run_gib_seconds"] == pytest.approx(0.25 * 0.2 * 1440 * 30)
    assert idle["registry_gib_months"] == 1.5
    assert idle["alert_conditions"] == 2
    assert "instance_vcpu_seconds" not in idle
    assert "balancer_hours" not in idle
    assert "redis_gib_hours" not in idle


def test_who_asks_in_the_chat_pays_for_the_time_until_a_model_has_answered() -> None:
    measured = deepcopy(MEASURED_RUN)
    measured["functions"]["chat"] = {**STRUCTURE, "gib": 1.0}
    asked = {**USE, "questions_a_day": 10, "question_calls": 2}
    silent = {**asked, "questions_a_day": 0}
    seconds = [amounts(measured, use, Deployment(users=100))["run_vcpu_seconds"] for use in (asked, silent)]
    assert seconds[0] - seconds[1] == pytest.approx(100 * 30 * 10 * 2 * 4)


def test_switches_add_what_they_are_for() -> None:
    on = amounts(MEASURED_RUN, USE, Deployment(edge="lb", redis=True, sealing=True))
    assert (on["balancer_hours"], on["redis_gib_hours"], on["armor_policies"], on["kms_key_versions"]) == (
        730,
        730,
        1,
        1,
    )


def test_pieces_are_counted_as_often_as_they_happen() -> None:
    alone = amounts(MEASURED_RUN, USE, Deployment(hours=8, users=1))
    assert alone["firestore_reads"] == 30 * (6 * 1440 + 8 * 100 + 20 * 10)
    assert alone["egress_gib"] == pytest.approx(30 * 20 / 1024)


def test_whoever_is_alone_pays_starts_and_many_do_not() -> None:
    base = 0.2 * 1440 * 30
    alone = amounts(MEASURED_RUN, USE, Deployment(hours=8, users=1))
    # Three calls in two conversations: two starts of 2 s beside the 4 s.
    assert alone["run_vcpu_seconds"] - base == pytest.approx(30 * 8 * (4 + 2 * 2))
    many = amounts(MEASURED_RUN, USE, Deployment(hours=8, users=100))
    assert many["run_vcpu_seconds"] - base == pytest.approx(100 * 30 * 8 * 4)


def test_a_live_instance_is_paid_while_it_is_connected_and_shared_by_those_who_speak_at_once() -> None:
    alone = amounts(MEASURED_RUN, USE, Deployment(hours=8, users=1))
    assert alone["instance_vcpu_seconds"] == 30 * (8 * 3600 + 900)
    # A hundred users of 8 hours are 33 at any moment: one instance, round the clock.
    many = amounts(MEASURED_RUN, USE, Deployment(hours=8, users=100))
    assert many["instance_gib_seconds"] == 30 * 86_400
    # Of 16 hours they are 67: two.
    busy = amounts(MEASURED_RUN, USE, Deployment(hours=16, users=100))
    assert busy["instance_gib_seconds"] == 2 * 30 * 86_400


def test_an_instance_that_is_kept_is_paid_for_a_while_after_each_visit() -> None:
    measured = deepcopy(MEASURED_RUN)
    measured["functions"]["chat"] = LISTEN
    measured["redis_off"]["pieces"]["opening"] |= {"calls.chat": 1, "seconds.chat": 0.5}
    alone = amounts(measured, USE, Deployment(hours=0, users=1))
    assert alone["instance_vcpu_seconds"] == 30 * 20 * 900.5
    many = amounts(measured, USE, Deployment(hours=0, users=100))
    assert many["instance_vcpu_seconds"] == 30 * 86_400


def test_what_is_stored_adds_up_over_the_months_and_audio_goes() -> None:
    measured = deepcopy(MEASURED_RUN)
    measured["redis_off"]["stored"] = {"bytes.audio": 2**30, "bytes.firestore": 2**20, "vectors": 1000}
    billed = amounts(measured, USE, Deployment(hours=1, users=1))
    assert billed["storage_gib_months"] == 8
    assert billed["firestore_gib_months"] == billed["firestore_past_gib_months"] == pytest.approx(3 * 360 / 1024)
    assert billed["pinecone_gb_months"] == pytest.approx(360 * 1000 * 4000 / 1e9)


def test_what_is_free_is_taken_off_by_the_day_or_by_the_month_and_never_more_than_there_is() -> None:
    prices = {
        "prices": {
            "a": {"usd": 0.5, "per": 1000, "free": 100, "free_a": "day"},
            "b": {"usd": 2.0, "free": 3},
            "c": {"usd": 1.0},
        },
        "minimums": {"pinecone": 50.0},
    }
    billed = {"a": 5000.0, "b": 2.0, "c": 4.0}
    assert cost(billed, prices, free=False) == {"a": 2.5, "b": 4.0, "c": 4.0}
    assert cost(billed, prices, free=True) == {"a": 1.0, "b": 0.0, "c": 4.0}


def test_the_vectors_minimum_is_paid_by_whoever_leaves_the_free_plan_and_by_nobody_else() -> None:
    prices = {"prices": {"pinecone_read_units": {"usd": 1.0, "free": 10}}, "minimums": {"pinecone": 50.0}}
    assert sum(cost({"pinecone_read_units": 10.0}, prices, free=True).values()) == 0
    assert sum(cost({"pinecone_read_units": 11.0}, prices, free=True).values()) == 50
    assert sum(cost({"pinecone_read_units": 110.0}, prices, free=True).values()) == 100
    assert sum(cost({"pinecone_read_units": 11.0}, prices, free=False).values()) == 11


def test_what_models_are_asked_is_found_per_conversation_and_per_hour_of_talk() -> None:
    # 100 tokens a conversation and 1,000 an hour: ten short ones of 0.1 h in all, two long ones of 3 h.
    measured = deepcopy(MEASURED_RUN)
    for group, kept, hours in (("short", 10, 0.1), ("long", 2, 3.0)):
        line = {"kind": "language_model", "calls": kept, "tokens_in": 100 * kept + 1000 * hours}
        measured["models"][group] = {"kept": kept, "hours": hours, "metered": [line]}
    found = understanding(measured, USE)
    # The measured hour has two conversations and half an hour of talk.
    assert found.calls == pytest.approx(2)
    assert found.tokens_in == pytest.approx(2 * 100 + 0.5 * 1000)
    assert found.tokens_out == pytest.approx(2 * 500)
    assert found.tokens_embedded == 0


def test_two_unknowns_are_solved_and_never_negative() -> None:
    assert solve((1, 1, 3), (1, 2, 5)) == pytest.approx((1, 2))
    assert solve((1, 1, 1), (1, 2, 5)) == pytest.approx((0, 2))


def test_a_document_is_as_large_as_firestores_own_example() -> None:
    # https://cloud.google.com/firestore/docs/storage-size: 44 of name, 59 of fields, 32.
    task = {"type": "Personal", "done": False, "priority": 1, "description": "Learn Cloud Firestore"}
    assert document_bytes("users/jeff/tasks/my_task_id", task) == 147


def test_tables_stand_in_their_places_and_none_is_left_over() -> None:
    document = "a\n<!-- computed: one -->\nold\n<!-- end -->\nb"
    assert fill(document, {"one": "| new |"}) == "a\n<!-- computed: one -->\n| new |\n<!-- end -->\nb"
    with pytest.raises(ValueError, match="two"):
        fill(document, {"one": "", "two": ""})
    with pytest.raises(KeyError):
        fill(document, {})


def test_the_document_says_what_follows_from_the_measurement_and_the_prices() -> None:
    changed = f"{PRICES.name} or {MEASURED.name} has changed: python -m bench.monthly"
    assert DOCUMENT.read_text() == written(), changed
