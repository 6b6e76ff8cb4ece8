"""WebSocket /v4/listen -> audio blocks, live segments, a conversation in progress."""

import uvloop

from common.core.settings import settings
from common.entry.listening.server import serve

if __name__ == "__main__":
    uvloop.run(serve("0.0.0.0", settings().port))
