from __future__ import annotations

from entrepot.dialects.foreign import Foreign
from entrepot.dialects.shapes import Value


def test_what_is_there_is_kept_and_hints_are_known() -> None:
    foreign = Foreign()
    foreign.keep("a", None)
    foreign.keep_value(Value(0, "b"))
    foreign.keep_value(Value("x", "c"), hint=True)
    foreign.keep_value(Value(None, "d"), hint=True)
    assert (foreign.fields, foreign.hints) == ({"a": None, "b": 0, "c": "x"}, {"c"})
