"""Statements on rules. `run` is a transaction's, or a store's `read`."""

from __future__ import annotations

import msgspec

from entrepot.rules import Rule, SubjectKind
from entrepot.store.queries import Run


def rules(run: Run) -> list[Rule]:
    return [msgspec.convert(row, Rule) for row in run("rules", {})]


def of_subject(run: Run, subject: SubjectKind, subject_id: str) -> list[Rule]:
    """The general one and those narrowed to a model."""
    return [msgspec.convert(row, Rule) for row in run("rules_of_subject", {"subject": subject, "id": subject_id})]


def put(run: Run, rule: Rule) -> None:
    """Add a rule, or replace the one of the same subject and model."""
    run("put_rule", msgspec.structs.asdict(rule))


def delete(run: Run, rule_id: str) -> None:
    run("delete_rule", {"id": rule_id})
