"""What is said live by who wants it sealed is stored sealed, or, while KMS is away, not yet."""

from collections.abc import Iterator

import grpc
import pytest

from common.database import keys, segment_batches, users, wrapping
from common.database.clients import firestore_client
from common.database.sealing import is_sealed
from common.models.data_key import ENHANCED
from tests.support.kms_server import KEY, KmsServer, serving
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect


@pytest.fixture
def kms(uid: str, configure: Configure) -> Iterator[KmsServer]:
    users.change(uid=uid, data_protection_level=ENHANCED)
    with serving() as running:
        configure(kms_key=KEY, kms_endpoint=running.address)
        for cached in (wrapping._wrappers, wrapping.kms_client):
            cached.cache_clear()
        yield running
        wrapping.kms_client().transport.close()  # type: ignore[no-untyped-call]
    for cached in (wrapping._wrappers, wrapping.kms_client):
        cached.cache_clear()
    keys.forget()


def _batches_are_sealed(uid: str, conversation_id: str) -> bool:
    batches = firestore_client().collection("users", uid, "conversations", conversation_id, "segments").stream()
    stored = [(each.to_dict() or {}).get("segments") for each in batches]
    return bool(stored) and all(is_sealed(segments) or segments == [] for segments in stored)


def test_what_is_heard_is_sealed_at_once(device: Connect, uid: str, kms: KmsServer) -> None:
    app = device()
    app.say(*range(1, 7))
    app.until_heard(*range(1, 7))
    app.close()
    [conversation_id] = kept.ids(uid)
    kept.left_by_all(uid, conversation_id)
    assert kept.words(uid, conversation_id) == list(range(1, 7))
    assert _batches_are_sealed(uid, conversation_id)
    assert kms.asked[0] == "encrypt"


def test_while_kms_is_away_words_wait_and_none_is_lost(device: Connect, uid: str, kms: KmsServer) -> None:
    app = device()
    app.say(1)
    app.until_stored(1)
    [conversation_id] = kept.ids(uid)
    kms.down = grpc.StatusCode.PERMISSION_DENIED
    keys.forget(uid=uid)
    app.say(2, 3)
    kept.soon(lambda: kms.asked.count("decrypt") >= 2, what="KMS being asked again")
    kms.down = None
    app.until_heard(1, 2, 3)
    app.close()
    kept.left_by_all(uid, conversation_id)
    assert kept.words(uid, conversation_id) == [1, 2, 3]
    assert _batches_are_sealed(uid, conversation_id)
    assert segment_batches.list_batches(uid=uid, conversation_id=conversation_id)


def test_who_comes_while_kms_is_away_has_their_audio_stored(device: Connect, uid: str, kms: KmsServer) -> None:
    kms.down = grpc.StatusCode.PERMISSION_DENIED
    app = device()
    app.say(1, 2)
    app.until_stored(2)
    [conversation_id] = kept.ids(uid)
    assert kept.said(uid, conversation_id) == [1, 2]
    kms.down = None
    app.until_heard(1, 2)
    app.close()
    kept.left_by_all(uid, conversation_id)
    assert kept.words(uid, conversation_id) == [1, 2]
