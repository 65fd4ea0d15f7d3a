"""Guards: the conditions of the world that a step needs, each a small function, known by name."""

from collections.abc import Callable, Iterable

from accounts.problems import Unmet
from tracking.requests.guards.content import has_changes, parent_newest, valid
from tracking.requests.guards.context import Context
from tracking.requests.guards.evidence import evidence
from tracking.requests.guards.fields import fields
from tracking.requests.guards.people import four_eyes, not_developer
from tracking.requests.guards.proof import cannot_show, proof
from tracking.requests.guards.undoing import nothing_built_on_it, nothing_tested

Guard = Callable[[Context], list[Unmet]]

GUARDS: dict[str, Guard] = {
    "has_changes": has_changes,
    "valid": valid,
    "parent_newest": parent_newest,
    "fields": fields,
    "four_eyes": four_eyes,
    "not_developer": not_developer,
    "evidence": evidence,
    "proof": proof,
    "cannot_show": cannot_show,
    "nothing_tested": nothing_tested,
    "nothing_built_on_it": nothing_built_on_it,
}


def unmet(names: Iterable[str], context: Context) -> list[Unmet]:
    """Return every condition of these guards that does not hold, in their order."""
    return [condition for name in names for condition in GUARDS[name](context)]


__all__ = ["GUARDS", "Context", "Guard", "unmet"]
