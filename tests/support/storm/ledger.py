"""The storm's ledger: what is stored, by the same ear that the providers have, against what the transcripts say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from common.conversations import coverage
from common.models.conversation import Interval
from common.speech.blocks import decode_block
from common.speech.codecs import frame_decoder
from common.speech.transcriber import BYTES_PER_SECOND
from local.environment import BUCKETS
from tests.support.storm.numbers import CUT, word_of, words_in

if TYPE_CHECKING:
    from google.cloud.storage import Blob

    from tests.support.cloud import RunningCloud
    from tests.support.storm.devices import Device

_WORD = re.compile(rf"n\d{{5}}|{CUT}", re.IGNORECASE)
_ROUNDING_S = 0.002
_PARALLEL = 4


@dataclass
class Ledger:
    """What is accepted and what came of it; whatever is wrong, in words.

    `stored_s`: seconds in the bucket; `understood_s`: those of them that are transcribed, or known to be silent.
    `split`: words that are half in one conversation and half in the next, for one ended while they were spoken.
    `late`: sessions that lie behind newer ones, for these were quicker to find their conversation.
    """

    accepted: int = 0
    stored_s: float = 0.0
    understood_s: float = 0.0
    conversations: int = 0
    terminal: int = 0
    split: int = 0
    late: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return [*self.lost, *self.duplicated, *self.disordered, *self.others]

    def add(self, other: Ledger) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True)
class _Session:
    """One session's stored audio; `settled`: what its blocks say is understood."""

    stored: list[Interval]
    settled: list[Interval]
    words: list[str]

    @property
    def begin(self) -> float:
        return self.stored[0].start

    def overlaps(self, other: _Session) -> bool:
        return self.begin < other.stored[-1].end and other.begin < self.stored[-1].end


def balance(devices: Sequence[Device], cloud: RunningCloud) -> Ledger:
    """All accounts together."""
    ledger = Ledger()
    with ThreadPoolExecutor(_PARALLEL) as pool:
        for account in pool.map(lambda device: _account(device, cloud), devices):
            ledger.add(account)
    return ledger


def _account(device: Device, cloud: RunningCloud) -> Ledger:
    uid = device.plan.uid
    documents = cloud.inside.conversations(uid)
    texts = _texts(cloud, uid, documents)
    sessions = _sessions(cloud, uid)
    ledger = Ledger(conversations=len(documents))
    for conversation_id, document in documents.items():
        ledger.add(
            _conversation(
                f"{uid}/{conversation_id}",
                document,
                words=texts[conversation_id],
                sessions=sessions.get(conversation_id, {}),
            )
        )
    said = {word_of(number) for voice in device.voices for ended in voice.ended for _, number in ended}
    heard = Counter(word for words in texts.values() for word in words if word != CUT)
    kept = {word for own in sessions.values() for session in own.values() for word in session.words} | set(heard)
    missing = {word_of(number) for number in device.acknowledged} - kept
    ledger.split = _split(sessions)
    ledger.late = sum(_late(own, device) for own in sessions.values())
    ledger.duplicated += [f"{uid} says {word} {count} times" for word, count in heard.items() if count > 1]
    ledger.others += [f"{uid} never said {word}" for word in heard if word not in said]
    if len(missing) > ledger.split:
        ledger.lost += [f"{uid} lost {word}, which it was told is stored" for word in sorted(missing)]
    return ledger


def _conversation(where: str, document: dict[str, Any], *, words: list[str], sessions: dict[str, _Session]) -> Ledger:
    accepted = [word for session in sessions.values() for word in session.words if word != CUT]
    ledger = Ledger(accepted=len(accepted), terminal=int(document["status"] in {"completed", "failed"}))
    ledger.lost += [f"{where} lost {word}" for word in accepted if word not in words]
    ledger.disordered += [f"{where} {pair}" for pair in _disordered(words, sessions)]
    if document["status"] != "completed":
        ledger.others.append(f"{where} is {document['status']}")
    # Whoever is cut off cuts a number; no other is cut.
    cuts = words.count(CUT) - sum(session.words.count(CUT) for session in sessions.values())
    if cuts > 0:
        ledger.others.append(f"{where} cut {cuts}")
    for name, session in sessions.items():
        told = document["capture"]["sessions"].get(name, {}).get("covered", [])
        known = [Interval(**each) for each in [*document.get("covered", {}).get(name, []), *told]]
        missing = _missing(session.stored, [*known, *session.settled])
        ledger.stored_s += coverage.length(session.stored)
        ledger.understood_s += coverage.length(session.stored) - coverage.length(missing)
        ledger.others += [
            f"{where}/{name} misses {each.start:.2f}-{each.end:.2f}"
            for each in missing
            if each.end - each.start > coverage.NEGLIGIBLE_S
        ]
    return ledger


def _texts(cloud: RunningCloud, uid: str, conversation_ids: Iterable[str]) -> dict[str, list[str]]:
    """The words of each transcript, as a client gets them."""
    with cloud.client(uid) as api:
        return {
            each: [
                word.lower()
                for segment in api.get(f"/v1/conversations/{each}").raise_for_status().json()["transcript_segments"]
                for word in _WORD.findall(segment["text"])
            ]
            for each in conversation_ids
        }


def _sessions(cloud: RunningCloud, uid: str) -> dict[str, dict[str, _Session]]:
    """What the bucket holds, by conversation and session."""
    objects = cloud.inside.storage.list_blobs(BUCKETS["audio"], prefix=f"{uid}/")
    blobs = [blob for blob in objects if not blob.name.endswith("/~traces")]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        blocks = list(zip(blobs, pool.map(_download, blobs), strict=True))
    found: dict[str, dict[str, _Session]] = {}
    for (conversation_id, session_id), own in groupby(blocks, key=lambda each: each[0].name.split("/")[1:3]):
        found.setdefault(conversation_id, {})[session_id] = _session(list(own))
    return found


def _download(blob: Blob) -> bytes:
    data: bytes = blob.download_as_bytes()
    return data


def _session(blocks: Sequence[tuple[Any, bytes]]) -> _Session:
    bounds = [[int(bound) / 1000 for bound in blob.name.rsplit("/", 1)[1].split("-")] for blob, _ in blocks]
    stored = [Interval(start=start, end=end) for start, end in bounds]
    coding = blocks[0][0].metadata
    decoder = frame_decoder(coding["codec"], int(coding["sample_rate"]))
    pcm = bytearray()
    for interval, (_, data) in zip(stored, blocks, strict=True):
        before = round((interval.start - stored[0].start) * BYTES_PER_SECOND / 2) * 2
        if before - len(pcm) > _ROUNDING_S * BYTES_PER_SECOND:
            pcm += bytes(before - len(pcm))
        pcm += decoder.decode_many(decode_block(data))
    settled = [
        Interval(start=float(start), end=float(end))
        for blob, _ in blocks
        for start, end in (part.split("-") for part in blob.metadata.get("covered", "").split(",") if part)
    ]
    return _Session(coverage.union(stored), settled, [word.text for word in words_in(bytes(pcm))])


def _missing(stored: list[Interval], known: list[Interval]) -> list[Interval]:
    """What of the stored seconds is in none of the others, to the millisecond."""
    rest: list[Interval] = []
    for whole in stored:
        at = whole.start
        for each in coverage.union(known):
            if each.end <= at or each.start >= whole.end:
                continue
            if each.start - at > _ROUNDING_S:
                rest.append(Interval(start=at, end=each.start))
            at = max(at, each.end)
        if whole.end - at > _ROUNDING_S:
            rest.append(Interval(start=at, end=whole.end))
    return rest


def _disordered(words: Sequence[str], sessions: dict[str, _Session]) -> list[str]:
    """Pairs of words of which the first was said after the second, by the times at which they are stored.

    Sessions whose times overlap (two channels, or a device that is back while its last words are still on their way)
    are in order each for itself.
    """
    said = {
        word: (session, at) for session in sessions.values() for at, word in enumerate(session.words) if word != CUT
    }
    known = [word for word in words if word in said]
    wrong = [
        (before, after)
        for session in sessions.values()
        for before, after in pairwise(word for word in known if said[word][0] is session)
        if said[before][1] >= said[after][1]
    ]
    wrong += [
        (before, after)
        for before, after in pairwise(known)
        if said[before][0].begin > said[after][0].begin and not said[before][0].overlaps(said[after][0])
    ]
    return [f"{before} before {after}" for before, after in wrong]


def _split(sessions: dict[str, dict[str, _Session]]) -> int:
    """At most: as often as a conversation's first session begins with half a word."""
    firsts = [min(own.values(), key=lambda each: each.begin) for own in sessions.values()]
    return sum(session.words[:1] == [CUT] for session in firsts)


def _late(sessions: dict[str, _Session], device: Device) -> int:
    """Sessions that the device began earlier than one that lies before them: they were long in finding their place."""
    firsts = [
        [
            next(word for word in session.words if _is_of(word, first, voice.number))
            for session in sorted(sessions.values(), key=lambda each: each.begin)
            if any(_is_of(word, first, voice.number) for word in session.words)
        ]
        for first, voice in zip(device.plan.firsts, device.voices, strict=True)
    ]
    return sum(before > after for own in firsts for before, after in pairwise(own))


def _is_of(word: str, first: int, last: int) -> bool:
    return word != CUT and first <= int(word[1:]) < last
