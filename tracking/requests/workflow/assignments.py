"""What waits on a person: the next steps that are theirs, with the number of each."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from tracking.requests.choices import DeliveryState, State
from tracking.requests.models import Delivery, Request
from tracking.requests.models.request import to_review

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do: what to press, on what, and where it stands."""

    kind: str  # draft, review, develop, verify
    request: Request
    delivery: Delivery | None = None


def duties_of(user: User, *, limit: int = SHOWN) -> list[Duty]:
    """Return the newest things that wait on somebody, at most `limit` of each kind: reviews, deliveries, own drafts.

    A fixed number of queries, whatever there is.
    """
    reviews = Request.objects.filter(to_review(user)).select_related("author", "team").order_by("-updated_at", "-id")
    deliveries = Delivery.objects.all().waiting_on(user).with_list_data().order_by("-updated_at", "-id")
    drafts = (
        Request.objects.filter(Q(author=user) | Q(owner=user), state=State.DRAFT)
        .select_related("author", "team")
        .order_by("-updated_at", "-id")
    )
    return [
        *(Duty("review", request) for request in reviews[:limit]),
        *(
            Duty("develop" if delivery.state == DeliveryState.REVIEWED else "verify", delivery.change.request, delivery)
            for delivery in deliveries[: 2 * limit]
        ),
        *(Duty("draft", request) for request in drafts[:limit]),
    ]
