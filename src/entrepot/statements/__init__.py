"""Monthly statements of an organisation's money, and how they are written: JSON, CSV, a page to print."""

from entrepot.statements.records import ModelUse, Movement, Period, Statement, statement_object

__all__ = ["ModelUse", "Movement", "Period", "Statement", "statement_object"]
