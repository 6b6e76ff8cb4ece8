"""Who wraps users' data keys: Cloud KMS, or a secret of the deployment; each fits its user and version only."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from common.core.errors import ProviderError, ProviderRefusedError
from common.core.ids import digest
from common.core.settings import settings

if TYPE_CHECKING:
    from google.cloud import kms

_PATIENCE_S = 10.0
"""Real seconds for KMS, with its retries."""
_ATTEMPT_S = 4.0
_NONCE = 12


class Wrapper(Protocol):
    """Wraps keys; `context` is bound to them, and must be the same when they are unwrapped."""

    @property
    def name(self) -> str:
        """Stored with what it wraps."""
        ...

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """The key, wrapped.

        Raises:
            ProviderError: not now.
        """
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """The key.

        Raises:
            ProviderError: not now.
            ProviderRefusedError: this was wrapped by another, or for another.
        """
        ...


class SecretWrapper:
    """Wraps with AES-256-GCM by a key derived from a secret (HKDF with SHA-256, RFC 5869)."""

    def __init__(self, secret: str) -> None:
        self._key = _derived(secret.encode(), b"earshot wrapping key")
        self.name = f"secret:{digest(_derived(secret.encode(), b'earshot wrapping key name').hex())[:16]}"

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """The key, wrapped."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """The key."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context)
        except (InvalidTag, ValueError):
            raise ProviderRefusedError("A data key was wrapped by another secret, or for another user") from None


class KmsWrapper:
    """Wraps by a key that never leaves Cloud KMS, which versions and rotates it itself."""

    def __init__(self, client: kms.KeyManagementServiceClient, *, key_name: str) -> None:
        self.name = f"kms:{key_name}"
        self._client = client
        self._key_name = key_name

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """The key, wrapped."""
        request = {"name": self._key_name, "plaintext": key, "additional_authenticated_data": context}
        sums = {"plaintext_crc32c": _crc(key), "additional_authenticated_data_crc32c": _crc(context)}
        answer = self._call(self._client.encrypt, request | sums)
        wrapped: bytes = answer.ciphertext
        # https://cloud.google.com/kms/docs/data-integrity-guidelines
        checked = answer.verified_plaintext_crc32c and answer.verified_additional_authenticated_data_crc32c
        if not checked or _crc(wrapped) != answer.ciphertext_crc32c:
            raise ProviderError("KMS: what was sent or answered was damaged on its way")
        return wrapped

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """The key."""
        request = {"name": self._key_name, "ciphertext": wrapped, "additional_authenticated_data": context}
        sums = {"ciphertext_crc32c": _crc(wrapped), "additional_authenticated_data_crc32c": _crc(context)}
        answer = self._call(self._client.decrypt, request | sums)
        key: bytes = answer.plaintext
        if _crc(key) != answer.plaintext_crc32c:
            raise ProviderError("KMS: what was answered was damaged on its way")
        return key

    @staticmethod
    def _call(method: Any, request: dict[str, Any]) -> Any:
        from google.api_core import exceptions, retry

        # The library's own does not repeat what was too late, nor in bounded time.
        patient = retry.Retry(
            predicate=retry.if_exception_type(
                exceptions.ServiceUnavailable, exceptions.DeadlineExceeded, exceptions.InternalServerError
            ),
            initial=0.1,
            maximum=1.0,
            timeout=_PATIENCE_S,
        )
        try:
            return method(request=request, retry=patient, timeout=_ATTEMPT_S)
        except exceptions.InvalidArgument:
            raise ProviderRefusedError("KMS: a data key was wrapped by another key, or for another user") from None
        except (exceptions.GoogleAPIError, OSError) as error:
            raise ProviderError(f"KMS: {type(error).__name__}") from None


def current() -> Wrapper:
    """Who wraps new keys: KMS where the settings name a key of it, else the secret.

    Raises:
        ProviderRefusedError: the settings name neither.
    """
    known = _wrappers()
    if not known:
        raise ProviderRefusedError("Nothing can be sealed: neither KMS_KEY nor DATA_KEY_SECRET is set")
    return known[0]


def named(name: str) -> Wrapper:
    """Who has wrapped something.

    Raises:
        ProviderRefusedError: somebody whom the settings do not name any more.
    """
    for wrapper in _wrappers():
        if wrapper.name == name:
            return wrapper
    raise ProviderRefusedError("A data key was wrapped by what the settings do not name any more")


def is_possible() -> bool:
    """Whether the settings name anybody who wraps keys."""
    return bool(settings().kms_key or settings().data_key_secret)


@cache
def _wrappers() -> tuple[Wrapper, ...]:
    known = settings()
    found: list[Wrapper] = []
    if known.kms_key:
        found.append(KmsWrapper(kms_client(), key_name=known.kms_key))
    secrets = (known.data_key_secret, known.former_data_key_secret)
    found += [SecretWrapper(secret.get_secret_value()) for secret in secrets if secret is not None]
    return tuple(found)


@cache
def kms_client() -> kms.KeyManagementServiceClient:
    """Cloud KMS; the setting `kms_endpoint` leads elsewhere than Google."""
    from google.cloud import kms

    if not (endpoint := settings().kms_endpoint):
        return kms.KeyManagementServiceClient()
    import grpc
    from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport

    channel = grpc.insecure_channel(endpoint)
    return kms.KeyManagementServiceClient(transport=KeyManagementServiceGrpcTransport(channel=channel))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)


def _crc(data: bytes) -> int:
    import google_crc32c

    return int(google_crc32c.value(data))
