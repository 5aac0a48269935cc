"""Test mode's provider: a deterministic simulator that answers in the form a request asks for."""

from entrepot.providers.sandbox.answer import SandboxAnswer
from entrepot.providers.sandbox.faults import HEADER, MODELS, Fault, Steering
from entrepot.providers.sandbox.player import play
from entrepot.providers.sandbox.script import FINGERPRINT, Script, plan
from entrepot.providers.sandbox.vectors import SandboxVectors

__all__ = [
    "FINGERPRINT",
    "HEADER",
    "MODELS",
    "Fault",
    "SandboxAnswer",
    "SandboxVectors",
    "Script",
    "Steering",
    "plan",
    "play",
]
