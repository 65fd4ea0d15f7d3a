"""Steps as tests of guards take them, and the codes of the conditions that stand in their way."""

from django.utils import timezone

from tracking.requests.choices import DeliveryState
from tracking.requests.workflow.guards import unmet_conditions
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.transition_service import move_delivery


def codes(names, lifecycle, **more):
    more = {"by": lifecycle.members.analyst, "at": timezone.now()} | more
    return [condition.code for condition in unmet_conditions(names, StepContext(lifecycle.request, **more))]


def codes_of(caught):
    return {condition.code for condition in caught.value.unmet}


def verify(lifecycle, **more):
    return move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.qa, **more)
