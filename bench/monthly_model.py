"""What a month costs: measured pieces of a day, times how often they happen, times prices. Nothing here measures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

GIB, GB = 2**30, 10**9
_DAY_S, _MONTH_HOURS = 86_400, 730
_SWEEPS_A_DAY = 24 * 60
_ARMOR_RULES = 2
_CONNECTOR_MACHINES = 2
_PCM_BYTES_A_SECOND = 32_000
Amounts = dict[str, float]
"""Billed units a month, by the names in `prices.toml`."""
Total = defaultdict[str, float]
_COUNTED = {
    "firestore.reads": ("firestore_reads", 1),
    "firestore.writes": ("firestore_writes", 1),
    "firestore.deletes": ("firestore_deletes", 1),
    "storage.class_a": ("storage_class_a", 1),
    "storage.class_b": ("storage_class_b", 1),
    "tasks.operations": ("tasks_operations", 1),
    "pubsub.bytes": ("pubsub_gib", GIB),
    "pinecone.read_units": ("pinecone_read_units", 1),
    "pinecone.write_units": ("pinecone_write_units", 1),
    "logging.bytes": ("logging_gib", GIB),
}
"""What the local cloud counts, as it is billed: the price's name, and how many make a unit of it."""


@dataclass(frozen=True)
class Deployment:
    """Who uses it, and which switches are on.

    `hours`: of audio a day and user. `users`: 0 for one that nobody uses.
    """

    hours: float = 0.0
    users: int = 0
    edge: Literal["none", "lb"] = "none"
    redis: bool = False
    sealing: bool = False


@dataclass(frozen=True)
class Understanding:
    """What models are asked in an hour of audio."""

    calls: float
    tokens_in: float
    tokens_out: float
    tokens_embedded: float


def amounts(measured: Mapping[str, Any], use: Mapping[str, float], deployment: Deployment) -> Amounts:
    """What is billed in a month.

    Args:
        measured: as `bench.monthly --measure` records it.
        use: the part `use` of `prices.toml`.
        deployment: what is reckoned.
    """
    run = measured["redis_on" if deployment.redis else "redis_off"]
    total: Total = defaultdict(float)
    for name, times in _pieces(use, deployment):
        _add_piece(total, run["pieces"][name], times=times * use["days"], use=use)
    for name, times in _pieces(use, deployment):
        _add_time(total, measured, run["pieces"][name], name=name, times=times * use["days"], deployment=deployment)
    _add_kept_instances(total, measured, use, deployment)
    _add_stored(total, run, use, deployment)
    _add_fixed(total, measured, use, deployment)
    audio_hours = deployment.hours * deployment.users * use["days"]
    # Who recognises speech is outside, and hears PCM.
    total["egress_gib"] += audio_hours * run["heard_s"] * _PCM_BYTES_A_SECOND / GIB
    waited = audio_hours * understanding(measured, use).calls * use["model_call_s"]
    _add_seconds(total, measured["functions"]["structure_conversation"], waited)
    if (chat := measured["functions"].get("chat")) is not None and not chat["kept"]:
        asked = use["questions_a_day"] * deployment.users * use["days"] * use["question_calls"]
        _add_seconds(total, chat, asked * use["model_call_s"])
    return {name: value for name, value in total.items() if value}


def cost(billed: Mapping[str, float], prices: Mapping[str, Any], *, free: bool, days: float = 30) -> Amounts:
    """US dollars by price; with `free`, what is free is taken off first."""
    costs = {}
    for name, amount in billed.items():
        price = prices["prices"][name]
        gratis = price.get("free", 0) * (days if price.get("free_a") == "day" else 1) if free else 0
        costs[name] = max(0.0, amount - gratis) * price["usd"] / price.get("per", 1)
    least = prices["minimums"]["pinecone"]
    vectors = [name for name in costs if name.startswith("pinecone_")]
    paid = sum(costs[name] for name in vectors)
    if free and 0 < paid < least:
        costs["pinecone_minimum"] = least - paid
    return costs


def understanding(measured: Mapping[str, Any], use: Mapping[str, float]) -> Understanding:
    """Of the hour that was measured: so much for each of its conversations, and so much for how long is talked in it.

    Both are found from two groups of conversations, short ones and long ones: two equations for each figure.
    """
    run = measured["redis_on"]
    talked = run["talk_s"] / 3600

    def figure(kind: str, name: str) -> float:
        rows = []
        for group in ("short", "long"):
            figures = measured["models"][group]
            value = sum(line[name] for line in figures["metered"] if line["kind"] == kind)
            rows.append((figures["kept"], figures["hours"], value))
        each, hourly = solve(*rows)
        return float(each * run["conversations"] + hourly * talked)

    calls = figure("language_model", "calls")
    return Understanding(
        calls=calls,
        tokens_in=figure("language_model", "tokens_in"),
        tokens_out=calls * use["answer_tokens"],
        tokens_embedded=figure("embedding", "tokens_in"),
    )


def solve(first: tuple[float, float, float], second: tuple[float, float, float]) -> tuple[float, float]:
    """The x and y of a·x + b·y = c, twice; none is less than 0."""
    (a, b, c), (d, e, f) = first, second
    determinant = a * e - b * d
    x, y = (c * e - b * f) / determinant, (a * f - c * d) / determinant
    if x < 0:
        return 0.0, (c + f) / (b + e)
    if y < 0:
        return (c + f) / (a + d), 0.0
    return x, y


def _pieces(use: Mapping[str, float], deployment: Deployment) -> Iterator[tuple[str, float]]:
    """The pieces of a day and how often they happen in it."""
    yield "sweep", _SWEEPS_A_DAY
    yield "audio_hour", deployment.hours * deployment.users
    for piece, name in (("opening", "openings"), ("question", "questions"), ("search", "searches"), ("sync", "syncs")):
        yield piece, use[f"{name}_a_day"] * deployment.users


def _add_piece(total: Total, piece: Mapping[str, float], *, times: float, use: Mapping[str, float]) -> None:
    for counted, (name, unit) in _COUNTED.items():
        total[name] += times * piece.get(counted, 0.0) / unit
    calls = sum(_of(piece, "calls").values())
    total["run_requests"] += times * calls
    total["logging_gib"] += times * calls * use["request_log_bytes"] / GIB
    total["egress_gib"] += times * sum(_of(piece, "bytes_out").values()) / GIB


def _add_time(
    total: Total,
    measured: Mapping[str, Any],
    piece: Mapping[str, float],
    *,
    name: str,
    times: float,
    deployment: Deployment,
) -> None:
    """Seconds that are billed by the request; whoever is alone finds no function running, and pays its start."""
    starts = measured["redis_on"]["conversations"] if name == "audio_hour" else 1
    for function, seconds in _of(piece, "seconds").items():
        described = measured["functions"][function]
        if described["kept"]:
            continue
        cold = deployment.users == 1 and name != "sweep"
        started = min(starts, piece[f"calls.{function}"]) * described["start_s"] if cold else 0.0
        _add_seconds(total, described, times * (seconds + started))


def _add_seconds(total: Total, described: Mapping[str, float], seconds: float) -> None:
    total["run_vcpu_seconds"] += seconds * described["vcpu"]
    total["run_gib_seconds"] += seconds * described["gib"]


def kept_seconds(measured: Mapping[str, Any], use: Mapping[str, float], deployment: Deployment) -> dict[str, float]:
    """Seconds a day of instances that are paid while they live: as long as somebody is connected, and a while after."""
    run = measured["redis_on" if deployment.redis else "redis_off"]
    tail = use["idle_tail_s"]
    streamed = deployment.hours * 3600 * deployment.users
    together = -(-streamed / _DAY_S // use["streams_an_instance"])
    alive = {"listen": min(streamed + tail * deployment.users, together * _DAY_S) if streamed else 0.0}
    for function, described in measured["functions"].items():
        if described["kept"] and function != "listen":
            used = 0.0
            for name, times in _pieces(use, deployment):
                if run["pieces"][name].get(f"calls.{function}"):
                    used += times * (tail + run["pieces"][name][f"seconds.{function}"])
            alive[function] = min(used, float(_DAY_S))
    return alive


def _add_kept_instances(
    total: Total, measured: Mapping[str, Any], use: Mapping[str, float], deployment: Deployment
) -> None:
    for function, seconds in kept_seconds(measured, use, deployment).items():
        described = measured["functions"][function]
        total["instance_vcpu_seconds"] += seconds * described["vcpu"] * use["days"]
        total["instance_gib_seconds"] += seconds * described["gib"] * use["days"]


def _add_stored(total: Total, run: Mapping[str, Any], use: Mapping[str, float], deployment: Deployment) -> None:
    a_day, stored = deployment.hours * deployment.users, run["stored"]
    kept = a_day * use["days"] * use["months_kept"]
    documents = kept * stored["bytes.firestore"] * use["index_factor"] / GIB
    total["firestore_gib_months"] += documents
    total["firestore_past_gib_months"] += documents
    total["storage_gib_months"] += a_day * use["audio_days"] * stored["bytes.audio"] / GIB
    total["pinecone_gb_months"] += kept * stored["vectors"] * use["vector_bytes"] / GB


def _add_fixed(total: Total, measured: Mapping[str, Any], use: Mapping[str, float], deployment: Deployment) -> None:
    """What is there whether anybody uses it or not."""
    images = sum(described["image_bytes"] for described in measured["functions"].values())
    total["scheduler_jobs"] += 1
    total["registry_gib_months"] += (images + use["base_image_bytes"]) / GIB
    total["secret_versions"] += use["secrets"]
    total["alert_conditions"] += use["alert_conditions"]
    if deployment.sealing:
        total["kms_key_versions"] += 1
    if deployment.redis:
        total["redis_gib_hours"] += _MONTH_HOURS
        total["connector_machine_hours"] += _CONNECTOR_MACHINES * _MONTH_HOURS
    if deployment.edge == "lb":
        run = measured["redis_on" if deployment.redis else "redis_off"]
        heard = deployment.hours * deployment.users * use["days"] * run["stored"]["bytes.audio"] / GIB
        total["balancer_hours"] += _MONTH_HOURS
        total["balancer_gib"] += total["egress_gib"] + heard
        total["armor_policies"] += 1
        total["armor_rules"] += _ARMOR_RULES
        total["armor_requests"] += total["run_requests"]


def _of(piece: Mapping[str, float], what: str) -> dict[str, float]:
    """A piece's figures by function."""
    return {name.partition(".")[2]: value for name, value in piece.items() if name.partition(".")[0] == what}
