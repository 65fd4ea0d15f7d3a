"""What every table holds of subjects, and what becomes of it. A test fails for a model that is not declared here.

A subject is a user or device of the apps that send events. Accounts of colleagues are none: they are deactivated and
never deleted, since history rests on them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from erasure.places.evidence_hashes import erase_evidence_ids
from erasure.places.finding_samples import erase_from_findings
from erasure.places.pinned_events import erase_pinned_events
from erasure.places.raw_bodies import erase_quarantined_bodies, erase_waiting_bodies
from erasure.places.samples import erase_samples
from erasure.subject import Subject

Eraser = Callable[[Subject], Counter[str]]
"""Erases a subject in one place, and returns what it erased, counted in words for people."""


@dataclass(frozen=True, slots=True)
class ErasedBy:
    """Its rows may hold a subject's data, and this erases it."""

    eraser: Eraser


@dataclass(frozen=True, slots=True)
class HoldsNone:
    """No row says anything of a subject."""

    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A row may say something of a subject, and stays."""

    why: str


Declaration = ErasedBy | HoldsNone | Kept

_ACCOUNTS = HoldsNone("it is about colleagues and what they may do")
_SET_UP = HoldsNone("it is how this installation is set up")
_COUNTS = HoldsNone("it counts events, of nobody in particular")
_DISTINCT_COUNTS = HoldsNone("it counts events, values that definitions list, and people by sketches of keyed hashes")
_WRITTEN = Kept("colleagues wrote it; where it holds an id the receipt says so, and they take it out")
_REFERENCES = HoldsNone("it joins two rows")
_EVENT_IDS = Kept(
    "a keyed hash of an event's own id and of its content, by which nobody's events are found; two days old at most"
)

DECLARATIONS: dict[str, Declaration] = {
    # What is in clear comes first: from it the other spellings of an id are learned.
    "traffic.InboxBatch": ErasedBy(erase_waiting_bodies),
    "traffic.QuarantinedBatch": ErasedBy(erase_quarantined_bodies),
    "traffic.Sample": ErasedBy(erase_samples),
    "quality.Finding": ErasedBy(erase_from_findings),
    "requests.EvidenceId": ErasedBy(erase_evidence_ids),
    "requests.EvidenceDevice": ErasedBy(erase_evidence_ids),
    "requests.PinnedEvent": ErasedBy(erase_pinned_events),
    "requests.Verification": ErasedBy(erase_pinned_events),
    "accounts.HistoryEntry": ErasedBy(erase_pinned_events),
    **dict.fromkeys(("traffic.DedupKey", "traffic.EarlierDedupKey"), _EVENT_IDS),
    "traffic.DedupRotation": HoldsNone("it is when ids of events were forgotten"),
    "traffic.HourlyDistinctValue": HoldsNone("a hash of a name or app version, whose labels hold no personal data"),
    "traffic.SeenName": Kept(
        "the name of an event, without the personal data in it; where it holds an id all the same, the receipt says "
        "so, and a name that nobody defined goes after some days"
    ),
    "traffic.RollupDelta": _COUNTS,
    "profiling.DailyProfile": _DISTINCT_COUNTS,
    "profiling.ProfileDelta": _DISTINCT_COUNTS,
    "traffic.Rollup": _COUNTS,
    "traffic.TrafficCount": _COUNTS,
    "traffic.RefusedRequest": HoldsNone("it counts requests by how their key began; nothing of a body"),
    "traffic.ThrottledKey": HoldsNone("it is about a write key"),
    "traffic.RateUse": HoldsNone("it counts what a key or source sent"),
    "traffic.WaitingWakeUp": HoldsNone("it is the time of a message"),
    "traffic.WorkerBeat": HoldsNone("it is a worker's sign of life"),
    "requests.Evidence": _COUNTS,
    "requests.EvidenceProperty": _COUNTS,
    "requests.Request": _WRITTEN,
    "requests.Change": _WRITTEN,
    "requests.Change_sources": _REFERENCES,
    "requests.Approval": _WRITTEN,
    "requests.Delivery": HoldsNone("it is where a change stands on a source"),
    "catalog.Binding": HoldsNone("it is which version holds from when on"),
    "catalog.CompanyPolicy": _SET_UP,
    "catalog.Version": _WRITTEN,
    "catalog.VersionProperty": _WRITTEN,
    "catalog.VersionSource": _REFERENCES,
    "catalog.Event": _WRITTEN,
    "catalog.Event_tags": _REFERENCES,
    "catalog.EventName": _WRITTEN,
    "catalog.EventValue": _REFERENCES,
    "catalog.ListedValue": _WRITTEN,
    "catalog.Ownership": _ACCOUNTS,
    "catalog.ImportRun": _WRITTEN,
    "catalog.ImportRun_sources": _REFERENCES,
    "catalog.ImportEntry": _WRITTEN,
    "catalog.Property": _WRITTEN,
    "catalog.SensitiveExemption": _WRITTEN,
    "catalog.Source": _WRITTEN,
    "catalog.WriteKey": _SET_UP,
    "catalog.Deploy": HoldsNone("it is when an app version began to run"),
    "catalog.Category": _WRITTEN,
    "catalog.Tag": _WRITTEN,
    "accounts.ApiToken": _ACCOUNTS,
    "accounts.AuditEntry": _ACCOUNTS,
    "accounts.Session": _ACCOUNTS,
    "accounts.SignInAttempt": _ACCOUNTS,
    "accounts.Team": _ACCOUNTS,
    "accounts.Membership": _ACCOUNTS,
    "accounts.User": _ACCOUNTS,
    "account.EmailAddress": _ACCOUNTS,
    "account.EmailConfirmation": _ACCOUNTS,
    "admin.LogEntry": _ACCOUNTS,
    "auth.Group": _ACCOUNTS,
    "auth.Group_permissions": _REFERENCES,
    "auth.Permission": _SET_UP,
    "contenttypes.ContentType": _SET_UP,
    "sessions.Session": _ACCOUNTS,
}
"""By model, which table holds what."""

TABLES_WITHOUT_MODEL: dict[str, Declaration] = {
    "cache_entry": _ACCOUNTS,  # how often somebody has tried to sign in
    "django_migrations": _SET_UP,
}


def erasers() -> tuple[Eraser, ...]:
    """Return each eraser once, in the order of the table."""
    found = (each.eraser for each in DECLARATIONS.values() if isinstance(each, ErasedBy))
    return tuple(dict.fromkeys(found))
