"""Guards: the conditions of the world that a step needs, each a small function, known by name."""

from collections.abc import Callable, Iterable

from accounts.preconditions import Unmet
from tracking.requests.workflow.guards.four_eyes import four_eyes, not_developer
from tracking.requests.workflow.guards.production_proof import cannot_show, proof
from tracking.requests.workflow.guards.requested_changes import has_changes, parent_newest, valid
from tracking.requests.workflow.guards.required_fields import fields
from tracking.requests.workflow.guards.reversal import nothing_built_on_it, nothing_tested
from tracking.requests.workflow.guards.staging_evidence import evidence
from tracking.requests.workflow.steps.step_context import Context

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
