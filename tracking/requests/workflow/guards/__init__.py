"""Guards: the conditions that a step needs, each a small function with a name."""

from collections.abc import Callable, Iterable

from accounts.preconditions import UnmetCondition
from tracking.requests.workflow.guards.distinct_names import names_distinct
from tracking.requests.workflow.guards.four_eyes import every_approval_given, four_eyes, not_developer, words_approved
from tracking.requests.workflow.guards.production_proof import proven_in_production, unprovable_by_traffic
from tracking.requests.workflow.guards.requested_changes import (
    based_on_newest,
    dates_to_come,
    definitions_valid,
    has_changes,
    no_lint_errors,
)
from tracking.requests.workflow.guards.required_fields import required_fields
from tracking.requests.workflow.guards.reversal import no_dependent_version, no_tested_delivery
from tracking.requests.workflow.guards.staging_evidence import sufficient_staging_evidence
from tracking.requests.workflow.steps.step_context import StepContext

Guard = Callable[[StepContext], list[UnmetCondition]]

GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        has_changes,
        definitions_valid,
        names_distinct,
        no_lint_errors,
        dates_to_come,
        based_on_newest,
        required_fields,
        four_eyes,
        every_approval_given,
        words_approved,
        not_developer,
        sufficient_staging_evidence,
        proven_in_production,
        unprovable_by_traffic,
        no_tested_delivery,
        no_dependent_version,
    )
}


def unmet_conditions(names: Iterable[str], context: StepContext) -> list[UnmetCondition]:
    """Return every condition of these guards that does not hold, in their order."""
    return [condition for name in names for condition in GUARDS[name](context)]
