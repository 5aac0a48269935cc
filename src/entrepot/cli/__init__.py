"""The command line: one file per command. Heavy imports wait until a command needs them.

Exit codes: 0 done, 1 the hub or a provider failed, 2 wrong usage or settings, 3 not found,
4 refused (key missing, unknown or without the right).
"""

from entrepot.cli.main import main

__all__ = ["main"]
