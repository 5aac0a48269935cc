"""The local engine: a GGUF file served by llama.cpp, reached as an ordinary OpenAI-compatible upstream.

llama.cpp runs in a child process that lives and dies with the hub. Within the hub it would stop everything else:
xllamacpp holds Python's interpreter lock for as long as a model loads, and, while a client is connected, for as long
as it unloads; the client is the hub itself.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import re
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from entrepot.errors import ConfigurationError
from entrepot.providers import gguf

logger = logging.getLogger(__name__)

_CHILD = "from entrepot.providers.local import serve; serve()"
# llama.cpp's mean, first and last token; 0 is none, and 4 ranks documents, which no dialect here asks for.
_POOLING = (1, 2, 3)
_FEATURES = (
    *("streaming", "max_completion_tokens", "sampling", "top_k", "penalties", "stop", "seed", "choices", "logprobs"),
    *("logit_bias", "json_mode", "structured_outputs", "prompt_caching"),
)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is to serve. It travels over standard input, where no other user sees the key."""

    path: str
    model: str
    api_key: str
    context_tokens: int
    parallel: int
    threads: int
    embeds: bool
    verbosity: int


class LocalEngine:
    """One model file and, between `start` and `stop`, the llama.cpp server that answers for it."""

    def __init__(self, path: Path, *, context_tokens: int, parallel: int, threads: int = 0) -> None:
        """Read the file's header. `context_tokens` is for each of `parallel` requests; 0 threads lets llama.cpp choose.

        Raises ConfigurationError when there is no such file or it is not a GGUF file.
        """
        self.path = path.expanduser().absolute()
        self.header = gguf.read_header(self.path)
        self.context_tokens = min(context_tokens, self.header.count("context_length") or context_tokens)
        self.parallel = parallel
        self.threads = threads
        self.model_id = f"local/{_slug(self.path.stem)}"
        self.provider_id = f"local-{_slug(self.path.stem)}"
        self.api_key = secrets.token_urlsafe(32)
        self.base_url = ""
        self._process: asyncio.subprocess.Process | None = None
        self._log: asyncio.Task[list[str]] | None = None

    @property
    def is_running(self) -> bool:
        return bool(self.base_url) and self._process is not None and self._process.returncode is None

    @property
    def embeds(self) -> bool:
        """Whether the model makes embeddings instead of text."""
        return self.header.count("pooling_type") in _POOLING

    @property
    def tables(self) -> dict[str, Any]:
        """Provider and model as the operator's `[providers]` and `[[models]]` tables; the address once started."""
        provider = {"name": "llama.cpp", "base_url": self.base_url}
        return {"providers": {self.provider_id: provider}, "models": [self._row()]}

    async def start(self) -> None:
        """Load the model and return when it answers at `base_url`.

        Raises ConfigurationError when the extra `local` is not installed or llama.cpp cannot load the file.
        """
        if importlib.util.find_spec("xllamacpp") is None:
            raise ConfigurationError("a local model needs llama.cpp: pip install 'entrepot[local]'")
        # In a session of its own the child does not get the terminal's Ctrl-C: it must outlast the hub's drain.
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _CHILD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._log = asyncio.create_task(self._follow(self._process))
        try:
            address = await self._give_order(self._process)
        except BaseException:
            await self.stop(patience_s=0)
            raise
        if not address:
            raise ConfigurationError(f"llama.cpp cannot load {self.path}: {_reason(await self.stop())}")
        self.base_url = f"{address}/v1"

    async def stop(self, patience_s: float = 5.0) -> list[str]:
        """End the server, by force after `patience_s`; answers it is still writing are cut off.

        Returns the errors that llama.cpp has logged.
        """
        process, log = self._process, self._log
        self._process = self._log = None
        self.base_url = ""
        if process is None or process.stdin is None or log is None:
            return []
        process.stdin.close()
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                process.kill()
            await process.wait()
        return await log

    async def _give_order(self, process: asyncio.subprocess.Process) -> str:
        """Tell the child what to serve; the address it then listens on, "" when it failed."""
        assert process.stdin is not None
        assert process.stdout is not None
        order = Order(
            path=str(self.path),
            model=self.model_id,
            api_key=self.api_key,
            context_tokens=self.context_tokens * self.parallel,
            parallel=self.parallel,
            threads=self.threads,
            embeds=self.embeds,
            verbosity=3 if logger.isEnabledFor(logging.DEBUG) else 1,
        )
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        return (await process.stdout.readline()).decode().strip()

    async def _follow(self, process: asyncio.subprocess.Process) -> list[str]:
        """Pass llama.cpp's log on at debug level until it ends, keeping the errors."""
        assert process.stderr is not None
        found: list[str] = []
        async for raw in process.stderr:
            line = raw.decode(errors="replace").rstrip()
            logger.debug("%s: %s", self.model_id, line)
            if error := re.fullmatch(r"[\d.]+ E (.*)", line):
                found.append(error[1])
        if process is self._process and self.base_url:
            logger.error("llama.cpp has ended by itself: %s is gone until the hub restarts", self.model_id)
        return found

    def _row(self) -> dict[str, Any]:
        """The model's catalogue row; what the file does not say is left out."""
        header = self.header
        experts = header.count("expert_count")
        free = {"input": "0"} if self.embeds else {"input": "0", "output": "0"}
        row: dict[str, Any] = {
            "id": self.model_id,
            "name": header.text("general.name") or self.path.stem,
            "aliases": ["local/" + re.sub(r"\s+", "-", self.path.name)],
            "kind": "embedding" if self.embeds else "chat",
            "family": header.text("general.basename") or header.architecture or None,
            "developer": header.text("general.organization"),
            "summary": "Runs on the hub's own machine, with llama.cpp",
            "context_tokens": self.context_tokens,
            "dimensions": header.count("embedding_length") if self.embeds else None,
            "output_modalities": ["embeddings" if self.embeds else "text"],
            "features": [] if self.embeds else _features(header),
            "parameters": {} if self.embeds else {"n": {"maximum": self.parallel}},
            "parameter_count": _parameter_count(header.weights),
            "mixture_of_experts": None if experts is None else experts > 1,
            "quantization": header.quantization,
            "tokenizer": header.text("tokenizer.ggml.pre") or header.text("tokenizer.ggml.model"),
            "price": free,
            "offers": [{"provider": self.provider_id, "upstream_model": self.model_id, "price": free}],
        }
        return {name: value for name, value in row.items() if value is not None}


def serve() -> None:
    """The child's whole life: read an order, load, print the address, and end when the hub closes the pipe or dies."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints must not be taken for the address
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    import xllamacpp

    try:
        server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), order))
    except RuntimeError:  # says no more than that it failed; the log has said why
        os._exit(1)
    print(server.listening_address, file=answer, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)  # not by way of the server's destructor: it waits for the last client


def _parameters(parameters: Any, order: Order) -> Any:
    parameters.model.path = order.path
    parameters.model_alias = {order.model}
    parameters.api_keys = [order.api_key]
    parameters.n_ctx = order.context_tokens
    parameters.n_parallel = order.parallel
    parameters.cpuparams.n_threads = order.threads or -1
    parameters.embedding = order.embeds
    parameters.verbosity = order.verbosity
    parameters.ui = False
    parameters.offline = True
    return parameters


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-") or "model"


def _features(header: gguf.Header) -> list[str]:
    """What llama.cpp does for any model, and what the chat template shows that this one was taught."""
    template = header.text("tokenizer.chat_template") or ""
    tools = ("tools", "parallel_tools") if "tools" in template else ()
    reasoning = ("reasoning",) if "<think>" in template or "reasoning_content" in template else ()
    return [*_FEATURES, *tools, *reasoning]


def _parameter_count(weights: int) -> str:
    """Weights as the number people say: 8030261312 → "8B", 141888 → "142K"."""
    for unit, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if weights >= unit:
            return f"{weights / unit:.{0 if weights >= 100 * unit else 1}f}".removesuffix(".0") + letter
    return str(weights)


def _reason(errors: list[str]) -> str:
    """The first error is the cause, those after it are its consequences."""
    return re.sub(r"^\S+\s*\S*: (error loading model: )?", "", errors[0]) if errors else "it ended without a word"
