"""Where the API is, as the client that asks calls it: for addresses in answers."""

from typing import Annotated

from fastapi import Depends, Request


async def _base_url(request: Request) -> str:
    return str(request.base_url)


BaseUrl = Annotated[str, Depends(_base_url)]
