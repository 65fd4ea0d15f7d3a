"""A request as its page reads it: why, what changes, where each delivery stands, who approved, what is next."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from django.core.paginator import Page, Paginator

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.name_suggestions import live_alike
from tracking.requests.choices import Action, DeliveryState, State
from tracking.requests.evidence.content_hash import content_hash
from tracking.requests.evidence.replay import Replay, replay_of
from tracking.requests.models import Approval, Change, Delivery, Request
from tracking.requests.pages.presenters.available_actions import Offers, offers_of
from tracking.requests.pages.presenters.change_presenter import ChangeReading
from tracking.requests.pages.presenters.delivery_presenter import DeliveryReading, Sending, sendings
from tracking.requests.pages.presenters.request_timeline import Moment, moments
from tracking.requests.pages.presenters.status_messages import told
from tracking.requests.pages.presenters.stepper import stepper
from tracking.requests.workflow.steps.step_permissions import may_edit

CHANGES_A_PAGE = 10
EDITABLE = (State.DRAFT, State.REQUESTED, State.DECLINED, State.WITHDRAWN)
MOVING = (DeliveryState.REVIEWED, DeliveryState.DEVELOPED, DeliveryState.TESTED)


@dataclass(frozen=True, slots=True)
class ApprovalReading:
    """An approval, and whether the request was edited since."""

    approval: Approval
    is_stale: bool


@dataclass
class RequestReading:
    """Everything on a request's page, worked out once, when it is asked for.

    A large import has hundreds of changes, so a page of them (`changes_page`) is read at a time, and the steps offered
    are those of the request and of the deliveries on that page.
    """

    request: Request
    user: User
    page: Page[Change]
    host: str
    chosen: int | None = None  # the delivery whose step comes first
    changes: list[ChangeReading] = field(default_factory=list)

    @classmethod
    def of(cls, request: Request, user: User, *, number: str | None, host: str, chosen: int | None = None) -> Self:
        """Return the reading of a request with its page data.

        `number` is the page of changes that is asked for: where none is, the one with the chosen delivery.
        """
        rows = list(request.changes.all())
        for change in rows:
            change.request = request
            for delivery in change.deliveries.all():
                delivery.change = change
        page = Paginator(rows, CHANGES_A_PAGE).get_page(number or _page_with(rows, chosen))
        changes = [ChangeReading(change) for change in page.object_list]
        if request.state == State.REQUESTED:
            _add_alike(changes)
        return cls(request, user, page, host, chosen, changes)

    @cached_property
    def deliveries(self) -> list[DeliveryReading]:
        return [DeliveryReading(delivery) for reading in self.changes for delivery in reading.deliveries]

    @cached_property
    def offers(self) -> Offers:
        return offers_of(self.request, [reading.delivery for reading in self.deliveries], self.user, chosen=self.chosen)

    @cached_property
    def stages(self) -> list[dict[str, str]]:
        """The steps of the stepper part."""
        return [
            {
                "label": stage.label,
                "state": "done" if stage.is_done else "current" if stage.is_current else "todo",
                "note": f"{stage.reached} of {stage.of} deliveries" if stage.of > 1 and stage.reached else "",
            }
            for stage in stepper(self.request).stages
        ]

    @property
    def told(self) -> str:
        """Where it stands and what comes next, in a sentence."""
        return told(self.request)

    @cached_property
    def may_edit(self) -> bool:
        return self.request.state == State.DRAFT and bool(may_edit(self.request, self.user))

    @property
    def may_look(self) -> bool:
        """Whether they may look at samples."""
        return bool(can(self.user, Capability.SAMPLES_VIEW))

    @cached_property
    def replay(self) -> Replay | None:
        """What a breaking change would do; None where nothing breaks, or where it has been decided."""
        return replay_of(self.request) if self.request.state == State.REQUESTED else None

    @cached_property
    def approvals(self) -> list[ApprovalReading]:
        rows = list(self.request.approvals.select_related("person"))
        if not rows:
            return []
        is_fixed = self.request.state not in EDITABLE  # then the newest approval is of what it says now
        current = bytes(rows[0].content_hash) if is_fixed else content_hash(self.request)
        return [ApprovalReading(row, bytes(row.content_hash) != current) for row in rows]

    @cached_property
    def sendings(self) -> list[Sending]:
        """How to send each event that is still to be built or seen: what the main step is about comes first."""
        main = self.offers.main.delivery if self.offers.main else None
        rows = sorted((reading.delivery for reading in self.deliveries), key=lambda row: row != main)
        return sendings(rows, by=self.user, host=self.host)

    @cached_property
    def history(self) -> tuple[list[Moment], bool]:
        return moments(self.request)

    @property
    def is_moving(self) -> bool:
        """Whether something can move by itself, so that the page renews."""
        return any(delivery.state in MOVING for delivery in self._all_deliveries())

    @property
    def waits_for_system(self) -> list[Delivery]:
        """The deliveries that production has to prove."""
        return [reading.delivery for reading in self.deliveries if reading.is_being_proven]

    @cached_property
    def stand(self) -> str:
        """A short text that differs as soon as anything has moved: steps are drawn anew only then."""
        parts: list[Any] = [self.request.pk, self.request.state, self.request.revision]
        parts += [(row.pk, row.state, row.round) for row in self._all_deliveries()]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def _all_deliveries(self) -> list[Delivery]:
        return [row for change in self.request.changes.all() for row in change.deliveries.all()]


def _add_alike(changes: list[ChangeReading]) -> None:
    """Name to the reviewer what lives already under nearly the name of a new event."""
    creating = [reading for reading in changes if reading.change.action == Action.CREATE]
    alike = live_alike({reading.change.name for reading in creating}) if creating else {}
    for reading in creating:
        reading.alike = alike.get(reading.change.name, [])


def _page_with(rows: list[Change], chosen: int | None) -> int:
    """Return the number of the page of changes that holds a delivery; the first where none does."""
    found = (at for at, change in enumerate(rows) if any(row.pk == chosen for row in change.deliveries.all()))
    return next(found, 0) // CHANGES_A_PAGE + 1
