"""A request as its page reads it: why, what changes, where each delivery stands, who approved, what is next."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Prefetch, QuerySet, Sum

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.library_warnings import LibraryWarning
from catalog.name_suggestions import similar_live_events
from pages.ui.timeline import TimelineEntry
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.evidence.replay import CHANGES_PER_REPLAY, Replay, build_page_replay
from tracking.requests.models import Approval, Change, Delivery, Request
from tracking.requests.pages.presenters.approval_presenter import (
    ApprovalPresenter,
    OpenApproval,
    approval_presenters,
    no_approvals_message,
    open_approval_presenters,
)
from tracking.requests.pages.presenters.available_actions import AvailableActions, actions_for_request
from tracking.requests.pages.presenters.change_presenter import ChangePresenter
from tracking.requests.pages.presenters.delivery_presenter import (
    DeliveryPresenter,
    DeliverySnippets,
    delivery_snippets,
    present_deliveries,
)
from tracking.requests.pages.presenters.replay_presenter import ReplayedEvent, present_replay, sources_without_events
from tracking.requests.pages.presenters.request_timeline import timeline_entries
from tracking.requests.pages.presenters.status_messages import request_status_message
from tracking.requests.pages.presenters.stepper import build_stepper
from tracking.requests.workflow.draft_warnings import warnings_of_changes
from tracking.requests.workflow.steps.step_permissions import may_edit

CHANGES_PER_PAGE = CHANGES_PER_REPLAY  # a page replays what it shows
UNDECIDED_STATES = (RequestState.DRAFT, RequestState.REQUESTED)
WARNINGS_SHOWN = 10
UNATTENDED_DELIVERY_STATES = (DeliveryState.REVIEWED, DeliveryState.DEVELOPED, DeliveryState.TESTED)


@dataclass
class RequestPresenter:
    """Everything on a request's page; each part is computed once, on first use.

    A large import has hundreds of changes, so a page of them (`page`) is read at a time, and the steps offered are
    those of the request and of the deliveries on that page. Of all others the database counts what is shown.
    """

    request: Request
    user: User
    page: Page[Change]
    host: str
    chosen: int | None = None  # the delivery whose step comes first
    changes: list[ChangePresenter] = field(default_factory=list)

    @classmethod
    def build(cls, request: Request, user: User, *, number: str | None, host: str, chosen: int | None = None) -> Self:
        """Return the presenter of a request that has its people at hand (`RequestQuerySet.with_people`).

        `number` is the page of changes that is asked for: where none is, the one with the chosen delivery.
        """
        rows = _changes_with_page_data(request)
        page = Paginator(rows, CHANGES_PER_PAGE).get_page(number or _page_number_of_delivery(request, chosen))
        page.object_list = list(page.object_list)
        for change in page.object_list:
            change.request = request
            for delivery in change.deliveries.all():
                delivery.change = change
        warnings = warnings_of_changes(page.object_list)
        changes = [ChangePresenter(change, warnings=warnings.get(change.pk, [])) for change in page.object_list]
        if request.state == RequestState.REQUESTED:
            _add_similar_events(changes)
        return cls(request, user, page, host, chosen, changes)

    @cached_property
    def evidence(self) -> LoadedEvidence:
        """The stored evidence of all deliveries on the page."""
        return LoadedEvidence(self._page_deliveries())

    @cached_property
    def deliveries(self) -> list[DeliveryPresenter]:
        return present_deliveries(self._page_deliveries(), self.evidence)

    @cached_property
    def available_actions(self) -> AvailableActions:
        return actions_for_request(
            self.request,
            self._page_deliveries(),
            self.user,
            focused_delivery=self.chosen,
            evidence=self.evidence,
        )

    @cached_property
    def stages(self) -> list[dict[str, str]]:
        """The steps of the stepper part."""
        return build_stepper(self.request, self._delivery_counts).as_template_items()

    @property
    def status_message(self) -> str:
        """Where it stands and what comes next, in a sentence."""
        return request_status_message(self.request)

    @property
    def warnings_before_approval(self) -> list[tuple[Change, LibraryWarning]]:
        """What whoever approves should look at first, of the changes on this page."""
        if self.request.state != RequestState.REQUESTED:
            return []
        return [(each.change, warning) for each in self.changes for warning in each.warnings][:WARNINGS_SHOWN]

    @cached_property
    def can_edit(self) -> bool:
        return self.request.state == RequestState.DRAFT and bool(may_edit(self.request, self.user))

    @property
    def can_view_samples(self) -> bool:
        """Whether they may look at samples."""
        return bool(can(self.user, Capability.SAMPLES_VIEW, on=self.request))

    @cached_property
    def replay(self) -> Replay | None:
        """What the changes on the page would do to events that came; None once it has been decided."""
        if self.request.state not in UNDECIDED_STATES:
            return None
        shown = [presenter.change for presenter in self.changes]
        return build_page_replay(self.request, shown, reader=self.user)

    @cached_property
    def replayed_events(self) -> list[ReplayedEvent]:
        """The replay in words, by event and source."""
        if self.replay is None:
            return []
        updates = {presenter.change.pk for presenter in self.changes if presenter.change.base is not None}
        return present_replay(self.replay, updates, self._source_names)

    @cached_property
    def sources_without_events(self) -> list[str]:
        """Where nothing can be replayed, in sentences."""
        return [] if self.replay is None else sources_without_events(self.replay, self._source_names)

    @cached_property
    def _source_names(self) -> dict[str, str]:
        return {source.slug: str(source) for presenter in self.changes for source in presenter.change.sources.all()}

    @cached_property
    def breaking_page(self) -> int | None:
        """The number of the first page with a breaking change; None where no change is breaking."""
        change_id = self.request.changes.filter(is_breaking=True).order_by("id").values_list("pk", flat=True).first()
        return None if change_id is None else page_number_of_change(self.request, change_id)

    @cached_property
    def _approvals(self) -> list[Approval]:
        return list(self.request.approvals.select_related("person", "team"))

    @cached_property
    def approvals(self) -> list[ApprovalPresenter]:
        """Every approval, newest first, with whether it still counts."""
        return approval_presenters(self.request, self._approvals)

    @cached_property
    def open_approvals(self) -> list[OpenApproval]:
        """What must still be approved, and who can do that; empty where it is not in review."""
        return open_approval_presenters(self.request, self._approvals)

    @property
    def no_approvals_message(self) -> str:
        """What stands in place of approvals where there are none."""
        return no_approvals_message(self.request)

    @cached_property
    def delivery_snippets(self) -> list[DeliverySnippets]:
        """How to send each event that is still to be built or seen: what the main step is about comes first."""
        main = self.available_actions.main.delivery if self.available_actions.main else None
        rows = sorted((each.delivery for each in self.deliveries), key=lambda row: row != main)
        return delivery_snippets(rows, by=self.user, host=self.host)

    @property
    def sent_back(self) -> TimelineEntry | None:
        """The entry that sent a draft back to those who wrote it; None where they took it back, or never submitted."""
        if self.request.state != RequestState.DRAFT:
            return None
        newest = next((entry for entry in self.history[0] if entry.to_state), None)
        if newest is None or newest.actor in (self.request.author, self.request.owner):
            return None
        return newest

    @cached_property
    def history(self) -> tuple[list[TimelineEntry], bool]:
        return timeline_entries(self.request)

    @property
    def needs_refresh(self) -> bool:
        """Whether something can move by itself, so that the page renews."""
        return any(state in UNATTENDED_DELIVERY_STATES for state in self._delivery_counts)

    @property
    def deliveries_in_proof(self) -> list[Delivery]:
        """The deliveries that production has to prove."""
        return [each.delivery for each in self.deliveries if each.is_being_proven]

    @cached_property
    def etag(self) -> str:
        """A short text that differs as soon as anything has moved: steps are drawn anew only then."""
        deliveries = Delivery.objects.filter(change__request=self.request)
        moved = deliveries.aggregate(count=Count("pk"), rounds=Sum("round"), last=Max("updated_at"))
        approved = self.request.approvals.aggregate(count=Count("pk"), last=Max("created_at"))
        parts = (self.request.pk, self.request.state, self.request.revision, sorted(self._delivery_counts.items()))
        return hashlib.sha256(repr((*parts, *moved.values(), *approved.values())).encode()).hexdigest()[:16]

    @property
    def refresh_query(self) -> str:
        """The query string with which the page asks for what moved, keeping the page of changes and the delivery."""
        chosen = {"delivery": self.chosen} if self.chosen else {}
        return urlencode({"etag": self.etag, "page": self.page.number} | chosen)

    @cached_property
    def _delivery_counts(self) -> dict[str, int]:
        """How many deliveries of the request stand in each state, those on other pages included."""
        return Delivery.objects.filter(change__request=self.request).state_counts()

    def _page_deliveries(self) -> list[Delivery]:
        return [delivery for presenter in self.changes for delivery in presenter.deliveries]


def _changes_with_page_data(request: Request) -> QuerySet[Change]:
    """The changes of a request in their order, with what a page shows of each and of its deliveries."""
    deliveries = Delivery.objects.all().select_related("source__owner_team", "developed_by", "tested_by")
    rows = request.changes.select_related("event__owner_team", "base", "version__parent", "successor")
    return rows.prefetch_related("sources", Prefetch("deliveries", queryset=deliveries)).order_by("id")


def _add_similar_events(changes: list[ChangePresenter]) -> None:
    """Name to the reviewer what lives already under nearly the name of a new event."""
    creations = [presenter for presenter in changes if presenter.change.action == ChangeAction.CREATE]
    similar_by_name = similar_live_events({presenter.change.name for presenter in creations}) if creations else {}
    for presenter in creations:
        presenter.similar_events = similar_by_name.get(presenter.change.name, [])


def _page_number_of_delivery(request: Request, focused_delivery: int | None) -> int:
    """Return the number of the page of changes that holds a delivery; the first where none does."""
    if focused_delivery is None:
        return 1
    change_id = request.changes.filter(deliveries=focused_delivery).values_list("pk", flat=True).first()
    return 1 if change_id is None else page_number_of_change(request, change_id)


def page_number_of_change(request: Request, change_id: int) -> int:
    """Return the number of the page on which a change of a request stands."""
    return request.changes.filter(pk__lt=change_id).count() // CHANGES_PER_PAGE + 1
