"""The steps that a page offers: which one is next, and why the others have to wait."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.urls import reverse

from accounts.models import User
from tracking.requests.choices import DeliveryState, State
from tracking.requests.evidence.current_app_versions import Running, running_versions
from tracking.requests.models import Delivery, Request
from tracking.requests.pages.presenters.status_messages import waiting_for
from tracking.requests.workflow.available_steps import Step, allowed

FORWARD: dict[str, set[str]] = {
    State.DRAFT: {State.REQUESTED, State.LIVE},
    State.REQUESTED: {State.REVIEWED, State.LIVE},
    DeliveryState.REVIEWED: {DeliveryState.DEVELOPED},
    DeliveryState.DEVELOPED: {DeliveryState.TESTED},
    DeliveryState.TESTED: {DeliveryState.LIVE},
}
"""From each state, the states that lie on the way; every other step leads back or out of it."""

HINTS: dict[str, str] = {
    State.REQUESTED: "An analyst then looks at it. Until it is approved you can take it back.",
    State.REVIEWED: "Each change becomes a version with its number, and developers can begin.",
    State.LIVE: "Only words change, so nobody has to approve them: everybody reads them at once.",
    State.DRAFT: "It can be edited again. Approvals of what it said no longer count.",
    State.DECLINED: "It ends here, with your reason. What was approved is taken back.",
    State.WITHDRAWN: "It ends here, with your reason. What was approved is taken back.",
}
DELIVERY_HINTS: dict[str, str] = {
    DeliveryState.DEVELOPED: "From this app version on, events are held against the new version.",
    DeliveryState.TESTED: "You sign with what arrived outside production. Then production has to prove it.",
    DeliveryState.LIVE: "For sources whose events cannot show which version they come from.",
    DeliveryState.REVIEWED: "The developer builds it again, and the evidence begins anew.",
    DeliveryState.DROPPED: "This source will not send it. The request goes on without it.",
}

ENDS = (State.DECLINED, State.WITHDRAWN, DeliveryState.DROPPED)


@dataclass(frozen=True, slots=True)
class Offer:
    """One step with its form: where it posts, what it moves, and which way it leads."""

    step: Step
    url: str
    key: str  # unique on the page: the ids of its fields begin with it
    is_forward: bool
    is_ending: bool
    delivery: Delivery | None = None
    running: Running | None = None  # where the step asks for an app version
    waiting: str = ""  # whose step is awaited, for everybody else

    @property
    def label(self) -> str:
        """The button's words, with the source where a delivery moves."""
        return f"{self.step.label} on {self.delivery.source}" if self.delivery else self.step.label

    @property
    def hint(self) -> str:
        """What follows from it."""
        if self.delivery is None:
            return HINTS.get(State(self.step.to), "")
        if self.delivery.state == DeliveryState.LIVE:
            return "Its bindings end, and production has to prove it anew."
        return DELIVERY_HINTS.get(DeliveryState(self.step.to), "")


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything that can happen next: `main` is the one step that the page shows large, where there is one."""

    main: Offer | None
    others: tuple[Offer, ...]

    @property
    def ready(self) -> list[Offer]:
        return [offer for offer in self.others if offer.step.is_allowed]

    @property
    def waiting(self) -> list[Offer]:
        """Steps that the person may take, once something else holds; what they never may is nobody's to-do."""
        return [offer for offer in self.others if offer.step.is_permitted and not offer.step.is_allowed]


def offers_of(request: Request, deliveries: Iterable[Delivery], user: User, *, chosen: int | None = None) -> Offers:
    """Return the steps of a request and of some of its deliveries, as they stand open to somebody.

    The main one is that of the chosen delivery, where they may take it; else the first on the way that they may take
    now; else the first that they could take once its conditions hold; else the first of others, so that the page can
    say whose turn it is.
    """
    found = [_of_request(request, step) for step in allowed(request, user)]
    for delivery in deliveries:
        found += [_of_delivery(delivery, step) for step in allowed(delivery, user)]
    found = _with_running(found)
    forward = [offer for offer in found if offer.is_forward]
    main = min(forward, key=lambda offer: (not _is_chosen(offer, chosen), *_rank(offer)), default=None)
    return Offers(main, tuple(sorted((offer for offer in found if offer is not main), key=_order)))


def offers_of_delivery(delivery: Delivery, user: User) -> Offers:
    """Return the steps of one delivery, as `offers_of` does."""
    found = _with_running([_of_delivery(delivery, step) for step in allowed(delivery, user)])
    main = min((offer for offer in found if offer.is_forward), key=_rank, default=None)
    return Offers(main, tuple(offer for offer in found if offer is not main))


def _of_request(request: Request, step: Step) -> Offer:
    url = reverse("requests:move", args=[request.pk])
    is_forward = step.to in FORWARD.get(State(request.state), ())
    waiting = waiting_for(request, step.to)
    return Offer(step, url, f"r-{step.to}", is_forward, step.to in ENDS, waiting=waiting)


def _of_delivery(delivery: Delivery, step: Step) -> Offer:
    url = reverse("requests:move_delivery", args=[delivery.pk])
    is_forward = step.to in FORWARD.get(DeliveryState(delivery.state), ())
    if delivery.state == DeliveryState.TESTED and not step.is_allowed:
        is_forward = False  # the system's turn: by hand is only for what no event can show
    waiting = waiting_for(delivery.change.request, step.to, delivery)
    return Offer(step, url, f"d{delivery.pk}-{step.to}", is_forward, step.to in ENDS, delivery, waiting=waiting)


def _with_running(offers: list[Offer]) -> list[Offer]:
    """Add what runs today to the steps that ask for an app version and can be taken."""
    asking = [
        offer
        for offer in offers
        if offer.delivery and offer.step.is_allowed and any(each.field == "app_version" for each in offer.step.asks)
    ]
    running = running_versions({offer.delivery.source for offer in asking if offer.delivery})
    return [
        replace(offer, running=running[offer.delivery.source_id]) if offer in asking and offer.delivery else offer
        for offer in offers
    ]


def _is_chosen(offer: Offer, chosen: int | None) -> bool:
    return offer.delivery is not None and offer.delivery.pk == chosen and offer.step.is_permitted


def _rank(offer: Offer) -> tuple[bool, bool, bool]:
    # Words may be submitted or published at once; whoever may publish need not submit.
    return not offer.step.is_allowed, not offer.step.is_permitted, offer.step.to != State.LIVE


def _order(offer: Offer) -> tuple[bool, bool, bool]:
    return not offer.step.is_allowed, not offer.is_forward, offer.is_ending
