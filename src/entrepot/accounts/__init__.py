"""Organisations, their members, who may do what, and the secrets they sign in with. Pure: no store, no clock."""

from entrepot.accounts.records import Invitation, Member, Organisation, Role

__all__ = ["Invitation", "Member", "Organisation", "Role"]
