"""The tables of docs/cost.md. Pure: from the measurement and the prices to text."""

from collections.abc import Mapping
from typing import Any

from bench.filled_document import amount, table, usd
from bench.monthly_model import Deployment, amounts, cost, kept_seconds, understanding

HOURS = (2, 8, 16)
MANY = 100
_LINES = {
    "instances of `listen`": ("instance_",),
    "functions and requests": ("run_",),
    "Firestore": ("firestore_",),
    "Cloud Storage": ("storage_",),
    "Pub/Sub, Cloud Tasks, Cloud Scheduler": ("pubsub_", "tasks_", "scheduler_"),
    "Pinecone": ("pinecone_",),
    "traffic to the internet": ("egress_",),
    "logs, alerts, images, secrets": ("logging_", "alert_", "registry_", "secret_"),
}


def tables(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> dict[str, str]:
    """Every table by the name of its place."""
    return {
        "idle": _idle(measured, prices),
        "infrastructure": _infrastructure(measured, prices),
        "where": _where(measured, prices),
        "instances": _instances(measured, prices),
        "switches": _switches(measured, prices),
        "speech": _speech(measured, prices),
        "models": _models(measured, prices),
        "together": _together(measured, prices),
        "pieces": _pieces(measured),
        "functions": _functions(measured),
        "assumptions": _assumptions(prices),
    }


def _idle(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    use = prices["use"]
    billed = amounts(measured, use, Deployment())
    charged, full = (cost(billed, prices, free=free, days=use["days"]) for free in (True, False))
    rows = [[name, amount(billed[name]), usd(full[name]), usd(charged[name])] for name in _dearest(full)]
    base = (sum(full.values()), sum(charged.values()))
    rows.append(["**all of it**", "", f"**{usd(base[0])}**", f"**{usd(base[1])}**"])
    switches = {
        '+ `edge = "lb"`': Deployment(edge="lb"),
        "+ `redis_gb = 1`": Deployment(redis=True),
        "+ `sealing = true`": Deployment(sealing=True),
    }
    for name, deployment in switches.items():
        more = amounts(measured, use, deployment)
        totals = [sum(cost(more, prices, free=free, days=use["days"]).values()) for free in (False, True)]
        rows.append([name, "", *(usd(total - without) for total, without in zip(totals, base, strict=True))])
    return table(["a month", "billed units", "USD without free tiers", "USD with them"], rows)


def _infrastructure(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{hours} h a day",
            *(
                usd(_each(measured, prices, Deployment(hours=hours, users=users), free=free))
                for users in (1, MANY)
                for free in (False, True)
            ),
        ]
        for hours in HOURS
    ]
    columns = [f"{who}, {free} free tiers" for who in ("alone", f"one of {MANY}") for free in ("without", "with")]
    return table(["USD per user-month", *columns], rows)


def _where(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    rows = []
    parts = {
        users: cost(
            amounts(measured, prices["use"], Deployment(hours=8, users=users)),
            prices,
            free=False,
            days=prices["use"]["days"],
        )
        for users in (1, MANY)
    }
    for line, prefixes in _LINES.items():
        sums = [
            sum(value for name, value in costs.items() if name.startswith(prefixes)) / users
            for users, costs in parts.items()
        ]
        rows.append([line, *map(usd, sums)])
    return table(["USD per user-month, 8 h a day, without free tiers", "alone", f"one of {MANY}"], rows)


def _instances(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    use = prices["use"]
    alive = [kept_seconds(measured, use, Deployment(hours=8, users=users)) for users in (1, MANY)]
    rows = [
        [f"`{function}`", *(amount(each[function] * use["days"] / 3600) for each in alive)] for function in alive[0]
    ]
    return table(["hours of instances a month, 8 h a day", "one user", f"{MANY} users together"], rows)


def _switches(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    rows = []
    for edge in ("none", "lb"):
        for redis in (False, True):
            each = [
                usd(_each(measured, prices, Deployment(hours, users, edge, redis), free=True))
                for users in (1, MANY)
                for hours in HOURS
            ]
            rows.append([f"`{edge}`", "on" if redis else "off", *each])
    columns = [f"{who}, {hours} h" for who in ("alone", f"of {MANY}") for hours in HOURS]
    return table(["edge", "Redis", *columns], rows)


def _speech(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    days, share = prices["use"]["days"], _heard_share(measured)
    rows = []
    for name, price in prices["speech"].items():
        row = [f"{name} ({price['model']})", f"{price['usd']:.2f}"]
        for hours in HOURS:
            whole = hours * days * price["usd"]
            row.append(f"{usd(whole * share)} ({usd(whole)})")
        rows.append(row)
    return table(["provider", "USD per audio hour", *(f"{hours} h a day" for hours in HOURS)], rows)


def _models(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    rows = [
        [f"{name} ({price['model']})", *(usd(_model_cost(measured, prices, price, hours)) for hours in HOURS)]
        for name, price in prices["models"].items()
    ]
    return table(["USD per user-month", *(f"{hours} h a day" for hours in HOURS)], rows)


def _together(measured: Mapping[str, Any], prices: Mapping[str, Any]) -> str:
    days, share = prices["use"]["days"], _heard_share(measured)
    rows = []
    for hours in HOURS:
        parts = [
            _each(measured, prices, Deployment(hours=hours, users=MANY), free=False),
            hours * days * share * prices["speech"]["deepgram"]["usd"],
            _model_cost(measured, prices, prices["models"]["vertex"], hours),
        ]
        shares = [f"{usd(part)} ({part / sum(parts):.0%})" for part in parts]
        rows.append([f"{hours} h a day", *shares, usd(sum(parts))])
    return table(["", "infrastructure", "speech (deepgram)", "models (vertex)", "USD per user-month"], rows)


def _pieces(measured: Mapping[str, Any]) -> str:
    names = list(measured["redis_on"]["pieces"])
    kinds = sorted(
        {
            name
            for run in ("redis_on", "redis_off")
            for piece in measured[run]["pieces"].values()
            for name in piece
            if name.partition(".")[0] in {"firestore", "storage", "tasks", "pubsub", "pinecone", "logging"}
        }
    )
    rows = []
    for kind in kinds:
        row = [f"`{kind}`"]
        for name in names:
            values = [measured[run]["pieces"][name].get(kind, 0.0) for run in ("redis_on", "redis_off")]
            row.append(amount(values[0]) if values[0] == values[1] else " / ".join(map(amount, values)))
        rows.append(row)
    for what in ("calls", "seconds"):
        row = [f"{what} of functions"]
        for name in names:
            piece = measured["redis_on"]["pieces"][name]
            counted = (value for key, value in piece.items() if key.startswith(f"{what}.") and key != f"{what}.listen")
            row.append(amount(sum(counted)))
        rows.append(row)
    return table(["", *(name.replace("_", " ") for name in names)], rows)


def _functions(measured: Mapping[str, Any]) -> str:
    hour = measured["redis_on"]["pieces"]["audio_hour"]
    called = [name for name in measured["functions"] if hour.get(f"calls.{name}") and name != "listen"]
    rows = [
        [
            f"`{name}`",
            amount(hour[f"calls.{name}"]),
            f"{hour[f'seconds.{name}']:.1f}",
            f"{measured['functions'][name]['start_s']:.1f}",
        ]
        for name in sorted(called, key=lambda name: -hour[f"seconds.{name}"])
    ]
    return table(["of an audio hour", "calls", "seconds billed", "seconds to start"], rows)


def _assumptions(prices: Mapping[str, Any]) -> str:
    return table(["assumed", ""], [[f"`{name}`", f"{value:,}"] for name, value in prices["use"].items()])


def _each(measured: Mapping[str, Any], prices: Mapping[str, Any], deployment: Deployment, *, free: bool) -> float:
    """What one of its users costs in a month."""
    use = prices["use"]
    billed = amounts(measured, use, deployment)
    return sum(cost(billed, prices, free=free, days=use["days"]).values()) / deployment.users


def _model_cost(
    measured: Mapping[str, Any], prices: Mapping[str, Any], price: Mapping[str, float], hours: float
) -> float:
    """What a user's month of understanding and of questions costs."""
    use = prices["use"]
    hourly = understanding(measured, use)
    asked = use["questions_a_day"] * use["question_calls"]
    tokens_in = hours * hourly.tokens_in + asked * use["question_tokens"]
    tokens_out = hours * hourly.tokens_out + asked * use["answer_tokens"]
    embedded = hours * hourly.tokens_embedded
    daily = tokens_in * price["usd_in"] + tokens_out * price["usd_out"] + embedded * price["usd_embedding"]
    return float(use["days"] * daily / 1_000_000)


def _heard_share(measured: Mapping[str, Any]) -> float:
    share: float = measured["redis_on"]["heard_s"] / 3600
    return share


def _dearest(costs: Mapping[str, float]) -> list[str]:
    return sorted(costs, key=lambda name: (-costs[name], name))
