"""What the visitor does on the tour, each by the ordinary services and as the account that is signed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Decision, Forbidden
from accounts.preconditions import Unmet, UnmetConditions
from catalog.choices import Environment, Platform, VersionFrom
from catalog.models import Source
from catalog.services.deploys import mark_deploy
from catalog.services.sources import create_source
from catalog.services.write_keys import create_key, current_key
from demo.removal.demo_purge import purge_tour
from tour.simulated_visitors import let_visitors_in
from tour.tour_accounts import is_player
from tour.tour_state import OWN_SLUG, World
from tour.tour_steps import BROKEN, HELLO, LIKED, MENDED
from tracking.requests.authoring.draft_editing import edit_change, edit_request
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import DeliveryState, Priority, State
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.collect.test_events import post_to_collector

REVIEWED_IN = timedelta(days=180)
EXPECTED_A_DAY = 200
FIELDS = {"says": "what happens", "question": "the question", "decision": "the decision"}
"""What the product manager is asked for, and how each is called."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does it, to what stands now, and with what they wrote."""

    world: World
    by: User
    posted: Mapping[str, str]


def ship_the_bug(doing: Doing) -> None:
    """Mark the deploy of the version with the bug, as the shop's pipeline does. Again: changes nothing."""
    if (Environment.STAGING, BROKEN) not in doing.world.deployed:
        mark_deploy(doing.world.shop, environment=Environment.STAGING, version=BROKEN, by=User.objects.system())


def propose(doing: Doing) -> None:
    """Begin the request that defines what the heart sends."""
    if doing.world.liked is None:
        raise UnmetConditions([Unmet("samples", f"No {LIKED} has arrived. Tap the heart first.")])
    request_from_undocumented(doing.world.liked, by=doing.by, sources=[doing.world.shop])


@transaction.atomic
def submit(doing: Doing) -> None:
    """Write the three answers into the draft and submit it; where one is missing, nothing is written."""
    request, change = _asked(doing)
    said = {name: doing.posted.get(name, "").strip() for name in FIELDS}
    if missing := [Unmet(name, f"Please say {FIELDS[name]}.") for name, text in said.items() if not text]:
        raise UnmetConditions(missing)
    edited = edit_request(
        request,
        by=doing.by,
        revision=_revision(doing),
        question=said["question"],
        decision=said["decision"],
        priority=request.priority or Priority.NORMAL,
        expected_per_day=request.expected_per_day or EXPECTED_A_DAY,
        review_by=request.review_by or timezone.localdate() + REVIEWED_IN,
    )
    described = change.definition | {"description": said["says"]}
    edit_change(change, by=doing.by, revision=edited.revision, definition=described)
    move_request(request, State.REQUESTED, by=doing.by)


def approve(doing: Doing) -> None:
    """Approve the request: its definition becomes a version."""
    request, _change = _asked(doing)
    move_request(request, State.REVIEWED, by=doing.by)


@transaction.atomic
def stage(doing: Doing) -> None:
    """Deploy the version that carries the event to staging, and say so on its delivery."""
    delivery = _delivered(doing)
    if (Environment.STAGING, MENDED) not in doing.world.deployed:
        mark_deploy(doing.world.shop, environment=Environment.STAGING, version=MENDED, by=doing.by)
    move_delivery(delivery, DeliveryState.DEVELOPED, by=doing.by, app_version=MENDED)


def sign(doing: Doing) -> None:
    """Verify the delivery with what arrived."""
    move_delivery(_delivered(doing), DeliveryState.TESTED, by=doing.by)


def ship(doing: Doing) -> None:
    """Deploy the version to production and let its visitors in; again, where they could not get in.

    The marker is written first, and stays where nobody gets in: whoever comes is held against what was deployed.
    """
    if _delivered(doing).state != DeliveryState.TESTED:
        raise UnmetConditions([Unmet("state", f"{LIKED} waits for QA's signature before it may be shipped.")])
    if (Environment.PRODUCTION, MENDED) not in doing.world.deployed:
        mark_deploy(doing.world.shop, environment=Environment.PRODUCTION, version=MENDED, by=doing.by)
    let_visitors_in(doing.world.shop, by=doing.by)


@transaction.atomic
def make_own_source(doing: Doing) -> Source:
    """Make a source for the visitor's own app, with a key for each environment. Where they have one, that one."""
    shop = Source.objects.select_for_update().get(pk=doing.world.shop.pk)  # two clicks make one source
    if (own := Source.objects.filter(slug=OWN_SLUG).first()) is not None:
        return own
    source = create_source(
        slug=OWN_SLUG,
        name="Your app",
        platform=Platform.SERVER,
        owner_team=shop.owner_team,
        description="Made on the tour. It is yours: beginning the tour anew leaves it alone.",
        version_from=VersionFrom.PAYLOAD,
        by=doing.by,
    )
    for environment in Environment:
        create_key(source, environment, by=doing.by)
    return source


def say_hello(doing: Doing) -> None:
    """Post a first event of the visitor's own app to the collector, with its development key."""
    own = doing.world.own
    key = current_key(own, Environment.DEVELOPMENT) if own is not None else None
    if key is None:
        raise UnmetConditions([Unmet("no_key", "Your app has no development key. Create one on its source's page.")])
    event = {
        "userId": "you",
        "event": HELLO["name"],
        "properties": {"mood": "curious"},
        "messageId": f"hello-{uuid4()}",
    }
    status, answer = post_to_collector("/in/v1/track", event, key=key.key)
    if status != 200:
        raise UnmetConditions([Unmet("collector", f"The collector answered {status or 'nothing'}: {answer[:200]}")])


def begin_anew(doing: Doing) -> None:
    """Remove what the tour left. The visitor's own source stays. Raises Forbidden for all but the demo's accounts."""
    if not is_player(doing.by):
        raise Forbidden(Decision(False, "Only the accounts of the demo may begin its tour anew."))
    purge_tour(by=doing.by)


ACTS: dict[str, Callable[[Doing], object]] = {
    "break": ship_the_bug,
    "propose": propose,
    "submit": submit,
    "approve": approve,
    "stage": stage,
    "sign": sign,
    "ship": ship,
    "own": make_own_source,
    "hello": say_hello,
    "reset": begin_anew,
}
"""By the word that the page posts. Each raises UnmetConditions, Forbidden or ValidationError where it cannot be."""


def _revision(doing: Doing) -> int:
    """Return the edit of the draft that the visitor's form showed, so that nobody else's is written over."""
    shown = doing.posted.get("revision", "")
    return int(shown) if shown.isdecimal() else 0


def _asked(doing: Doing) -> tuple[Request, Change]:
    if doing.world.change is None:
        raise UnmetConditions([Unmet("state", f"Nobody asks for {LIKED} yet. Propose its definition first.")])
    return doing.world.change.request, doing.world.change


def _delivered(doing: Doing) -> Delivery:
    if doing.world.delivery is None:
        raise UnmetConditions([Unmet("state", f"Nobody asks for {LIKED} yet. Propose its definition first.")])
    return doing.world.delivery
