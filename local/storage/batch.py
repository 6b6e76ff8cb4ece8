"""The batch endpoint: many small requests in one multipart body."""

from collections.abc import Awaitable, Callable
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from local.storage.errors import invalid
from local.storage.multipart import boundary_of

_MAX_CALLS = 1000
_BOUNDARY = "batch_earshot"
Handle = Callable[[Request], Awaitable[Response]]


async def batch_response(request: Request, handle: Handle) -> Response:
    """Carry the parts out one after the other and answer each in a part of its own."""
    content_type = request.headers.get("content-type", "")
    boundary_of(content_type)
    head = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n"
    message = BytesParser().parsebytes(head + await request.body())
    parts = message.get_payload()
    if not isinstance(parts, list) or len(parts) > _MAX_CALLS:
        raise invalid(f"A batch has between 1 and {_MAX_CALLS} parts.")
    answers = []
    for part in parts:
        if not isinstance(part, Message):
            raise invalid("A part of the batch is not a request.")
        response = await handle(_inner_request(request, part))
        answers.append(_answer_part(part, response))
    body = b"".join([*answers, f"--{_BOUNDARY}--\r\n".encode()])
    return Response(body, media_type=f"multipart/mixed; boundary={_BOUNDARY}")


def _inner_request(outer: Request, part: Message) -> Request:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise invalid("A part of the batch is not an application/http message.")
    line, _, rest = payload.lstrip().partition(b"\n")
    words = line.split()
    if len(words) < 2:  # noqa: PLR2004 - a method and an address
        raise invalid("A part of the batch has no request line.")
    url = urlsplit(words[1].decode())
    if url.path.startswith(("/upload/", "/download/")) or "alt=media" in url.query:
        raise invalid("A batch carries neither uploads nor downloads.")
    inner = BytesParser().parsebytes(rest)
    body = inner.get_payload(decode=True) or b""
    headers = [(name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in inner.items()]
    scope = {
        **outer.scope,
        "method": words[0].decode(),
        "raw_path": url.path.encode(),
        "path": url.path,
        "query_string": url.query.encode(),
        "headers": [*headers, (b"host", outer.headers.get("host", "").encode())],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


def _answer_part(part: Message, response: Response) -> bytes:
    phrase = HTTPStatus(response.status_code).phrase
    content_id = str(part.get("Content-ID", "")).strip("<>")
    head = f"--{_BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n"
    status = f"HTTP/1.1 {response.status_code} {phrase}\r\n"
    headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
    return (head + status + headers + "\r\n").encode("latin-1") + bytes(response.body) + b"\r\n"
