"""Plays the demo's requests through the ordinary services, step by step, with back-dated times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import User
from catalog.models import Event, Source
from demo.dictionary import LIBRARY, Document
from demo.dictionary.dictionary_entries import SOURCE_BY_LETTER
from demo.scenario.scenario_entries import RequestEntry, ScenarioAction
from demo.seeding.company_setup import Company
from demo.seeding.demo_baseline import classify_demo_event
from demo.traffic import GeneratedEvent, generate_test_events
from tracking.requests.authoring.draft_editing import RequestFields, add_change, create_request
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.evidence.replay import build_replay
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.transition_service import move_delivery, move_request

SendEvents = Callable[[list[GeneratedEvent]], object]

TARGET_STATE_BY_ACTION = {
    "submit": RequestState.REQUESTED,
    "approve": RequestState.REVIEWED,
    "publish": RequestState.LIVE,
    "redraft": RequestState.DRAFT,
    "decline": RequestState.DECLINED,
    "withdraw": RequestState.WITHDRAWN,
    "develop": DeliveryState.DEVELOPED,
    "verify": DeliveryState.TESTED,
    "send_back": DeliveryState.REVIEWED,
}
DELIVERY_ACTIONS = ("develop", "verify", "send_back")


@dataclass(slots=True)
class RequestScenario:
    """The run of one request. `send` lets events arrive and be checked."""

    entry: RequestEntry
    company: Company
    send: SendEvents
    request: Request | None = None

    def create_draft(self) -> None:
        """Write the draft with its one change."""
        entry, at = self.entry, self.company.ago(self.entry.drafted_days_ago)
        author = self.company.people[entry.author]
        self.request = create_request(by=author, at=at, is_sample=True, **self._request_fields())
        add_change(self.request, action=entry.action, by=author, at=at, **self._change_fields())

    def run_action(self, action: ScenarioAction) -> None:
        """Take one step. Raises what the services raise: a scenario that is not possible is an error."""
        if action.action == "try":
            self._send_test_events(action)
        elif action.action in DELIVERY_ACTIONS:
            self._move_delivery(action)
        else:
            self._move_request(action)

    def _request_fields(self) -> RequestFields:
        entry, today = self.entry, self.company.now.date()
        review_by = today + timedelta(days=entry.review_in_days) if entry.review_in_days else None
        team = self.company.teams[entry.event.team] if entry.event is not None else self._existing_event().owner_team
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

    def _change_fields(self) -> dict[str, Any]:
        entry = self.entry
        if entry.event is not None:
            return {"definition": entry.event.document(LIBRARY), "sources": self._sources(entry.event.source_letters)}
        event = self._existing_event()
        fields: dict[str, Any] = {"event": event, "sources": self._sources(entry.source_letters)}
        if entry.edit_definition is not None:
            assert event.newest_version is not None, "the baseline gave it one"
            fields["definition"] = entry.edit_definition(event.newest_version.definition)
        if entry.action in (ChangeAction.DEPRECATE, ChangeAction.RETIRE):
            fields["successor"] = Event.objects.get(name=entry.successor) if entry.successor else None
            fields["has_no_successor"] = entry.has_no_successor
            fields["ends_on"] = self.company.now.date() + timedelta(days=entry.ends_in_days or 0)
        return fields

    def _existing_event(self) -> Event:
        return Event.objects.select_related("newest_version", "owner_team").get(name=self.entry.existing_event)

    def _sources(self, letters: str) -> list[Source]:
        return [self.company.sources[SOURCE_BY_LETTER[letter]] for letter in letters]

    def _current_request(self) -> Request:
        assert self.request is not None, "it was drafted"
        return Request.objects.get(pk=self.request.pk)

    def _current_change(self) -> Change:
        return self._current_request().changes.select_related("event", "version").get()

    def _move_request(self, action: ScenarioAction) -> None:
        request, by, at = self._current_request(), self.company.people[action.by], self.company.ago(action.days_ago)
        replay = build_replay(request, reader=by) if action.action == "approve" else None
        move_request(
            request,
            TARGET_STATE_BY_ACTION[action.action],
            by=by,
            comment=action.comment,
            replay=replay.token if replay else "",
            at=at,
        )
        if action.action == "approve" and self.entry.event is not None:
            self._classify_created_event(by)

    def _classify_created_event(self, by: User) -> None:
        event, entry = self._current_change().event, self.entry.event
        assert event is not None and entry is not None, "the approval created it"
        approved = next(act for act in self.entry.actions if act.action == "approve")
        classify_demo_event(event, entry, self.company, by=by, at=self.company.ago(approved.days_ago))

    def _move_delivery(self, action: ScenarioAction) -> None:
        delivery = Delivery.objects.select_related("source", "change__request").get(
            change__request=self.request, source=self.company.sources[action.source]
        )
        move_delivery(
            delivery,
            TARGET_STATE_BY_ACTION[action.action],
            by=self.company.people[action.by],
            comment=action.comment,
            app_version=action.app_version,
            at=self.company.ago(action.days_ago),
        )

    def _send_test_events(self, action: ScenarioAction) -> None:
        document: Document = self._current_change().definition
        self.send(
            generate_test_events(
                document,
                action.source,
                at=self.company.ago(action.days_ago),
                count=action.count,
                app_version=action.app_version,
                invalid_properties=action.broken,
            )
        )
