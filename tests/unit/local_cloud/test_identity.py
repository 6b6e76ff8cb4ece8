"""The local cloud's own issuer: tokens as Firebase and Google issue them, from a key that stays."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.core import clock
from local.folder import DamagedError
from local.identity import KEY_ID, Identity


def _keys(identity: Identity) -> dict[str, Any]:
    async def fetch() -> Any:
        transport = httpx.ASGITransport(identity.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://identity") as client:
            return (await client.get("/jwks")).json()

    published: dict[str, Any] = asyncio.run(fetch())
    return published


def _decoded(identity: Identity, token: str, **options: Any) -> dict[str, Any]:
    [key] = _keys(identity)["keys"]
    claims: dict[str, Any] = jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], **options)
    return claims


def test_an_id_token_verifies_with_the_published_key(tmp_path: Path) -> None:
    identity = Identity(tmp_path, project="p")
    token = identity.id_token("u1")
    claims = _decoded(identity, token, audience="p", issuer="https://securetoken.google.com/p")
    assert (claims["sub"], claims["user_id"]) == ("u1", "u1")
    assert claims["iat"] <= clock.now().timestamp() < claims["exp"]
    assert jwt.get_unverified_header(token)["kid"] == KEY_ID


def test_the_published_key_is_the_public_one(tmp_path: Path) -> None:
    [key] = _keys(Identity(tmp_path, project="p"))["keys"]
    assert set(key) >= {"kid", "kty", "n", "e", "alg", "use"}
    assert not {"d", "p", "q"} & set(key)


def test_a_token_that_is_over_can_be_made(tmp_path: Path) -> None:
    identity = Identity(tmp_path, project="p")
    token = identity.id_token("u1", expires_in_s=-60)
    with pytest.raises(jwt.ExpiredSignatureError):
        _decoded(identity, token, audience="p")
    claims = _decoded(identity, token, audience="p", options={"verify_exp": False})
    assert claims["iat"] < claims["exp"]


def test_a_tasks_token_names_its_service_account_and_address(tmp_path: Path) -> None:
    identity = Identity(tmp_path, project="p")
    claims = _decoded(identity, identity.oidc_token("http://f/", "tasks@p"), audience="http://f/")
    assert (claims["iss"], claims["email"]) == ("https://accounts.google.com", "tasks@p")


def test_the_key_survives_a_restart_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    token = Identity(tmp_path, project="p").id_token("u1")
    assert _decoded(Identity(tmp_path, project="p"), token, audience="p")["sub"] == "u1"
    mode = (tmp_path / "identity.pem").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "identity.pem").write_bytes(pem)
    with pytest.raises(DamagedError):
        Identity(tmp_path, project="p")
