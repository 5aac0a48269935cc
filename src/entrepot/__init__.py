"""Entrepôt: a self-hosted model hub."""
