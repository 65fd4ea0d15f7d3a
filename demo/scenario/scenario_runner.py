"""The requests' story told through the ordinary services, step by step, as if it had just happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import User
from catalog.models import Event, Source
from demo.dictionary import LIBRARY, Document
from demo.dictionary.dictionary_entries import SOURCE_OF
from demo.scenario.scenario_entries import Act, RequestEntry
from demo.seeding.company_setup import Company
from demo.seeding.demo_baseline import place
from demo.traffic import Sent, trial
from tracking.requests.authoring.draft_editing import RequestFields, add_change, create_request
from tracking.requests.choices import Action, DeliveryState, State
from tracking.requests.evidence.replay import replay_of
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.transition_service import move_delivery, move_request

Send = Callable[[list[Sent]], object]

STATES = {
    "submit": State.REQUESTED,
    "approve": State.REVIEWED,
    "publish": State.LIVE,
    "redraft": State.DRAFT,
    "decline": State.DECLINED,
    "withdraw": State.WITHDRAWN,
    "develop": DeliveryState.DEVELOPED,
    "verify": DeliveryState.TESTED,
    "send_back": DeliveryState.REVIEWED,
}
OF_DELIVERIES = ("develop", "verify", "send_back")


@dataclass(slots=True)
class Telling:
    """One request on its way. `send` lets events arrive and be checked."""

    entry: RequestEntry
    company: Company
    send: Send
    request: Request | None = None

    def draft(self) -> None:
        """Write the draft with its one change."""
        entry, at = self.entry, self.company.ago(self.entry.drafted)
        author = self.company.people[entry.author]
        self.request = create_request(by=author, at=at, is_sample=True, **self._fields())
        add_change(self.request, action=entry.action, by=author, at=at, **self._change())

    def perform(self, act: Act) -> None:
        """Do what the act says. Raises what the services raise: a story that cannot have happened is a mistake."""
        if act.do == "try":
            self._try(act)
        elif act.do in OF_DELIVERIES:
            self._move_delivery(act)
        else:
            self._move_request(act)

    def _fields(self) -> RequestFields:
        entry, today = self.entry, self.company.now.date()
        review_by = today + timedelta(days=entry.review_in_days) if entry.review_in_days else None
        team = self.company.teams[entry.event.team] if entry.event is not None else self._about().owner_team
        return {
            "title": entry.title,
            "question": entry.question,
            "decision": entry.decision,
            "metric": entry.metric,
            "message": entry.message,
            "reason": entry.reason,
            "priority": entry.priority,
            "expected_per_day": entry.expected_per_day,
            "review_by": review_by,
            "team": team,
        }

    def _change(self) -> dict[str, Any]:
        entry = self.entry
        if entry.event is not None:
            return {"definition": entry.event.document(LIBRARY), "sources": self._sources(entry.event.on)}
        event = self._about()
        fields: dict[str, Any] = {"event": event, "sources": self._sources(entry.on)}
        if entry.edit is not None:
            assert event.newest_version is not None, "the baseline gave it one"
            fields["definition"] = entry.edit(event.newest_version.definition)
        if entry.action in (Action.DEPRECATE, Action.RETIRE):
            fields["successor"] = Event.objects.get(name=entry.successor) if entry.successor else None
            fields["has_no_successor"] = entry.has_no_successor
            fields["ends_on"] = self.company.now.date() + timedelta(days=entry.ends_in_days or 0)
        return fields

    def _about(self) -> Event:
        return Event.objects.select_related("newest_version", "owner_team").get(name=self.entry.about)

    def _sources(self, letters: str) -> list[Source]:
        return [self.company.sources[SOURCE_OF[letter]] for letter in letters]

    def _asked(self) -> Request:
        assert self.request is not None, "it was drafted"
        return Request.objects.get(pk=self.request.pk)

    def _the_change(self) -> Change:
        return self._asked().changes.select_related("event", "version").get()

    def _move_request(self, act: Act) -> None:
        request, by, at = self._asked(), self.company.people[act.by], self.company.ago(act.days_ago)
        replay = replay_of(request) if act.do == "approve" else None
        move_request(request, STATES[act.do], by=by, comment=act.comment, replay=replay.token if replay else "", at=at)
        if act.do == "approve" and self.entry.event is not None:
            self._place(by)

    def _place(self, by: User) -> None:
        event, entry = self._the_change().event, self.entry.event
        assert event is not None and entry is not None, "the approval created it"
        approved = next(act for act in self.entry.acts if act.do == "approve")
        place(event, entry, self.company, by=by, at=self.company.ago(approved.days_ago))

    def _move_delivery(self, act: Act) -> None:
        delivery = Delivery.objects.select_related("source", "change__request").get(
            change__request=self.request, source=self.company.sources[act.on]
        )
        move_delivery(
            delivery,
            STATES[act.do],
            by=self.company.people[act.by],
            comment=act.comment,
            app_version=act.app_version,
            at=self.company.ago(act.days_ago),
        )

    def _try(self, act: Act) -> None:
        document: Document = self._the_change().definition
        self.send(
            trial(
                document,
                act.on,
                at=self.company.ago(act.days_ago),
                count=act.count,
                app_version=act.app_version,
                broken=act.broken,
            )
        )
