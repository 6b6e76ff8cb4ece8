"""Sign-in of the local cloud: RS256 tokens as Firebase issues them, from a key of its own, and the key's address."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from common.core import clock
from local.folder import DamagedError

KEY_ID = "local"
KEY = "identity.pem"
"""In the data folder."""
HOUR_S = 3600


class Identity:
    """The issuer; its key lives in the data folder and is made on first use."""

    def __init__(self, folder: Path, *, project: str) -> None:
        self._key = _load_or_create(folder / KEY)
        self._project = project

    def id_token(self, uid: str, *, expires_in_s: float = HOUR_S) -> str:
        """A user's ID token; it lives in real time, and one that is over already may be asked for."""
        issued = clock.now() - timedelta(seconds=max(0.0, -expires_in_s) + 1)
        claims = {
            "iss": f"https://securetoken.google.com/{self._project}",
            "aud": self._project,
            "sub": uid,
            "user_id": uid,
            "auth_time": int(issued.timestamp()),
            "firebase": {"identities": {}, "sign_in_provider": "custom"},
        }
        return self._sign(claims, issued=issued.timestamp(), expires=clock.now().timestamp() + expires_in_s)

    def oidc_token(self, audience: str, email: str) -> str:
        """The token with which Cloud Tasks calls a function on behalf of a service account."""
        issued = clock.now().timestamp()
        claims = {"iss": "https://accounts.google.com", "aud": audience, "sub": email, "email": email}
        return self._sign(claims, issued=issued, expires=issued + HOUR_S)

    def app(self) -> Starlette:
        """Serves the public key as a JWK set."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        keys = {"keys": [{**public, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

        async def jwks(_: Request) -> JSONResponse:
            return JSONResponse(keys, headers={"Cache-Control": "public, max-age=3600"})

        return Starlette(routes=[Route("/jwks", jwks)])

    def _sign(self, claims: dict[str, Any], *, issued: float, expires: float) -> str:
        dated = claims | {"iat": int(issued), "exp": int(expires)}
        return jwt.encode(dated, self._key, algorithm="RS256", headers={"kid": KEY_ID})


def _load_or_create(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except ValueError:
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise DamagedError(f"{path} holds no RSA key; without the file a new one is made, for new tokens")
        return key
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(pem)
    unfinished.rename(path)
    return key
