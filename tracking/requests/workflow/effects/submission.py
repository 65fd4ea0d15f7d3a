"""Submitting a draft for review."""

from tracking.requests.workflow.approvals import begin_submission
from tracking.requests.workflow.delivery_planning import plan_deliveries
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult


def submit(context: StepContext) -> StepResult:
    """Begin a new submission, and plan the deliveries of each change by its lane as it is on this day."""
    begin_submission(context.request)
    for change in context.changes:
        plan_deliveries(change, at=context.at)
    return StepResult({"lane": context.request.lane, "changes": [change.name for change in context.changes]})
