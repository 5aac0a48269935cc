"""What instructor makes of a hub's answers, as JSON on standard output. Runs in instructor's own environment.

HUB_URL and HUB_KEY say where the hub is and with which key to call it, ENGINE_URL and ENGINE_KEY one before llama.cpp.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Literal

import anthropic
import instructor
import openai
import pydantic


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str
    tons: int


class Berth(pydantic.BaseModel):
    """A place in the harbour."""

    flag: Literal["red", "white"]


def main() -> None:
    url, key = os.environ["HUB_URL"], os.environ["HUB_KEY"]
    prompt: list[Any] = [{"role": "user", "content": "A ship: its name is Alma, tons: 4200."}]
    openai_client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    anthropic_client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)
    found = {}
    for mode in ("TOOLS", "JSON", "JSON_SCHEMA", "RESPONSES_TOOLS", "ANTHROPIC_TOOLS", "ANTHROPIC_JSON"):
        request = {"model": "gpt-4.1-mini", "messages": prompt, "response_model": Ship}
        if mode.startswith("ANTHROPIC"):
            asking = instructor.from_anthropic(anthropic_client, mode=instructor.Mode[mode])
            request["max_tokens"] = 256
        else:
            asking = instructor.from_openai(openai_client, mode=instructor.Mode[mode])
        made = asking.create(**request, max_retries=1)
        partial = list(asking.create_partial(**request))
        found[mode] = [made.model_dump(), partial[-1].model_dump()]
    local = openai.OpenAI(base_url=f"{os.environ['ENGINE_URL']}/v1", api_key=os.environ["ENGINE_KEY"], max_retries=0)
    asking = instructor.from_openai(local, mode=instructor.Mode.JSON_SCHEMA)
    berth = asking.create(model="local/tiny", messages=prompt, response_model=Berth, max_retries=1)
    json.dump({"found": found, "flag": berth.flag}, sys.stdout)


if __name__ == "__main__":
    main()
