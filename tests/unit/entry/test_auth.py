"""Only a genuine, current ID token of our issuer names a user."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from common.core import clock
from common.core.errors import RetryableError, TokenExpiredError, UnauthenticatedError
from common.entry import auth
from common.entry.auth import bearer_token, verify_token

PROJECT = "earshot-local"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class LocalKeys(jwt.PyJWKClient):
    """The library's own client, with the document at hand instead of fetched."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__("https://keys.test/jwks")
        self.failure = failure

    def fetch_data(self) -> Any:
        if self.failure:
            raise self.failure
        public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig"}]}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> LocalKeys:
    made = LocalKeys()
    monkeypatch.setattr(auth, "_keys", lambda: made)
    return made


def _claims(**changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "u1",
        "iat": now - 5,
        "auth_time": now - 5,
        "exp": now + 3600,
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _token(*, key: Any = KEY, algorithm: str = "RS256", kid: str | None = "k1", **changed: Any) -> str:
    headers = {"kid": kid} if kid else {}
    return jwt.encode(_claims(**changed), key, algorithm=algorithm, headers=headers)


def _in(seconds: float) -> int:
    return int(clock.now().timestamp() + seconds)


def test_a_genuine_token_names_its_user() -> None:
    assert verify_token(_token()) == "u1"
    assert verify_token(_token(auth_time=None)) == "u1"
    assert verify_token(_token(sub="x" * 128)) == "x" * 128


def _unsigned() -> str:
    def encoded(part: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()

    return f"{encoded({'alg': 'none', 'kid': 'k1', 'typ': 'JWT'})}.{encoded(_claims())}."


def _signed_with_the_public_key() -> str:
    """The classic confusion: HS256 with the public key as the secret."""

    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).rstrip(b"=").decode()

    head = encoded(json.dumps({"alg": "HS256", "kid": "k1"}).encode())
    signed = f"{head}.{encoded(json.dumps(_claims()).encode())}"
    return f"{signed}.{encoded(hmac.new(PUBLIC_PEM, signed.encode(), hashlib.sha256).digest())}"


def _tampered() -> str:
    head, body, signature = _token().split(".")
    padded = body + "=" * (-len(body) % 4)
    claims = json.loads(base64.urlsafe_b64decode(padded)) | {"sub": "somebody-else"}
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda: _token(key=OTHER_KEY), id="another key"),
        pytest.param(_unsigned, id="alg none"),
        pytest.param(_signed_with_the_public_key, id="HS256 with the public key"),
        pytest.param(_tampered, id="tampered"),
        pytest.param(lambda: _token(kid="k2"), id="unknown key id"),
        pytest.param(lambda: _token(kid=None), id="no key id"),
        pytest.param(lambda: _token(iss="https://securetoken.google.com/other"), id="another issuer"),
        pytest.param(lambda: _token(iss=None), id="no issuer"),
        pytest.param(lambda: _token(aud="other"), id="another audience"),
        pytest.param(lambda: _token(aud=None), id="no audience"),
        pytest.param(lambda: _token(exp=None), id="no expiry"),
        pytest.param(lambda: _token(iat=None), id="no issue time"),
        pytest.param(lambda: _token(iat=_in(60)), id="issued in the future"),
        pytest.param(lambda: _token(auth_time=_in(60)), id="signed in in the future"),
        pytest.param(lambda: _token(sub=None), id="no subject"),
        pytest.param(lambda: _token(sub=""), id="empty subject"),
        pytest.param(lambda: _token(sub="a/b"), id="subject with a slash"),
        pytest.param(lambda: _token(sub="."), id="subject that is no document id"),
        pytest.param(lambda: _token(sub=".."), id="subject that is no document id, either"),
        pytest.param(lambda: _token(sub="__x__"), id="reserved document id"),
        pytest.param(lambda: _token(sub="x" * 129), id="subject too long"),
        pytest.param(lambda: "garbage", id="garbage"),
        pytest.param(lambda: "a.b.c", id="garbage in three parts"),
        pytest.param(lambda: "é.è.ê", id="not ASCII"),
        pytest.param(lambda: "", id="nothing"),
    ],
)
def test_anything_else_names_nobody(forge: Callable[[], str]) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        verify_token(forge())
    assert not isinstance(refused.value, TokenExpiredError)


def test_an_expired_token_is_told_apart_so_that_the_client_refreshes_it() -> None:
    with pytest.raises(TokenExpiredError):
        verify_token(_token(exp=_in(-30)))


def test_a_forged_token_is_not_called_expired() -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        verify_token(_token(key=OTHER_KEY, exp=_in(-30)))
    assert not isinstance(refused.value, TokenExpiredError)


def test_clocks_may_differ_by_a_few_seconds() -> None:
    assert verify_token(_token(exp=_in(-5))) == "u1"
    assert verify_token(_token(iat=_in(5), auth_time=_in(5))) == "u1"


@pytest.mark.parametrize(
    "failure",
    [jwt.PyJWKClientConnectionError("no route"), ConnectionResetError(), json.JSONDecodeError("html", "<", 0)],
)
def test_when_the_keys_cannot_be_had_the_client_may_come_again(keys: LocalKeys, failure: Exception) -> None:
    keys.failure = failure
    with pytest.raises(RetryableError):
        verify_token(_token())


def test_issuer_and_audience_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_ISSUER", "https://issuer.test")
    monkeypatch.setenv("TOKEN_AUDIENCE", "ours")
    assert verify_token(_token(iss="https://issuer.test", aud="ours")) == "u1"
    with pytest.raises(UnauthenticatedError):
        verify_token(_token())


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "token"])
def test_without_a_bearer_token_there_is_no_identity(header: str | None) -> None:
    with pytest.raises(UnauthenticatedError):
        bearer_token(header)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER  abc "])
def test_the_scheme_is_read_in_any_case(header: str) -> None:
    assert bearer_token(header) == "abc"
