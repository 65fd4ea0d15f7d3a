"""The work queue of a person: reviews, deliveries and drafts whose next step is theirs."""

from dataclasses import dataclass

from accounts.models import User
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Delivery, Request
from tracking.requests.models.approval import awaiting_approval_by

LIMIT_PER_KIND = 10


@dataclass(frozen=True, slots=True)
class Assignment:
    """One item of the work queue: what to do, on which request or delivery."""

    kind: str  # draft, resubmit, review, develop, verify
    request: Request
    delivery: Delivery | None = None


def assignments_for(user: User, *, limit: int = LIMIT_PER_KIND) -> list[Assignment]:
    """Return the newest items that wait for a person, at most `limit` of each kind: reviews, deliveries, own drafts.

    A fixed number of queries, whatever there is.
    """
    reviews = (
        Request.objects.filter(awaiting_approval_by(user))
        .select_related("author", "team")
        .order_by("-updated_at", "-id")
    )
    deliveries = (
        Delivery.objects.all()
        .waiting_on(user)
        .with_list_data()
        .select_related("change__request__author")
        .order_by("-updated_at", "-id")
    )
    to_develop = deliveries.filter(state=DeliveryState.REVIEWED)[:limit]
    to_verify = deliveries.exclude(state=DeliveryState.REVIEWED)[:limit]
    newest_deliveries = sorted([*to_develop, *to_verify], key=lambda row: (row.updated_at, row.pk), reverse=True)
    drafts = Request.objects.all().drafts_of(user).select_related("author", "team").order_by("-updated_at", "-id")
    return [
        *(Assignment("review", request) for request in reviews[:limit]),
        *(
            Assignment(
                "develop" if delivery.state == DeliveryState.REVIEWED else "verify", delivery.change.request, delivery
            )
            for delivery in newest_deliveries
        ),
        *(Assignment("resubmit" if request.submission else "draft", request) for request in drafts[:limit]),
    ]
