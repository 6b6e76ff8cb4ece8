"""Everything of everybody at once is more than an instance holds: exports take turns."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from common.entry.api.people.account import AT_ONCE, in_turn


def test_exports_beyond_the_most_wait_until_others_are_done_or_gone() -> None:
    begun: list[int] = []

    def pieces(number: int) -> Iterator[str]:
        begun.append(number)
        yield from ("a", "b")

    async def begin(export: AsyncGenerator[str, None]) -> str:
        return await anext(export)

    async def scenario() -> None:
        begun.clear()
        exports = [in_turn(pieces(number)) for number in range(AT_ONCE + 2)]
        first = [await begin(export) for export in exports[:AT_ONCE]]
        assert first == ["a"] * AT_ONCE
        waiting = [asyncio.create_task(begin(export)) for export in exports[AT_ONCE:]]
        await asyncio.sleep(0.05)
        assert len(begun) == AT_ONCE
        assert [piece async for piece in exports[0]] == ["b"]
        await exports[1].aclose()  # its reader has gone
        assert await asyncio.gather(*waiting) == ["a", "a"]
        for export in exports:
            await export.aclose()

    asyncio.run(scenario())
    asyncio.run(scenario())  # in a loop of its own
