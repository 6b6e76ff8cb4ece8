"""A server that speaks Cloud KMS' protocol over gRPC: encrypt and decrypt, and on request it fails, stalls or lies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import google_crc32c
import grpc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.cloud.kms_v1.types import DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse

KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/users"
_SERVICE = "google.cloud.kms.v1.KeyManagementService"


def _crc(data: bytes) -> int:
    return int(google_crc32c.value(data))


@dataclass
class KmsServer:
    """What it was asked, and how it answers; `keys` are those that exist, by their names."""

    address: str = ""
    keys: dict[str, bytes] = field(default_factory=lambda: {KEY: os.urandom(32)})
    asked: list[str] = field(default_factory=list)
    refusing: list[grpc.StatusCode] = field(default_factory=list)
    """Each is the answer to one call."""
    down: grpc.StatusCode | None = None
    """The answer to all of them."""
    stalling_s: float = 0.0
    damaging: bool = False

    def encrypt(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Encrypt."""
        key = self._begin("encrypt", request.name, context)
        self._check(request.plaintext, request.plaintext_crc32c, context)
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(key).encrypt(nonce, request.plaintext, request.additional_authenticated_data)
        return EncryptResponse(
            name=f"{request.name}/cryptoKeyVersions/1",
            ciphertext=sealed[:-1] if self.damaging else sealed,
            ciphertext_crc32c=_crc(sealed),
            verified_plaintext_crc32c=True,
            verified_additional_authenticated_data_crc32c=True,
        )

    def decrypt(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Decrypt."""
        key = self._begin("decrypt", request.name, context)
        self._check(request.ciphertext, request.ciphertext_crc32c, context)
        sealed = request.ciphertext
        try:
            plain = AESGCM(key).decrypt(sealed[:12], sealed[12:], request.additional_authenticated_data)
        except (InvalidTag, ValueError):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Decryption failed: the ciphertext is invalid.")
        return DecryptResponse(plaintext=plain[:-1] if self.damaging else plain, plaintext_crc32c=_crc(plain))

    def _begin(self, what: str, name: str, context: grpc.ServicerContext) -> bytes:
        self.asked.append(what)
        time.sleep(self.stalling_s)
        refusal = self.refusing.pop(0) if self.refusing else self.down
        if refusal is not None:
            context.abort(refusal, "no")
        if name not in self.keys:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such key")
        return self.keys[name]

    @staticmethod
    def _check(data: bytes, claimed: int, context: grpc.ServicerContext) -> None:
        if _crc(data) != claimed:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the checksum does not fit")


@contextmanager
def serving() -> Iterator[KmsServer]:
    """A running one."""
    kms = KmsServer()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    methods = {
        "Encrypt": _handler(kms.encrypt, EncryptRequest, EncryptResponse),
        "Decrypt": _handler(kms.decrypt, DecryptRequest, DecryptResponse),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, methods),))
    kms.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield kms
    finally:
        server.stop(0).wait(5)


def _handler(method: Any, request: Any, response: Any) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        method, request_deserializer=request.deserialize, response_serializer=response.serialize
    )
