"""nginx in its two parts here: the upstream that answers at once, and the plain proxy among the gateways."""

from __future__ import annotations

import os
from pathlib import Path

from bench.upstream import COMPLETION, FIXED_MODEL, models

CONFIG = """
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


def _argv(binary: Path, home: Path, http: str) -> list[str]:
    """Writes the configuration into `home`; the files nginx makes stay there too."""
    user = "user root;" if os.geteuid() == 0 else ""
    config = home / "nginx.conf"
    config.write_text(CONFIG.format(user=user, http=http))
    return [str(binary), "-p", str(home), "-e", "stderr", "-c", str(config), "-g", "daemon off;"]


def fixed_upstream_argv(binary: Path, home: Path, port: int) -> list[str]:
    """nginx as the upstream that answers every call at once with the same completion."""
    http = FIXED_UPSTREAM.format(port=port, completion=COMPLETION.decode(), models=models(FIXED_MODEL).decode())
    return _argv(binary, home, http)


def proxy_argv(binary: Path, home: Path, port: int, fixed_port: int, paced_port: int) -> list[str]:
    """nginx passing `/fixed/` and `/paced/` on to the two upstreams."""
    return _argv(binary, home, PROXY.format(port=port, fixed_port=fixed_port, paced_port=paced_port))
