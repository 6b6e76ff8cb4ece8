"""The surface keeps to its own description, whatever it is sent: schemathesis over every operation.

Requests are made up from the description: some that fit it and some that do not, with ids of things that exist and of
nothing. What must hold: no 500, no status, header or content type that is not described, no answer that does not fit
its schema, and 405 with `Allow` for other methods. What is accepted is left out: unknown parameters are ignored,
and a number in quotes is a number, because clients in the field send both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis import GenerationMode

from common.conversations import structure
from common.core.settings import settings as service_settings
from common.database import api_keys
from common.database.api_keys import KeyKind
from common.entry.api.app import create_app
from common.entry.api.surface import PARTS
from common.llm import providers
from common.models.api_key import Scope
from local.http import HttpServer
from tests.support.apps import make_integration
from tests.support.belongings import Belongings, belongings
from tests.support.providers import FirstWordsStructurer, WordEmbedder
from tests.support.stores import Stores, running_stores
from tests.support.surface import description, operations

pytestmark = pytest.mark.long

EXAMPLES = 30
"""Requests per operation."""
LONGEST_ADDRESS = 60_000
"""Characters of path and query; what is longer the HTTP server refuses before it reaches us."""
ADMIN = "let me in"
UNLIMITED = "1000000000"

schemathesis.checks.load_all_checks()
CHECKS: list[Any] = [
    schemathesis.checks.CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "unsupported_method",
        "allow_header_conformance",
        "missing_required_header",
    )
]

schema = schemathesis.openapi.from_dict(description())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """The stores, and a service that neither limits nor waits."""
    with pytest.MonkeyPatch.context() as patched, running_stores(tmp_path_factory.mktemp("fuzz")) as running:
        for name in ("KEY_REQUESTS_PER_MINUTE", "USER_REQUESTS_PER_DAY"):
            patched.setenv(name, UNLIMITED)
        patched.setenv("ANSWER_WAIT_S", "0.01")
        patched.setenv("ADMIN_KEY", ADMIN)
        service_settings.cache_clear()
        words = WordEmbedder()
        patched.setattr(providers, "_embedder", lambda: words)
        providers.embedder.cache_clear()
        patched.setattr(structure, "structurer", FirstWordsStructurer)
        yield running
    providers.embedder.cache_clear()


@pytest.fixture(scope="module")
def address(stores: Stores) -> Iterator[str]:
    server = HttpServer(create_app(PARTS))
    yield f"http://127.0.0.1:{stores.run(server.start())}"
    stores.run(server.stop())


class Caller:
    """A user with everything, and their credentials for every kind of route."""

    def __init__(self, stores: Stores, address: str, uid: str) -> None:
        self.uid = uid
        self._token = stores.identity.id_token(uid)
        with httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {self._token}"}, timeout=30, trust_env=False
        ) as app:
            self.has: Belongings = belongings(uid, app)
        self.app, self._app_key = make_integration()
        scopes = [scope.value for scope in Scope]
        self._keys = {
            "DeveloperKey": api_keys.create(KeyKind.DEVELOPER, uid=uid, name="x", scopes=scopes)[1],
            "McpKey": api_keys.create(KeyKind.MCP, uid=uid, name="x")[1],
            "IdToken": self._token,
            "AppKey": self._app_key,
        }

    def headers(self, schemes: set[str]) -> dict[str, str]:
        """What an operation with these schemes wants to see."""
        if "AdminKey" in schemes:
            return {"secret-key": ADMIN}
        known = [self._keys[scheme] for scheme in self._keys if scheme in schemes]
        return {"Authorization": f"Bearer {known[0]}"} if known else {}


@pytest.fixture
def caller(stores: Stores, address: str, request: pytest.FixtureRequest) -> Caller:
    """A new one for every operation: what one deletes no other misses."""
    return Caller(stores, address, f"fuzz-{abs(hash(request.node.name))}")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_surface_keeps_to_its_description(case: schemathesis.Case[Any], address: str, caller: Caller) -> None:
    operation: Any = case.operation
    schemes = {name for choice in operation.definition.raw.get("security", []) for name in choice}
    if case.path_parameters and case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        known = caller.has.ids | {"app_id": caller.app.id if "AppKey" in schemes else caller.has.ids["app_id"]}
        # Half of the time things exist: which half follows from the request, so that a failure comes again.
        if len(str(case.query) + str(case.body)) % 2 == 0:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
    assume(len(quote(case.formatted_path)) + len(urlencode(case.query or {}, doseq=True)) < LONGEST_ADDRESS)
    case.call_and_validate(
        base_url=address,
        headers=caller.headers(schemes),
        timeout=30,
        checks=CHECKS,
    )


def test_every_operation_is_asked() -> None:
    assert len(list(schema.get_all_operations())) == len(operations())
