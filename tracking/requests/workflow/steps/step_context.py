"""The context of a step: who wants to move what, with which inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import User
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.models import Change, Delivery, Request


@dataclass(frozen=True)
class StepContext:
    """One attempt to move a request or (where `delivery` is set) one of its deliveries.

    `ids` are the keyed hashes of the devices or people whose events QA chose; None means all of them.
    `sample` is the stored event that shows why it is sent back.
    `revision` is the edit of the request that the person read; None where they do not say.
    `replay` is the token of the replay that the person saw (`tracking.requests.evidence.replay`).
    `loaded_evidence` is what a list has read for all of its deliveries; left out, the delivery's own is read.
    `is_preview` where a page or list only asks whether the step could be taken: then guards use what was stored when
    the draft was last edited. Whoever takes the step has it all checked anew.
    """

    request: Request
    by: User
    at: datetime
    delivery: Delivery | None = None
    comment: str = ""
    app_version: str = ""
    ids: Sequence[int] | None = None
    replay: str = ""
    sample: int | None = None
    revision: int | None = None
    loaded_evidence: LoadedEvidence | None = None
    is_preview: bool = False

    @cached_property
    def changes(self) -> list[Change]:
        """The request's changes with their events, bases and sources."""
        return list(
            self.request.changes.select_related(
                "request__team", "event", "event__owner_team", "base", "version", "successor"
            )
            .prefetch_related("sources", "base__for_sources")
            .order_by("id")
        )

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """The deliveries of all changes."""
        return list(
            Delivery.objects.filter(change__request=self.request)
            .select_related("source", "change", "change__version")
            .order_by("id")
        )

    @cached_property
    def evidence(self) -> LoadedEvidence:
        """The stored evidence of the delivery that moves. Raises LookupError where a request moves."""
        return self.loaded_evidence or LoadedEvidence([self.target_delivery])

    @property
    def target_delivery(self) -> Delivery:
        """The delivery that moves. Raises LookupError where a request moves."""
        if self.delivery is None:
            raise LookupError("This step moves a request, not a delivery.")
        return self.delivery
