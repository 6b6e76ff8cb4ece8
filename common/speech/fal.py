"""fal.ai's queue: work that takes minutes is handed in, asked after, and fetched; each is one short request.

https://fal.ai/docs/api-reference/inference-api, https://fal.ai/docs/documentation/model-apis/inference/queue
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from common.core.errors import ProviderError, ProviderRefusedError
from common.models.base import Shape
from common.speech.posting import accepted, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.speech.posting import Answer

_PROVIDER = "fal"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")


class Progress(StrEnum):
    """How far a request is."""

    WAITING = "IN_QUEUE"
    RUNNING = "IN_PROGRESS"
    DONE = "COMPLETED"


class _Accepted(Shape):
    request_id: str


class _Status(Shape):
    status: Progress


class FalQueue:
    """One model behind the queue.

    Args:
        key: of the account.
        url: the queue's address.
        model: its id: owner, application, and perhaps an endpoint, which only handing in names.
        timeout: real seconds for one request.
    """

    def __init__(self, *, key: str, url: str, model: str, timeout: float) -> None:
        self._headers = {"Authorization": f"Key {key}", "Accept": "application/json"}
        self._submit_url = f"{url.rstrip('/')}/{model}"
        # The answer to a submission names addresses, too; ours lead nowhere else, whatever it says.
        self._requests_url = f"{url.rstrip('/')}/{'/'.join(model.split('/')[:2])}/requests"
        self._timeout = timeout

    def submit(self, arguments: Mapping[str, Any]) -> str:
        """Hand work in; the id of the request.

        Raises:
            ProviderRefusedError: these arguments are not accepted.
            ProviderExhaustedError: no credit, no right, or too many requests.
            ProviderError: no server, or none that answers properly in time.
        """
        answer = self._ask("POST", self._submit_url, json=dict(arguments))
        try:
            request_id = _Accepted.model_validate_json(answer.body).request_id
        except ValidationError as error:
            raise ProviderError(f"{_PROVIDER} answered nonsense") from error
        if not _REQUEST_ID.fullmatch(request_id):
            raise ProviderError(f"{_PROVIDER} answered nonsense")
        return request_id

    def progress(self, request_id: str) -> Progress:
        """How far it is; raises as `submit` does, ProviderRefusedError where nobody knows the request."""
        answer = self._ask("GET", f"{self._requests_url}/{request_id}/status")
        try:
            return _Status.model_validate_json(answer.body).status
        except ValidationError as error:
            raise ProviderError(f"{_PROVIDER} answered nonsense") from error

    def result(self, request_id: str) -> bytes:
        """What became of it, as JSON, once it is done; raises as `submit` does, where the work failed as well."""
        return self._ask("GET", f"{self._requests_url}/{request_id}").body

    def cancel(self, request_id: str) -> None:
        """Have it not done; one that is done, or unknown, stays as it is."""
        try:
            self._ask("PUT", f"{self._requests_url}/{request_id}/cancel")
        except ProviderRefusedError:
            return

    def _ask(self, method: str, url: str, **request: Any) -> Answer:
        answer = send(method, url, provider=_PROVIDER, within_s=self._timeout, headers=self._headers, **request)
        return accepted(answer, provider=_PROVIDER)
