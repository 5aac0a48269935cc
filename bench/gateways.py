"""The gateways of the bench: how each is installed, started and called. One row each in `GATEWAYS`.

Every one gets the same two upstreams: `fixed` answers at once, `paced` streams and takes large bodies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.install import (
    Footprint,
    hub_footprint,
    nginx_binary,
    node_environment,
    node_footprint,
    peer_python_environment,
    python_footprint,
)
from bench.servers import Absent, Target
from bench.upstream import COMPLETION, FIXED_MODEL, PACED_MODEL, models

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
    """How to start it, and how to call it once it runs."""

    argv: Sequence[str]
    fixed: Target
    paced: Target
    env: Mapping[str, str] = {}


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """`install` takes the cache directory and returns what the gateway runs from: an environment or a program.

    `weigh` takes both of these. All three raise Absent with the reason.
    """

    name: str
    install: Callable[[Path], Path]
    launch: Callable[[Site], Launch]
    weigh: Callable[[Path, Path], Footprint] | None = None


def _base_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


# nginx --------------------------------------------------------------------------------------------

NGINX_CONFIG = """
{user}
worker_processes 1;
worker_rlimit_nofile 16384;
error_log stderr error;
pid nginx.pid;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_max_body_size 0;
  keepalive_requests 100000000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  {http}
}}
"""
FIXED_UPSTREAM = """
  default_type application/json;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /v1/chat/completions {{ return 200 '{completion}'; }}
    location = /v1/models {{ return 200 '{models}'; }}
    location / {{ return 200 '{{}}'; }}
  }}
"""
PROXY = """
  upstream fixed {{ server 127.0.0.1:{fixed_port}; keepalive 512; keepalive_requests 100000000; }}
  upstream paced {{ server 127.0.0.1:{paced_port}; keepalive 1024; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    location /fixed/ {{ proxy_pass http://fixed/; }}
    location /paced/ {{ proxy_pass http://paced/; }}
  }}
"""


def nginx_argv(environment: Path, home: Path, http: str) -> list[str]:
    """Writes the configuration into `home`; the files nginx makes stay there too."""
    user = "user root;" if os.geteuid() == 0 else ""
    config = home / "nginx.conf"
    config.write_text(NGINX_CONFIG.format(user=user, http=http))
    return [str(environment), "-p", str(home), "-e", "stderr", "-c", str(config), "-g", "daemon off;"]


def fixed_upstream_argv(environment: Path, home: Path, port: int) -> list[str]:
    """nginx as the upstream that answers every call at once with the same completion."""
    http = FIXED_UPSTREAM.format(port=port, completion=COMPLETION.decode(), models=models(FIXED_MODEL).decode())
    return nginx_argv(environment, home, http)


def _launch_nginx(site: Site) -> Launch:
    http = PROXY.format(port=site.port, fixed_port=site.fixed_port, paced_port=site.paced_port)
    return Launch(
        argv=nginx_argv(site.environment, site.home, http),
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


def _install_hub(_: Path) -> Path:
    command = Path(sys.executable).with_name("entrepot")
    if not command.exists():
        raise Absent(f"{command.name} is not installed beside {Path(sys.executable).name}")
    return command


def _launch_hub(site: Site) -> Launch:
    config, data = site.home / "entrepot.toml", site.home / "data"
    rows = [HUB_MODEL.format(provider=name, upstream=UPSTREAM_NAME) for name in ("fixed", "paced")]
    config.write_text(
        HUB_CONFIG.format(fixed=_base_url(site.fixed_port), paced=_base_url(site.paced_port)) + "".join(rows)
    )
    headers = {"authorization": f"Bearer {_hub_key(site.environment, data)}"}
    serve = ["serve", "--home", str(data), "--config", str(config), "--host", "127.0.0.1", "--port", str(site.port)]
    return Launch(
        argv=[str(site.environment), *serve],
        fixed=Target(port=site.port, model=FIXED_MODEL, headers=headers),
        paced=Target(port=site.port, model=PACED_MODEL, headers=headers),
    )


def _hub_key(command: Path, data: Path) -> str:
    create = ["keys", "create", "--home", str(data), "--name", "bench", "--mode", "live", "--json"]
    made = subprocess.run([str(command), *create], capture_output=True, text=True)
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
    rows = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{UPSTREAM_NAME}", "api_base": _base_url(port), "api_key": "none"},
        }
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
        env={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"},
    )


# Portkey ------------------------------------------------------------------------------------------


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


GATEWAYS = (
    Gateway(name="nginx", install=nginx_binary, launch=_launch_nginx),
    Gateway(name="hub", install=_install_hub, launch=_launch_hub, weigh=lambda _, cache: hub_footprint(cache)),
    Gateway(
        name="smg",
        install=lambda cache: peer_python_environment(cache, "smg"),
        launch=_launch_smg,
        weigh=lambda environment, _: python_footprint(environment),
    ),
    Gateway(
        name="Portkey",
        install=lambda cache: node_environment(cache, "portkey"),
        launch=_launch_portkey,
        weigh=lambda environment, _: node_footprint(environment),
    ),
    Gateway(
        name="LiteLLM",
        install=lambda cache: peer_python_environment(cache, "litellm"),
        launch=_launch_litellm,
        weigh=lambda environment, _: python_footprint(environment),
    ),
)
