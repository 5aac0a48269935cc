"""Monthly statements of an organisation's money, and how they are written for people: CSV, a page to print."""

from entrepot.statements.records import ModelUse, Movement, Period, Statement

__all__ = ["ModelUse", "Movement", "Period", "Statement"]
