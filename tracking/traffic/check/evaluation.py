"""The events of one source and environment on their way through the check: verdicts, counts, what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from django.db import DatabaseError

from catalog.choices import Environment, Sensitivity
from catalog.contract import Event, Verdict, unchecked
from catalog.models import Source
from tracking.traffic.check.app_version_resolution import app_versions
from tracking.traffic.check.cardinality_limits import Entry
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent
from tracking.traffic.check.dedup import SeenKey, key_of, key_of_content
from tracking.traffic.check.error_location import place_of
from tracking.traffic.check.event_parsing import Opened
from tracking.traffic.check.event_validator import Judge, Judged, judge_for, second_verdicts
from tracking.traffic.check.sample_retention import newest
from tracking.traffic.check.seen_names import NONE_NAME, OTHER_NAME, Name, candidates, name_of
from tracking.traffic.choices import CapKind
from tracking.traffic.counts.deltas import Counting, CountKey, hour_of
from tracking.traffic.models import Sample
from tracking.traffic.privacy.declared_sensitivity import Declared, declared
from tracking.traffic.privacy.masking import NOTHING_SHOWN, Masked, mask, mask_judgement
from tracking.traffic.privacy.pseudonyms import person_hash

log = structlog.get_logger(__name__)

LATE = timedelta(days=1)
HIDDEN_WORDS = (Sensitivity.PERSONAL, Sensitivity.SECRET)
NOBODY = Event(call="")


@dataclass(slots=True)
class Judgeable:
    """One opened event with its verdict, while the set it came in is checked."""

    opened: Opened
    judged: Judged
    app_version: str
    key: SeenKey | None = None
    content_key: SeenKey | None = None
    is_repeat: bool = False
    is_possible_repeat: bool = False

    @property
    def is_unchecked(self) -> bool:
        return self.judged.judgement.verdict is Verdict.UNCHECKED

    @property
    def cap_entry(self) -> Entry | None:
        """What counts against the cap on names: names that nobody defined. Those of the catalog are few anyway."""
        if self.judged.event_id is not None or self.judged.name.text == NONE_NAME:
            return None
        batch = self.opened.batch
        return Entry(
            batch.source_id, batch.environment, hour_of(batch.received_at), CapKind.NAME, self.judged.name.digest
        )

    @property
    def version_entry(self) -> Entry | None:
        if not self.app_version:
            return None
        batch = self.opened.batch
        return _version_entry(batch.source_id, batch.environment, hour_of(batch.received_at), self.app_version)


@dataclass(slots=True)
class Group:
    """The events of one source and environment within a set."""

    source: Source
    environment: str
    judge: Judge
    events: list[Judgeable] = field(default_factory=list)

    @classmethod
    def judged(cls, source: Source, environment: str, opened: Sequence[Opened], events: Mapping[Name, int]) -> "Group":
        """Judge the events of a source. At most four queries, besides those for contracts seen for the first time."""
        group = cls(source, environment, judge_for(source, environment, opened, events))
        for one, app_version in zip(opened, app_versions(source, environment, opened), strict=True):
            group.events.append(Judgeable(one, group._verdict(one, app_version), app_version))
        return group

    def _verdict(self, one: Opened, app_version: str) -> Judged:
        if one.event is not None and not one.failure:
            try:
                return self.judge.judge(
                    one.event,
                    definition_version=one.definition_version,
                    app_version=app_version,
                    received_at=one.received_at,
                )
            except DatabaseError:
                raise  # the transaction is over, and no fault of this event
            except Exception as error:
                one.failure = place_of(error)
        name = candidates(one.event)[-1] if one.event is not None else name_of("track", NONE_NAME)
        return Judged(name, None, None, "", unchecked(one.event or NOBODY))

    def note_keys(self) -> None:
        """Give each event the key by which a repeat of it is known. What is sent again from quarantine has none."""
        for one in self.events:
            batch = one.opened.batch
            if batch.counted is not None or one.opened.event is None:
                continue
            one.key = key_of(self.source.pk, self.environment, one.opened.event.message_id)
            if one.key is None:
                one.content_key = key_of_content(self.source.pk, self.environment, one.opened.content)

    def cap(self, admitted: set[Entry]) -> None:
        """Count what passed a cap under `(other)`."""
        for one in self.events:
            if (entry := one.cap_entry) is not None and entry not in admitted:
                name = name_of(one.judged.name.call, OTHER_NAME)
                one.judged = Judged(name, None, None, "", one.judged.judgement)
            if (entry := one.version_entry) is not None and entry not in admitted:
                one.app_version = OTHER_NAME

    def count(self, counting: Counting, seen_names: Mapping[Name, int]) -> None:
        """Add the events to the counts."""
        for one in self.events:
            at = one.opened.received_at
            judgement = one.judged.judgement
            key = CountKey(
                hour_of(at),
                self.source.pk,
                self.environment,
                seen_names[one.judged.name],
                one.app_version,
                one.judged.version_id or 0,
                judgement.verdict.value,
            )
            if one.is_repeat:
                counting.add(key, at=at, repeats=1)
                continue
            counting.add(
                key,
                at=at,
                count=1,
                warned=judgement.verdict is Verdict.CONFORMING and bool(judgement.violations),
                possible_repeats=one.is_possible_repeat,
                late=is_late(one.opened.event, at),
            )

    def checked(self, seen_names: Mapping[Name, int]) -> tuple[CheckedBatch, list[Sample]]:
        """Return the events as recorders get them, and the samples to keep. What is unchecked is in neither.

        Masked are the events that are kept or break a rule: nobody may store the others. Of one that we fail to mask
        nothing is kept but its verdict.
        """
        sure = [one for one in self.events if not one.is_unchecked]
        kept = newest(
            [(seen_names[one.judged.name], one.judged.judgement.verdict.value) for one in sure], self.environment
        )
        events, samples = [], []
        for place, one in enumerate(sure):
            checked = self._checked(one, seen_names[one.judged.name], is_kept=place in kept)
            events.append(checked)
            if place in kept and checked.masked_event:
                samples.append(self._sample(checked, wire=one.opened.batch.wire))
        return CheckedBatch(self.source, self.environment, events, self.judge.holder), samples

    def _checked(self, one: Judgeable, seen_name_id: int, *, is_kept: bool) -> CheckedEvent:
        event = one.opened.event or NOBODY
        judged = one.judged
        judgement, masked = judged.judgement, Masked({}, ())
        if is_kept or judgement.violations:
            masked = self._masked(event, judged)
            judgement = mask_judgement(judgement, masked)
        return CheckedEvent(
            event=event,
            judgement=judgement,
            seen_name_id=seen_name_id,
            call=judged.name.call,
            name=judged.name.text,
            event_id=judged.event_id,
            version_id=judged.version_id,
            version_number=judged.number,
            app_version=one.app_version,
            received_at=one.opened.received_at,
            person_hash=person_of(event),
            is_repeat=one.is_repeat,
            masked_event=masked.event,
            masked_paths=masked.paths,
        )

    def _masked(self, event: Event, judged: Judged) -> Masked:
        is_production = self.environment == Environment.PRODUCTION
        try:
            known = self._declared(judged)
            return mask(event, is_production=is_production, declared=known.words, named=known.named)
        except DatabaseError:
            raise
        except Exception as error:
            log.error("an event could not be masked; it is not kept", error=place_of(error))
            return NOTHING_SHOWN

    def _declared(self, judged: Judged) -> Declared:
        """Return what is declared of the event's values; what any version on its way calls sensitive is."""
        found = declared(judged.version_id)
        if self.environment == Environment.PRODUCTION or judged.event_id is None:
            return found
        words, named = dict(found.words), found.named
        for version_id in self.judge.holder.open_versions(judged.event_id):
            coming = declared(version_id)
            words |= {path: word for path, word in coming.words.items() if word in HIDDEN_WORDS}
            named |= coming.named
        return Declared(words, named)

    def _sample(self, checked: CheckedEvent, *, wire: str) -> Sample:
        return Sample(
            source_id=self.source.pk,
            environment=self.environment,
            seen_name_id=checked.seen_name_id,
            version_id=checked.version_id,
            app_version=checked.app_version,
            received_at=checked.received_at,
            verdict=checked.judgement.verdict.value,
            wire=wire,
            violations=[violation.as_json() for violation in checked.judgement.violations],
            event=checked.masked_event,
            masked=list(checked.masked_paths),
            is_repeat=checked.is_repeat,
            second_verdicts=second_verdicts(checked, self.judge.holder, self.environment),
        )


@lru_cache(maxsize=10_000)
def _version_entry(source_id: int, environment: str, hour: datetime, app_version: str) -> Entry:
    return Entry(source_id, environment, hour, CapKind.APP_VERSION, name_of("", app_version).digest)


def person_of(event: Event) -> int | None:
    """Return the keyed hash of the user's id, else of the device's, else None."""
    user = person_hash(event.user_id)
    return user if user is not None else person_hash(event.anonymous_id)


def is_late(event: Event | None, received_at: datetime) -> bool:
    """Tell whether an event occurred over a day before it arrived.

    By the client's own clock where it says when it sent the event, since that clock may be wrong by years.
    """
    occurred = _time(event.occurred_at) if event is not None else None
    if occurred is None or event is None:
        return False
    return (_time(event.sent_at) or received_at) - occurred > LATE


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
