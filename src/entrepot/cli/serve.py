"""`entrepot serve`: run the hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot import settings
from entrepot.cli.options import with_settings
from entrepot.keys import Mode
from entrepot.pages.clients import DEFAULT_MODEL
from entrepot.settings import Settings


@with_settings
def command(flags: dict[str, Any]) -> None:
    """Run the hub until it is told to stop."""
    from entrepot import server

    server.run(lambda: settings.load(flags), announce)


def announce(settings: Settings, tokens: Mapping[Mode, str], welcome: str) -> None:
    """Tell where the hub listens and, on the first run only, its first keys and the token of the owner's link."""
    print(f"Entrepôt is listening on {settings.url}", flush=True)
    print(f"Home: {settings.home}   Settings: {settings.config or 'defaults'}", flush=True)
    if not tokens:
        return
    print(
        f"\nThis is a new home. Its keys are shown this once:\n"
        f"  live  {tokens['live']}\n"
        f"  test  {tokens['test']}\n"
        f"\nTry the hub with the test key; the sandbox answers, nothing is spent:\n\n"
        f"{curl(settings.url, tokens['test'])}\n",
        flush=True,
    )
    if welcome:
        print(
            "To sign in with an e-mail address and a password, open this link in a browser once and within a day\n"
            "and set them there:\n"
            f"  {settings.url}/welcome#{welcome}\n",
            flush=True,
        )


def curl(url: str, token: str) -> str:
    return (
        f"curl {url}/v1/chat/completions -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' "
        f"""-d '{{"model": "{DEFAULT_MODEL}", "messages": [{{"role": "user", "content": "Say hello"}}]}}'"""
    )
