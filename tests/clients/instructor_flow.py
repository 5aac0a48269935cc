"""What instructor makes of a hub's answers, as JSON on standard output. Runs in instructor's own environment.

HUB_URL and HUB_KEY say where the hub is and with which key to call it.
"""

from __future__ import annotations

import json
import os
import sys

import instructor
import openai
import pydantic


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str
    tons: int


def main() -> None:
    client = openai.OpenAI(base_url=f"{os.environ['HUB_URL']}/v1", api_key=os.environ["HUB_KEY"], max_retries=0)
    prompt = [{"role": "user", "content": "A ship: its name is Alma, tons: 4200."}]
    found = {}
    for mode in ("TOOLS", "JSON", "JSON_SCHEMA"):
        asking = instructor.from_openai(client, mode=instructor.Mode[mode])
        made = asking.create(model="gpt-4.1-mini", messages=prompt, response_model=Ship, max_retries=1)
        partial = list(asking.create_partial(model="gpt-4.1-mini", messages=prompt, response_model=Ship))
        found[mode] = [made.model_dump(), partial[-1].model_dump()]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
