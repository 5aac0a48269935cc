"""What LlamaIndex makes of a hub's answers, as JSON on standard output. Runs in LlamaIndex's own environment.

HUB_URL and HUB_KEY say where the hub is and with which key to call it, ENGINE_URL and ENGINE_KEY one before llama.cpp.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pydantic
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str
    tons: int


def get_weather(city: str) -> str:
    """Current weather of a city."""
    return f"18 degrees in {city}"


def connect(where: str, model: str) -> Any:
    return OpenAILike(
        model=model,
        api_base=f"{os.environ[f'{where}_URL']}/v1",
        api_key=os.environ[f"{where}_KEY"],
        is_chat_model=True,
        is_function_calling_model=True,
        temperature=0,
        max_retries=0,
    )


async def main() -> None:
    llm = connect("HUB", "gpt-4.1-mini")
    count, ship = ChatMessage("Count to 9"), ChatMessage("A ship: its name is Alma, tons: 4200.")
    picture = ChatMessage(blocks=[TextBlock(text="What is it?"), ImageBlock(image=PIXEL, image_mimetype="image/png")])
    agent = FunctionAgent(tools=[FunctionTool.from_defaults(get_weather)], llm=llm)
    local = connect("ENGINE", "local/tiny")
    embedding = OpenAILikeEmbedding(
        model_name="text-embedding-3-small",
        api_base=f"{os.environ['HUB_URL']}/v1",
        api_key=os.environ["HUB_KEY"],
        max_retries=0,
    )
    found = {
        "dimensions": [len(vector) for vector in embedding.get_text_embedding_batch(["salt", "tea"])],
        "chat": (await llm.achat([count])).message.content,
        "stream": "".join([piece.delta async for piece in await llm.astream_chat([count])]),
        "complete": llm.complete("Say hello").text,
        "image": llm.chat([picture]).message.content,
        "structured": llm.as_structured_llm(Ship).chat([ship]).raw.model_dump(),
        "agent": str(await agent.run("What is the weather in Paris?")),
        "engine": local.chat([count]).message.content,
        "engine stream": "".join(piece.delta for piece in local.stream_chat([count])),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
