"""Test mode's provider: a deterministic simulator that answers in the form a request asks for."""

from entrepot.providers.sandbox.answer import SandboxAnswer
from entrepot.providers.sandbox.faults import HEADER, MODELS, Fault, Steering
from entrepot.providers.sandbox.player import play
from entrepot.providers.sandbox.script import FINGERPRINT, Script, plan

__all__ = ["FINGERPRINT", "HEADER", "MODELS", "Fault", "SandboxAnswer", "Script", "Steering", "plan", "play"]
