"""What a test's recogniser is given: audio that it may listen to, and the end."""

import asyncio


class GivenAudio:
    """The half of a recognition that takes; who inherits from it hears."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._finished = False
        self.pcm = bytearray()
        self.closed = False

    async def send(self, pcm: bytes) -> None:
        self.offer(pcm)

    def offer(self, pcm: bytes) -> bool:
        self.pcm += pcm
        self._news.set()
        return True

    async def keep_alive(self) -> None:
        """Nothing is needed."""

    async def finish(self) -> None:
        self._finished = True
        self._news.set()

    async def aclose(self) -> None:
        self.closed = True

    async def _more(self) -> None:
        self._news.clear()
        await self._news.wait()
