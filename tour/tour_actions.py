"""What the visitor does on the tour, each by the ordinary services and as the account that is signed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Decision, Forbidden, require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Environment, Platform, VersionFrom
from catalog.models import Source
from catalog.services.deploys import mark_deploy
from catalog.services.sources import create_source
from catalog.services.write_keys import create_key, current_key
from demo.removal.demo_purge import purge_tour
from tour.simulated_visitors import post_visitor_events
from tour.tour_accounts import is_demo_account
from tour.tour_state import OWN_SLUG, TourState
from tour.tour_steps import BROKEN_VERSION, FIXED_VERSION, HELLO_EVENT, PRODUCT_LIKED
from tracking.requests.authoring.draft_editing import edit_change, edit_request
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import DeliveryState, Priority, RequestState
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.collect.test_events import post_to_collector

REVIEW_INTERVAL = timedelta(days=180)
EXPECTED_PER_DAY = 200
ANSWER_FIELDS = {"says": "what happens", "question": "the question", "decision": "the decision"}
"""What the product manager is asked for, and how each is called."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The person, the tour's state, and what they typed."""

    state: TourState
    by: User
    posted: Mapping[str, str]


def deploy_broken_version(context: ActionContext) -> None:
    """Mark the deploy of the version with the bug, as whoever ships the shop. Again: changes nothing.

    Raises Forbidden for somebody who may mark no deploys of the shop.
    """
    require(context.by, Capability.DEPLOY_MARK, on=context.state.shop)
    if (Environment.STAGING, BROKEN_VERSION) not in context.state.deployed_versions:
        mark_deploy(context.state.shop, environment=Environment.STAGING, version=BROKEN_VERSION, by=context.by)


def propose_definition(context: ActionContext) -> None:
    """Begin the request that defines what the heart sends."""
    if context.state.liked_name is None:
        raise UnmetConditionsError([UnmetCondition("samples", f"No {PRODUCT_LIKED} has arrived. Tap the heart first.")])
    request_from_undocumented(context.state.liked_name, by=context.by, sources=[context.state.shop])


@transaction.atomic
def submit_request(context: ActionContext) -> None:
    """Write the three answers into the draft and submit it; where one is missing, nothing is written."""
    request, change = _require_change(context)
    answers = {name: context.posted.get(name, "").strip() for name in ANSWER_FIELDS}
    if missing := [
        UnmetCondition(name, f"Please say {ANSWER_FIELDS[name]}.") for name, text in answers.items() if not text
    ]:
        raise UnmetConditionsError(missing)
    edited = edit_request(
        request,
        by=context.by,
        revision=_shown_revision(context),
        question=answers["question"],
        decision=answers["decision"],
        priority=request.priority or Priority.NORMAL,
        expected_per_day=request.expected_per_day or EXPECTED_PER_DAY,
        review_by=request.review_by or timezone.localdate() + REVIEW_INTERVAL,
    )
    described = change.definition | {"description": answers["says"]}
    edit_change(change, by=context.by, revision=edited.revision, definition=described)
    move_request(request, RequestState.REQUESTED, by=context.by)


def approve_request(context: ActionContext) -> None:
    """Approve the request: its definition becomes a version."""
    request, _change = _require_change(context)
    move_request(request, RequestState.REVIEWED, by=context.by)


@transaction.atomic
def deploy_to_staging(context: ActionContext) -> None:
    """Deploy the version that carries the event to staging, and say so on its delivery."""
    delivery = _require_delivery(context)
    if (Environment.STAGING, FIXED_VERSION) not in context.state.deployed_versions:
        mark_deploy(context.state.shop, environment=Environment.STAGING, version=FIXED_VERSION, by=context.by)
    move_delivery(delivery, DeliveryState.DEVELOPED, by=context.by, app_version=FIXED_VERSION)


def verify_delivery(context: ActionContext) -> None:
    """Verify the delivery with what arrived."""
    move_delivery(_require_delivery(context), DeliveryState.TESTED, by=context.by)


def deploy_to_production(context: ActionContext) -> None:
    """Deploy the version to production and simulate its visitors; again, where sending failed.

    The marker is written first, and remains if sending fails: later visitors are validated against what was deployed.
    """
    if _require_delivery(context).state != DeliveryState.TESTED:
        raise UnmetConditionsError(
            [UnmetCondition("state", f"{PRODUCT_LIKED} waits for QA's signature before it may be shipped.")]
        )
    if (Environment.PRODUCTION, FIXED_VERSION) not in context.state.deployed_versions:
        mark_deploy(context.state.shop, environment=Environment.PRODUCTION, version=FIXED_VERSION, by=context.by)
    post_visitor_events(context.state.shop, by=context.by)


@transaction.atomic
def create_own_source(context: ActionContext) -> Source:
    """Make a source for the visitor's own app, with a key for each environment. Where they have one, that one."""
    shop = Source.objects.select_for_update().get(pk=context.state.shop.pk)  # two clicks make one source
    if (own := Source.objects.filter(slug=OWN_SLUG).first()) is not None:
        return own
    source = create_source(
        slug=OWN_SLUG,
        name="Your app",
        platform=Platform.SERVER,
        owner_team=shop.owner_team,
        description="Made on the tour. It is yours: resetting the tour does not change it.",
        version_from=VersionFrom.PAYLOAD,
        by=context.by,
    )
    for environment in Environment:
        create_key(source, environment, by=context.by)
    return source


def send_hello_event(context: ActionContext) -> None:
    """Post a first event of the visitor's own app to the collector, with its development key."""
    own = context.state.own_source
    key = current_key(own, Environment.DEVELOPMENT) if own is not None else None
    if key is None:
        raise UnmetConditionsError(
            [UnmetCondition("no_key", "Your app has no development key. Create one on its source's page.")]
        )
    event = {
        "userId": "you",
        "event": HELLO_EVENT["name"],
        "properties": {"mood": "curious"},
        "messageId": f"hello-{uuid4()}",
    }
    status, answer = post_to_collector("/in/v1/track", event, key=key.key)
    if status != 200:
        raise UnmetConditionsError(
            [UnmetCondition("collector", f"The collector answered {status or 'nothing'}: {answer[:200]}")]
        )


def reset_tour(context: ActionContext) -> None:
    """Remove what the tour left. The visitor's own source stays. Raises Forbidden for all but the demo's accounts."""
    if not is_demo_account(context.by):
        raise Forbidden(Decision(False, "Only the accounts of the demo may reset its tour."))
    purge_tour(by=context.by)


TOUR_ACTIONS: dict[str, Callable[[ActionContext], object]] = {
    "break": deploy_broken_version,
    "propose": propose_definition,
    "submit": submit_request,
    "approve": approve_request,
    "stage": deploy_to_staging,
    "sign": verify_delivery,
    "ship": deploy_to_production,
    "own": create_own_source,
    "hello": send_hello_event,
    "reset": reset_tour,
}
"""By the word that the page posts. Each raises UnmetConditionsError, Forbidden or ValidationError where it fails."""


def _shown_revision(context: ActionContext) -> int:
    """Return the edit of the draft that the visitor's form showed, so that nobody else's is written over."""
    revision = context.posted.get("revision", "")
    return int(revision) if revision.isdecimal() else 0


def _require_change(context: ActionContext) -> tuple[Request, Change]:
    if context.state.change is None:
        raise UnmetConditionsError(
            [UnmetCondition("state", f"Nobody asks for {PRODUCT_LIKED} yet. Propose its definition first.")]
        )
    return context.state.change.request, context.state.change


def _require_delivery(context: ActionContext) -> Delivery:
    if context.state.delivery is None:
        raise UnmetConditionsError(
            [UnmetCondition("state", f"Nobody asks for {PRODUCT_LIKED} yet. Propose its definition first.")]
        )
    return context.state.delivery
