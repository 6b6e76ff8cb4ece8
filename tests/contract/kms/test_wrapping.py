"""Data keys are wrapped by KMS over its own protocol, or by a secret; what goes wrong there is told."""

from collections.abc import Iterator

import grpc
import pytest
from google.cloud import kms
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport

from common.core.errors import ProviderError, ProviderRefusedError
from common.database import wrapping
from common.database.wrapping import KmsWrapper, SecretWrapper, Wrapper
from tests.support.kms_server import KEY, KmsServer, serving

DATA_KEY, CONTEXT = b"k" * 32, b"users/ann/data_keys/00001"


@pytest.fixture
def server() -> Iterator[KmsServer]:
    with serving() as running:
        yield running


@pytest.fixture
def by_kms(server: KmsServer) -> Iterator[KmsWrapper]:
    with grpc.insecure_channel(server.address) as channel:
        client = kms.KeyManagementServiceClient(transport=KeyManagementServiceGrpcTransport(channel=channel))
        yield KmsWrapper(client, key_name=KEY)


@pytest.fixture(params=["kms", "secret"])
def wrapper(request: pytest.FixtureRequest, by_kms: KmsWrapper) -> Wrapper:
    return by_kms if request.param == "kms" else SecretWrapper("a secret")


def test_what_was_wrapped_is_unwrapped(wrapper: Wrapper) -> None:
    wrapped = wrapper.wrap(DATA_KEY, context=CONTEXT)
    assert DATA_KEY not in wrapped
    assert wrapper.unwrap(wrapped, context=CONTEXT) == DATA_KEY
    assert wrapper.wrap(DATA_KEY, context=CONTEXT) != wrapped


def test_a_key_fits_neither_another_user_nor_another_version(wrapper: Wrapper) -> None:
    wrapped = wrapper.wrap(DATA_KEY, context=CONTEXT)
    for context in (b"users/bob/data_keys/00001", b"users/ann/data_keys/00002", b""):
        with pytest.raises(ProviderRefusedError):
            wrapper.unwrap(wrapped, context=context)


@pytest.mark.parametrize("garbage", [b"", b"x", b"\x00" * 60])
def test_garbage_is_refused(wrapper: Wrapper, garbage: bytes) -> None:
    with pytest.raises(ProviderRefusedError):
        wrapper.unwrap(garbage, context=CONTEXT)


def test_another_secret_opens_nothing_and_has_another_name() -> None:
    first, second = SecretWrapper("one"), SecretWrapper("two")
    assert first.name != second.name
    with pytest.raises(ProviderRefusedError):
        second.unwrap(first.wrap(DATA_KEY, context=CONTEXT), context=CONTEXT)


def test_kms_is_asked_again_where_that_may_help(by_kms: KmsWrapper, server: KmsServer) -> None:
    server.refusing += [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL]
    assert by_kms.unwrap(by_kms.wrap(DATA_KEY, context=CONTEXT), context=CONTEXT) == DATA_KEY
    assert server.asked == ["encrypt", "encrypt", "encrypt", "decrypt"]


@pytest.mark.parametrize(
    "status",
    [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.RESOURCE_EXHAUSTED],
)
def test_whatever_kms_refuses_may_work_later(by_kms: KmsWrapper, server: KmsServer, status: grpc.StatusCode) -> None:
    server.down = status
    with pytest.raises(ProviderError) as refused:
        by_kms.wrap(DATA_KEY, context=CONTEXT)
    assert refused.value.retryable


def test_what_was_damaged_on_its_way_is_not_taken(by_kms: KmsWrapper, server: KmsServer) -> None:
    wrapped = by_kms.wrap(DATA_KEY, context=CONTEXT)
    server.damaging = True
    with pytest.raises(ProviderError, match="damaged"):
        by_kms.wrap(DATA_KEY, context=CONTEXT)
    with pytest.raises(ProviderError, match="damaged"):
        by_kms.unwrap(wrapped, context=CONTEXT)


def test_a_kms_that_is_silent_is_waited_for_in_bounded_time(
    by_kms: KmsWrapper, server: KmsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapping, "_PATIENCE_S", 0.5)
    monkeypatch.setattr(wrapping, "_ATTEMPT_S", 0.2)
    server.stalling_s = 1.0
    with pytest.raises(ProviderError) as late:
        by_kms.wrap(DATA_KEY, context=CONTEXT)
    assert late.value.retryable
