"""Write keys are created, rotated, revoked, and looked up for everything that arrives."""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.models import Source, WriteKey

KEY_PREFIX = "wk_"
ROTATION_OVERLAP = timedelta(hours=24)
CACHE_SECONDS = 2.0
MAX_CACHE_ENTRIES = 4096
MAX_KEY_LENGTH = 64


@transaction.atomic
def create_key(source: Source, environment: Environment | str, *, by: User, at: datetime | None = None) -> WriteKey:
    """Create the write key of a source in an environment that has none.

    Raises Forbidden where `by` may neither manage the source nor its keys, and UnmetConditionsError where
    the environment has a key already: that one is rotated.
    """
    require(by, Capability.SOURCE_MANAGE, on=source)
    _lock_source(source)
    if current_key(source, environment) is not None:
        label = Environment(environment).label
        raise UnmetConditionsError(
            [UnmetCondition("key_exists", f"{source} has a key for {label} already. Rotate that one.")]
        )
    return _create_key(source, environment, by=by, at=at or timezone.now(), action="key created")


@transaction.atomic
def rotate_key(
    source: Source,
    environment: Environment | str,
    *,
    by: User,
    overlap: timedelta = ROTATION_OVERLAP,
    expected_key: WriteKey | None = None,
    at: datetime | None = None,
) -> WriteKey:
    """Give an environment a new key; the one it had works on for `overlap`.

    `expected_key` is the key that the person saw: where somebody else has rotated or revoked it meanwhile,
    UnmetConditionsError says so. Raises Forbidden where `by` may not rotate the source's keys.
    """
    require(by, Capability.KEY_ROTATE, on=source)
    _lock_source(source)
    moment = at or timezone.now()
    current = current_key(source, environment)
    if expected_key is not None and (current is None or current.pk != expected_key.pk):
        raise UnmetConditionsError(
            [UnmetCondition("key_moved", "Somebody else has replaced this key. Reload to see the new one.")]
        )
    replaced = WriteKey.objects.filter(source=source, environment=environment, revoked_at=None, retires_at=None)
    for key in replaced:
        WriteKey.objects.filter(pk=key.pk).update(retires_at=moment + overlap)
        transaction.on_commit(partial(write_key_cache.invalidate, key.key))
    return _create_key(source, environment, by=by, at=moment, action="key rotated")


@transaction.atomic
def revoke_key(key: WriteKey, *, by: User, at: datetime | None = None) -> None:
    """End a key at once: within two seconds no process takes it any more. Again: changes nothing.

    Raises Forbidden where `by` may not rotate or revoke the source's keys.
    """
    require(by, Capability.KEY_ROTATE, on=key.source)
    moment = at or timezone.now()
    if not WriteKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=moment):
        return
    key.revoked_at = moment
    transaction.on_commit(partial(write_key_cache.invalidate, key.key))
    _record_key(key, "key revoked", by=by, at=moment)


def current_key(source: Source, environment: Environment | str) -> WriteKey | None:
    """Return the key that an environment's apps should use: neither revoked nor on its way out."""
    return current_keys([source.pk], environment).get(source.pk)


def current_keys(source_ids: Iterable[int], environment: Environment | str) -> dict[int, WriteKey]:
    """Return the current key of each source by its id, in one query; a source that has none is left out."""
    usable = WriteKey.objects.filter(
        source__in=source_ids, environment=environment, revoked_at=None, retires_at=None
    ).order_by("created_at", "pk")
    return {key.source_id: key for key in usable}


def find_active_key(text: str) -> WriteKey | None:
    """Return the key, with its source, where it may be used now; None for an unknown, retired or revoked one.

    Answers come from a cache of this process and are at most two seconds old.
    """
    return write_key_cache.get(text)


def find_cached_key(text: str) -> WriteKey | None:
    """Return the key where this process knows without asking the database that it may be used now, else None."""
    return write_key_cache.peek(text)


def forget_key(text: str) -> None:
    """Ask the database anew when this process is next asked for a key, and whose it was is known no longer."""
    write_key_cache.invalidate(text)


def find_key_source_id(text: str) -> int | None:
    """Return the source of a key that was looked up in this process lately, in use or not; None for any other text.

    Asks no database.
    """
    entry = write_key_cache.entries.get(text)
    return entry[1].source_id if entry is not None and entry[1] is not None else None


def update_keys_last_seen(key_ids: Iterable[int], *, at: datetime) -> None:
    """Note on keys that they were used. A minute's precision is enough, so most calls write nothing."""
    stale = Q(last_seen_at=None) | Q(last_seen_at__lt=at - timedelta(minutes=1))
    WriteKey.objects.filter(stale, pk__in=sorted(set(key_ids))).update(last_seen_at=at)


@dataclass(slots=True)
class WriteKeyCache:
    """Keys that this process looked up recently, by their text; None for a text that is no key.

    Made for many threads: single reads and writes of a dictionary are whole, and a lost race costs one query.
    """

    entries: dict[str, tuple[float, WriteKey | None]] = field(default_factory=dict)

    def get(self, text: str) -> WriteKey | None:
        if not 0 < len(text) <= MAX_KEY_LENGTH or not (text.isascii() and text.isprintable()):
            return None
        now = time.monotonic()
        entry = self.entries.get(text)
        if entry is None or entry[0] <= now:
            entry = (now + CACHE_SECONDS, self._load(text))
            # Anybody may send any number of texts, so the cache is emptied at its limit.
            if len(self.entries) >= MAX_CACHE_ENTRIES:
                self.entries.clear()
            self.entries[text] = entry
        return _usable(entry[1])

    def peek(self, text: str) -> WriteKey | None:
        """Return a usable key that was looked up within the last seconds, else None. Asks no database."""
        entry = self.entries.get(text)
        return _usable(entry[1]) if entry is not None and entry[0] > time.monotonic() else None

    def invalidate(self, text: str) -> None:
        self.entries.pop(text, None)

    @staticmethod
    def _load(text: str) -> WriteKey | None:
        return WriteKey.objects.select_related("source").filter(key=text).first()


write_key_cache = WriteKeyCache()


def _usable(key: WriteKey | None) -> WriteKey | None:
    if key is None or key.revoked_at is not None:
        return None
    return key if key.retires_at is None or key.retires_at > timezone.now() else None


def _lock_source(source: Source) -> None:
    """Lock the source's row, so that two people who change its keys do so one after the other."""
    Source.objects.select_for_update().get(pk=source.pk)


def _create_key(source: Source, environment: Environment | str, *, by: User, at: datetime, action: str) -> WriteKey:
    key = WriteKey.objects.create(
        source=source,
        environment=Environment(environment),
        key=KEY_PREFIX + secrets.token_urlsafe(24),
        created_at=at,
        created_by=by,
    )
    transaction.on_commit(partial(write_key_cache.invalidate, key.key))
    _record_key(key, action, by=by, at=at)
    return key


def _record_key(key: WriteKey, action: str, *, by: User, at: datetime) -> None:
    record(
        by=by,
        subject_type="source",
        subject_id=key.source_id,
        action=action,
        evidence={"environment": key.environment, "key_id": key.pk},
        at=at,
    )
