"""The gateways of the bench: how each is installed, started and called. One row each in `GATEWAYS`.

Every one gets the same two upstreams: `fixed` answers at once, `paced` streams and takes large bodies.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from bench import nginx
from bench.dialects import MESSAGES, RESPONSES, Dialect
from bench.install import (
    Footprint,
    hub_environment,
    nginx_binary,
    node_environment,
    node_footprint,
    peer_python_environment,
    python_footprint,
)
from bench.servers import Absent, Target
from bench.upstream import FIXED_MODEL, PACED_MODEL

UPSTREAM_NAME = "gpt-4.1-mini"
LITELLM_KEY = "sk-bench"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway is given: a directory of its own, ports, and the upstreams' ports."""

    home: Path
    environment: Path
    port: int
    spare_port: int
    fixed_port: int
    paced_port: int


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to start it, and how to call it once it runs. `translates` are the dialects it makes Chat Completions of."""

    argv: Sequence[str]
    fixed: Target
    paced: Target
    translates: Sequence[Dialect] = ()
    env: Mapping[str, str] = {}


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """`install` takes the cache directory and returns what the gateway runs from: an environment or a program.

    It and `launch` raise Absent with the reason. `weigh` takes the environment.
    """

    name: str
    install: Callable[[Path], Path]
    launch: Callable[[Site], Launch]
    weigh: Callable[[Path], Footprint] | None = None


def _base_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


# nginx --------------------------------------------------------------------------------------------


def _launch_nginx(site: Site) -> Launch:
    return Launch(
        argv=nginx.proxy_argv(site.environment, site.home, site.port, site.fixed_port, site.paced_port),
        fixed=Target(port=site.port, model=FIXED_MODEL, path="/fixed/v1/chat/completions"),
        paced=Target(port=site.port, model=PACED_MODEL, path="/paced/v1/chat/completions"),
    )


# Entrepôt -----------------------------------------------------------------------------------------

HUB_CONFIG = """
[providers.fixed]
base_url = "{fixed}"
dialect = "openai_chat"
auth = "none"

[providers.paced]
base_url = "{paced}"
dialect = "openai_chat"
auth = "none"
"""
HUB_MODEL = """
[[models]]
id = "bench/{provider}"
context_tokens = 1047576
max_output_tokens = 32768
price = {{ input = "0.40", cached_input = "0.10", output = "1.60" }}
[[models.offers]]
provider = "{provider}"
upstream_model = "{upstream}"
price = {{ input = "0.40", cached_input = "0.10", output = "1.60" }}
"""


def _launch_hub(site: Site) -> Launch:
    config, data = site.home / "entrepot.toml", site.home / "data"
    rows = [HUB_MODEL.format(provider=name, upstream=UPSTREAM_NAME) for name in ("fixed", "paced")]
    config.write_text(
        HUB_CONFIG.format(fixed=_base_url(site.fixed_port), paced=_base_url(site.paced_port)) + "".join(rows)
    )
    command = str(site.environment / "bin/entrepot")
    headers = {"authorization": f"Bearer {hub_key(command, data)}"}
    serve = ["serve", "--home", str(data), "--config", str(config), "--host", "127.0.0.1", "--port", str(site.port)]
    return Launch(
        argv=[command, *serve],
        fixed=Target(port=site.port, model=FIXED_MODEL, headers=headers),
        paced=Target(port=site.port, model=PACED_MODEL, headers=headers),
        translates=(MESSAGES, RESPONSES),
    )


def hub_key(command: str, data: Path) -> str:
    create = ["keys", "create", "--home", str(data), "--name", "bench", "--mode", "live", "--json"]
    made = subprocess.run([command, *create], check=False, capture_output=True, text=True)
    if made.returncode != 0:
        raise Absent(f"no key: {made.stderr.strip()[-200:]}")
    key = json.loads(made.stdout)["key"]
    assert isinstance(key, str)
    return key


# smg ----------------------------------------------------------------------------------------------


def _launch_smg(site: Site) -> Launch:
    workers = [f"http://127.0.0.1:{port}" for port in (site.fixed_port, site.paced_port)]
    argv = [str(site.environment / "bin/python"), "-m", "smg", "launch", "--worker-urls", *workers]
    # Its fastest policy: each model has one worker here, so there is nothing to balance.
    argv += ["--policy", "passthrough", "--log-level", "warn", "--host", "127.0.0.1", "--port", str(site.port)]
    argv += ["--prometheus-host", "127.0.0.1", "--prometheus-port", str(site.spare_port)]
    return Launch(
        argv=argv,
        fixed=Target(port=site.port, model=FIXED_MODEL),
        paced=Target(port=site.port, model=PACED_MODEL),
    )


# LiteLLM ------------------------------------------------------------------------------------------


def _launch_litellm(site: Site) -> Launch:
    # Else it asks an OpenAI upstream in Responses, whatever the client speaks.
    common = {"model": f"openai/{UPSTREAM_NAME}", "api_key": "none", "use_chat_completions_api": True}
    rows = [
        {"model_name": name, "litellm_params": {**common, "api_base": _base_url(port)}}
        for name, port in ((FIXED_MODEL, site.fixed_port), (PACED_MODEL, site.paced_port))
    ]
    config = site.home / "config.yaml"
    # JSON is YAML.
    config.write_text(json.dumps({"model_list": rows, "general_settings": {"master_key": LITELLM_KEY}}))
    argv = [str(site.environment / "bin/litellm"), "--config", str(config), "--host", "127.0.0.1"]
    headers = {"authorization": f"Bearer {LITELLM_KEY}"}
    return Launch(
        argv=[*argv, "--port", str(site.port), "--num_workers", "1"],
        fixed=Target(port=site.port, model=FIXED_MODEL, headers=headers),
        paced=Target(port=site.port, model=PACED_MODEL, headers=headers),
        translates=(MESSAGES, RESPONSES),
        env={
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_LOG": "ERROR",
            "LITELLM_USE_CHAT_COMPLETIONS_URL_FOR_ANTHROPIC_MESSAGES": "True",
        },
    )


# Portkey ------------------------------------------------------------------------------------------


def _portkey_environment(cache: Path) -> Path:
    return node_environment(cache, "portkey")


def _launch_portkey(site: Site) -> Launch:
    def target(model: str, upstream_port: int) -> Target:
        headers = {
            "authorization": "Bearer none",
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": _base_url(upstream_port),
        }
        return Target(port=site.port, model=model, headers=headers)

    program = site.environment / "node_modules/@portkey-ai/gateway/build/start-server.js"
    return Launch(
        argv=["node", str(program), "--headless", f"--port={site.port}"],
        fixed=target(FIXED_MODEL, site.fixed_port),
        paced=target(PACED_MODEL, site.paced_port),
        env={"NODE_ENV": "production"},
    )


def _peer(name: str) -> Callable[[Path], Path]:
    return lambda cache: peer_python_environment(cache, name)


GATEWAYS = (
    Gateway(name="nginx", install=nginx_binary, launch=_launch_nginx),
    Gateway(name="hub", install=hub_environment, launch=_launch_hub, weigh=python_footprint),
    Gateway(name="smg", install=_peer("smg"), launch=_launch_smg, weigh=python_footprint),
    Gateway(name="Portkey", install=_portkey_environment, launch=_launch_portkey, weigh=node_footprint),
    Gateway(name="LiteLLM", install=_peer("litellm"), launch=_launch_litellm, weigh=python_footprint),
)
