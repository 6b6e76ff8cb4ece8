"""An HTTP server in a thread, for a handler of a test's own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Quiet(BaseHTTPRequestHandler):
    """Says nothing about what it is asked."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def answering(handler: type[Quiet], *, released: threading.Event) -> Iterator[str]:
    """The address of a server until the block ends; `released` is set then, for handlers that wait."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            released.set()
            server.shutdown()
            thread.join()
