"""Neutral messages as the turns that Anthropic wants.

Turns alternate. The results of a turn's calls open the user turn right after it, whatever came between.
System text goes to the top, where Anthropic's own OpenAI layer hoists it
(https://platform.claude.com/docs/en/api/openai-sdk), or stays in its place where the model allows that:
right after a user turn, before an assistant turn or at the end
(https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages).
"""

from __future__ import annotations

from typing import Any

from entrepot.conversation import Message, Part, ToolCall, ToolResult
from entrepot.dialects.anthropic_messages.blocks import Block, emit_blocks


class _Turn:
    """One turn on its way: a user's results come before all else it says, `orders` come after."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.results: list[Part] = []
        self.parts: list[Part] = []
        self.orders: list[Part] = []


class Turns:
    """Takes messages in order; `emit` gives what they make.

    `orders_in_place` tells that the model takes system messages amid the conversation.
    """

    def __init__(self, *, orders_in_place: bool) -> None:
        self._in_place = orders_in_place
        self._top: list[Part] = []
        self._held: list[Part] = []
        self._turns: list[_Turn] = []
        self._calls: dict[str, int] = {}
        self._dropped: set[str] = set()

    def add(self, message: Message) -> None:
        if message.name:
            self._dropped.add("messages[].name")
        match message.role:
            case "system" | "developer":
                self._held.extend(message.parts)
                if not (self._in_place and self._turns):
                    self._hoist()
            case "assistant":
                self._add_answer(message.parts)
            case "user" | "tool":
                self._add_question(message.parts)

    def emit(self) -> tuple[list[Block], list[dict[str, Any]], tuple[str, ...]]:
        """System blocks, messages and dropped hints. Raises NotCarried.

        A conversation of nothing but system text becomes what the user says.
        """
        self._place_orders()
        system = emit_blocks(self._top, self._dropped)
        messages = [message for turn in self._turns for message in self._emit_turn(turn)]
        if not messages:
            system, messages = [], [{"role": "user", "content": system}]
        return system, messages, tuple(sorted(self._dropped))

    def _add_answer(self, parts: tuple[Part, ...]) -> None:
        self._place_orders()
        turn = self._turn("assistant")
        turn.parts.extend(parts)
        for part in parts:
            if isinstance(part, ToolCall):
                self._calls[part.id] = len(self._turns) - 1

    def _add_question(self, parts: tuple[Part, ...]) -> None:
        turn = self._turn("user")
        for part in parts:
            if isinstance(part, ToolResult):
                home = self._calls.get(part.call_id)
                (turn if home is None else self._turns[home + 1]).results.append(part)
            else:
                turn.parts.append(part)

    def _turn(self, role: str) -> _Turn:
        """The turn under way, or a new one when it is another's. Results thus find a turn after their calls'."""
        if not self._turns or self._turns[-1].role != role:
            self._turns.append(_Turn(role))
        return self._turns[-1]

    def _place_orders(self) -> None:
        last = self._turns[-1] if self._turns else None
        if last is not None and last.role == "user" and (last.results or last.parts):
            last.orders.extend(self._held)
            self._held.clear()
        self._hoist()

    def _hoist(self) -> None:
        self._top.extend(self._held)
        self._held.clear()

    def _emit_turn(self, turn: _Turn) -> list[dict[str, Any]]:
        said = emit_blocks([*turn.results, *turn.parts], self._dropped)
        orders = emit_blocks(turn.orders, self._dropped)
        messages = [{"role": turn.role, "content": said}, {"role": "system", "content": orders}]
        return [message for message in messages if message["content"]]
