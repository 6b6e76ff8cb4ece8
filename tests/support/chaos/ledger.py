"""The chaos' ledger: what was accepted and asked for, against all that is stored and was told."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pinecone import Pinecone

from local.environment import BUCKETS
from tests.support.chaos.talks import Talk

if TYPE_CHECKING:
    import httpx

    from tests.support.chaos.users import User
    from tests.support.cloud import RunningCloud
    from tests.support.webhook_receiver import Received

_MOST_FACTS = 2
"""That one conversation teaches, however many have become it."""
_NAMESPACES = {"ns1": "conversations", "ns_tchunks": "conversations", "ns2": "memories", "ns4": "action_items"}
_LEASES = re.compile(r"(request|conversation_announced|ingest_offline):")
"""Claims that are never done: nobody may ask again, what they are about may be gone, there may be more files."""

Documents = dict[str, dict[str, Any]]


@dataclass
class Ledger:
    """What is wrong, by kind and in words."""

    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    resurrected: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return [
            f"{kind}: {each}"
            for kind in ("lost", "duplicated", "stuck", "leaked", "resurrected")
            for each in getattr(self, kind)
        ]


@dataclass(frozen=True)
class Stored:
    """Everything there is: documents by path, vectors by index, namespace and owner, names of objects."""

    documents: Documents
    vectors: list[tuple[int, str, dict[str, Any]]]
    objects: list[str]

    def of(self, uid: str, collection: str) -> Documents:
        """A user's documents in one collection, by their ids."""
        start = f"users/{uid}/{collection}/"
        return {
            path.removeprefix(start): fields
            for path, fields in self.documents.items()
            if path.startswith(start) and "/" not in path.removeprefix(start)
        }


def read_everything(cloud: RunningCloud) -> Stored:
    """All that the stores of a cloud hold."""
    inside = cloud.inside
    documents = {
        snapshot.reference.path: snapshot.to_dict() or {}
        for collection in inside.firestore.collections()
        for snapshot in collection.recursive().stream()
    }
    objects = [f"{bucket}:{blob.name}" for bucket in BUCKETS.values() for blob in inside.storage.list_blobs(bucket)]
    vectors: list[tuple[int, str, dict[str, Any]]] = []
    for place, host in enumerate(("PINECONE_HOST", "PINECONE_SPARSE_HOST")):
        index = Pinecone(api_key="local").Index(host=cloud.environment[host])
        for namespace in index.describe_index_stats().namespaces or {}:
            for page in index.list(namespace=namespace):
                ids = [str(getattr(item, "id", item)) for item in getattr(page, "vectors", page)]
                found = index.fetch(ids=ids, namespace=namespace).vectors if ids else {}
                vectors += [(place, namespace, dict(each.metadata or {})) for each in found.values()]
        index.close()
    return Stored(documents, vectors, objects)


def balance(users: Sequence[User], cloud: RunningCloud, told: Iterable[Received]) -> Ledger:
    """Compare."""
    ledger, stored, heard = Ledger(), read_everything(cloud), list(told)
    for user in users:
        if user.left:
            _balance_gone(user.uid, stored, ledger)
        elif user.left is None:
            with cloud.client(user.uid) as api:
                _balance_user(user, api, stored, heard, ledger)
    for path, fields in stored.documents.items():
        owner = path.split("/")[1] if path.startswith("users/") else fields.get("uid")
        content = str(fields)
        for talk in (talk for user in users for talk in user.talks if talk.taught and talk.uid != owner):
            if talk.topic in content:
                ledger.leaked.append(f"{path} holds {talk}")
    return ledger


def _balance_gone(uid: str, stored: Stored, ledger: Ledger) -> None:
    left = [path for path in stored.documents if f"{path}/".startswith(f"users/{uid}/")]
    left += [name for name in stored.objects if f":{uid}/" in name]
    left += [f"{namespace} {fields}" for _, namespace, fields in stored.vectors if fields.get("uid") == uid]
    ledger.resurrected += [f"after the account: {each}" for each in left]


def _balance_user(user: User, api: httpx.Client, stored: Stored, told: list[Received], ledger: Ledger) -> None:
    conversations = {
        conversation_id: api.get(f"/v1/conversations/{conversation_id}").raise_for_status().json()
        for conversation_id in stored.of(user.uid, "conversations")
    }
    texts = {
        conversation_id: [segment["text"] for segment in each["transcript_segments"]]
        for conversation_id, each in conversations.items()
    }
    for conversation_id, each in conversations.items():
        if each["status"] != "completed":
            ledger.stuck.append(f"conversation {conversation_id} of {user.uid} is {each['status']}")
    for talk in user.talks:
        there = {key: " ".join(" ".join(said).split()) for key, said in texts.items()}
        holding = {key: said for key, said in there.items() if talk.topic in said.lower()}
        _balance_talk(talk, holding, ledger)
        if talk.taught:
            crowd = max((sum(each.topic in said for each in user.talks) for said in holding.values()), default=0)
            _balance_learned(talk, holding, crowd, user.uid, stored, ledger)
            _balance_told(talk, holding, told, ledger)
        if talk.deleted == "yes":
            found = api.post("/v1/conversations/search", json={"query": talk.topic}).json()["items"]
            if any(talk.topic in str(hit) for hit in found):
                ledger.resurrected.append(f"found: {talk}")
    _balance_vectors(user.uid, stored, ledger)
    _balance_rest(user.uid, stored, ledger)


def _balance_talk(talk: Talk, holding: dict[str, str], ledger: Ledger) -> None:
    """Its words are in one conversation, whole and in order; in none where it was deleted."""
    ledger.accepted += talk.accepted
    if len(holding) > 1 or len(talk.told) > 1:
        ledger.duplicated.append(f"{talk} in {sorted(holding)}")
    if talk.deleted == "yes" and holding:
        ledger.resurrected.append(f"{talk} in {sorted(holding)}")
    if talk.accepted and talk.deleted == "no" and not holding:
        ledger.lost.append(str(talk))
    for said in holding.values():
        places = [said.lower().find(mark.lower()) for mark in talk.marks]
        if min(places) < 0:
            ledger.lost.append(f"words of {talk}")
        elif places != sorted(places) or any(said.lower().count(mark.lower()) > 1 for mark in talk.marks):
            ledger.duplicated.append(f"words of {talk}")


def _balance_learned(talk: Talk, holding: dict[str, str], crowd: int, uid: str, stored: Stored, ledger: Ledger) -> None:
    """There is one fact and one task of it, which name what it has become; none where they were deleted."""
    merged_text = talk.way == "text" and talk.merged
    for kind, words, deleted, sure in (
        ("memories", talk.fact, talk.fact_deleted, crowd <= _MOST_FACTS and not merged_text),
        ("action_items", talk.task, talk.task_deleted, True),
    ):
        found = {
            key: fields
            for key, fields in stored.of(uid, kind).items()
            if words in f"{fields.get('content')} {fields.get('description')}".lower()
        }
        if len(found) > 1:
            ledger.duplicated.append(f"{kind} {sorted(found)} of {talk}")
        if found and (deleted == "yes" or (talk.deleted == "yes" and talk.cascade)):
            ledger.resurrected.append(f"{kind} {sorted(found)} of {talk}")
        if not found and talk.accepted and holding and deleted == "no" and sure:
            ledger.lost.append(f"{kind} of {talk}")
        if holding and any(fields.get("conversation_id") not in holding for fields in found.values()):
            ledger.lost.append(f"{kind} {sorted(found)} of {talk} name another than {sorted(holding)}")


def _balance_told(talk: Talk, holding: dict[str, str], told: list[Received], ledger: Ledger) -> None:
    """Its user's address has heard of it, nobody else's, and of one conversation under one id."""
    heard = [each for each in told if talk.topic.encode() in each.body]
    if talk.accepted and talk.deleted == "no" and holding and not heard:
        ledger.lost.append(f"webhook of {talk}")
    if any(each.query.get("user") != talk.uid for each in heard):
        ledger.leaked.append(f"webhook of {talk}")
    ids: defaultdict[str, set[str | None]] = defaultdict(set)
    for each in heard:
        ids[json.loads(each.body)["id"]].add(each.headers.get("webhook-id"))
    if any(len(each) > 1 for each in ids.values()):
        ledger.duplicated.append(f"webhook of {talk}: {dict(ids)}")


def _balance_vectors(uid: str, stored: Stored, ledger: Ledger) -> None:
    """Each document has its vector in both indexes, and no vector is there without its document."""
    for place in (0, 1):
        for namespace, collection in _NAMESPACES.items():
            documents = {
                key for key, fields in stored.of(uid, collection).items() if not fields.get("discarded", False)
            }
            found = Counter(
                str(fields.get("action_item_id") or fields.get("memory_id"))
                for index, where, fields in stored.vectors
                if (index, where, fields.get("uid")) == (place, namespace, uid)
            )
            name = f"{namespace} of index {place} of {uid}"
            ledger.lost += [f"vector {each} in {name}" for each in sorted(documents - set(found))]
            ledger.resurrected += [f"vector {each} in {name}" for each in sorted(set(found) - documents)]
            if namespace != "ns_tchunks":
                ledger.duplicated += [f"vector {each} in {name}" for each, count in found.items() if count > 1]


def _balance_rest(uid: str, stored: Stored, ledger: Ledger) -> None:
    """Nothing hangs on a conversation that is gone, and nobody is still at work."""
    conversations = stored.of(uid, "conversations")
    for path in stored.documents:
        below = re.match(rf"users/{uid}/conversations/([^/]+)/", path)
        if below is not None and below[1] not in conversations:
            ledger.resurrected.append(path)
    for name in stored.objects:
        recorded = re.match(rf"{BUCKETS['audio']}:{uid}/([^/]+)/", name)
        if recorded is not None and recorded[1] not in conversations:
            ledger.resurrected.append(name)
    for key, fields in stored.of(uid, "claims").items():
        if fields["state"] in {"running", "released"} and not _LEASES.match(key):
            ledger.stuck.append(f"claim {key} of {uid}: {fields}")
    for key, fields in stored.of(uid, "index_leases").items():
        if fields.get("token") or fields.get("indexed") == "unknown":
            ledger.stuck.append(f"index of {key} of {uid}")
