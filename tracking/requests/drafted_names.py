"""Drafted names: by which call and name a draft would have its event known, in the form in which these are compared."""

from typing import Any

from catalog.choices import Call
from catalog.contract import name_hash

NameKey = tuple[str, bytes]
"""A call, and the hash of a name."""


def drafted_call(definition: Any) -> str:
    """Return the call that a draft's definition names; `track` where it names none. Whatever is no text comes as one.

    Drafts are stored before their definitions are valid, so a member may hold any JSON.
    """
    call = definition.get("call") if isinstance(definition, dict) else None
    return str(Call.TRACK if call is None else call)


def drafted_name_key(call: str, name: str) -> NameKey:
    """Return what two drafts of one event have in common: neither the Unicode form nor blanks around a name count."""
    return call, name_hash(name.strip())
