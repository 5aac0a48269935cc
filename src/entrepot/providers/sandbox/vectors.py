"""The sandbox's embeddings: vectors that are always the same for the same input."""

from __future__ import annotations

import asyncio

from entrepot.conversation import Usage
from entrepot.dialects.openai_embeddings import EmbeddingRequest, count_request, emit_response, vector
from entrepot.providers.sandbox import faults
from entrepot.providers.sandbox.faults import Steering

DIMENSIONS = 1024  # where the catalogue does not know the model's own


class SandboxVectors:
    """An answer as `providers.http.Answer` describes one. Of the steering it obeys latency and errors."""

    content_type = "application/json"

    def __init__(self, request: EmbeddingRequest, steering: Steering, *, dimensions: int | None) -> None:
        self._request = request
        self._steering = steering
        self._dimensions = request.dimensions or dimensions or DIMENSIONS

    async def body(self) -> bytes:
        """All of it. Raises what the steering asks for."""
        await asyncio.sleep(self._steering.latency_ms / 1000)
        error = faults.error(self._steering)
        if error is not None:
            raise error
        return await asyncio.to_thread(self._made)

    async def piece(self) -> bytes | None:
        return None  # nobody streams vectors

    async def finish(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _made(self) -> bytes:
        request = self._request
        vectors = (vector(given, self._dimensions) for given in request.inputs)
        usage = Usage(input_tokens=count_request(request))
        return emit_response(vectors, request.encoding_format, model=request.model, usage=usage)
