"""Schemas of older drafts and other tools, rewritten to what the contract reads."""
