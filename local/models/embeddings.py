"""POST /v1/embeddings, as OpenAI's API has it."""

import asyncio
import base64
import json
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from local.models.encoder import DIMENSION, MODEL_NAME, SentenceEncoder
from local.models.protocol import RequestError, read_body

_MAX_BODY = 16 * 2**20
_MAX_TEXTS = 2048
_Text = Annotated[str, Field(min_length=1)]


class _EmbeddingRequest(BaseModel):
    model: str
    input: _Text | Annotated[list[_Text], Field(min_length=1, max_length=_MAX_TEXTS)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None

    @property
    def texts(self) -> list[str]:
        return [self.input] if isinstance(self.input, str) else self.input


class Embeddings:
    """The endpoint: computes in threads, as many batches at once as there are turns, fair between requests."""

    def __init__(self, encoder: SentenceEncoder, *, turns: int) -> None:
        self._encoder = encoder
        self._turn = asyncio.Semaphore(turns)

    async def __call__(self, request: Request) -> JSONResponse:
        """Answer one request."""
        asked = _parse(await read_body(request, _MAX_BODY))
        vectors = np.empty((len(asked.texts), DIMENSION), np.float32)
        tokens = 0
        for batch in await asyncio.to_thread(self._encoder.batches, asked.texts):
            async with self._turn:
                vectors[batch.places] = await asyncio.to_thread(self._encoder.embed, batch)
            tokens += sum(map(len, batch.tokens))
        # Writing a million numbers takes a second: in a thread too.
        return await asyncio.to_thread(_answer, vectors, asked.encoding_format, tokens)


def _parse(body: bytes) -> _EmbeddingRequest:
    try:
        asked = _EmbeddingRequest.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = str(first["loc"][0]) if first["loc"] else None
        raise RequestError(400, f"{where or 'body'}: {first['msg']}", parameter=where) from error
    except ValueError as error:
        raise RequestError(400, "We could not parse the JSON body of your request.") from error
    if asked.model != MODEL_NAME:
        message = f"The model `{asked.model}` does not exist; this server has `{MODEL_NAME}`."
        raise RequestError(404, message, parameter="model", code="model_not_found")
    if asked.dimensions not in (None, DIMENSION):
        raise RequestError(400, f"dimensions: this model has {DIMENSION}", parameter="dimensions")
    return asked


def _answer(vectors: npt.NDArray[np.float32], encoding: str, tokens: int) -> JSONResponse:
    data = [
        {"object": "embedding", "index": index, "embedding": embedding}
        for index, embedding in enumerate(_written(vectors, encoding))
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": MODEL_NAME, "usage": usage})


def _written(vectors: npt.NDArray[np.float32], encoding: str) -> Sequence[str | list[float]]:
    if encoding == "base64":
        return [base64.b64encode(vector.astype("<f4").tobytes()).decode() for vector in vectors]
    return [vector.tolist() for vector in vectors]
