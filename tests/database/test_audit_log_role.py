"""The audit log is written once, only counts up, and goes by age, whatever the application's role asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.audit import expire_audit_entries, record_audit
from accounts.models import AuditEntry, AuditKind, HistoryEntry, User
from tests.database.role_session import REFUSED, WRITTEN_ONCE, Session
from tests.factories.accounts import UserFactory


@pytest.fixture
def audited(session: Session, committed: HistoryEntry) -> AuditEntry:
    """An entry of the audit log, of today."""
    record_audit(AuditKind.REFUSED, person=committed.actor, reason="No.")
    return AuditEntry.objects.get(reason="No.")


@pytest.mark.parametrize("flags", [(), ("signalbook.purge", "signalbook.testing_truncate")])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET reason = 'Nothing happened'",
        "UPDATE accounts_auditentry SET person_id = NULL, times = times + 1",
        "UPDATE accounts_auditentry SET times = 0",
        "UPDATE accounts_auditentry SET at = now() - interval '1 year'",
        "DELETE FROM accounts_auditentry",
    ],
)
def test_the_audit_log_is_written_once_and_only_counts_up(
    session: Session, audited: AuditEntry, flags: tuple[str, ...], statement: str
) -> None:
    for flag in flags:
        session.execute("SELECT set_config(%s, 'on', false)", [flag])
    with pytest.raises(WRITTEN_ONCE):
        session.execute(statement)
    session.execute("UPDATE accounts_auditentry SET times = times + 1")
    audited.refresh_from_db()
    assert (audited.times, audited.reason) == (2, "No.")


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE accounts_auditentry",
        "DROP TRIGGER audit_written_once ON accounts_auditentry",
        "ALTER TABLE accounts_auditentry DISABLE TRIGGER ALL",
        "DROP FUNCTION signalbook_count_up() CASCADE",
        "ALTER FUNCTION signalbook_expire_audit(timestamptz, bigint) SECURITY INVOKER",
        "SELECT signalbook_purge_rows('accounts_auditentry', '{1}', 1, 'x')",
        "SELECT signalbook_expire_audit(now(), 1)",
        "SELECT signalbook_expire_audit(now() - interval '6 days 23 hours', 1)",
        "SELECT signalbook_expire_audit(NULL, 1)",
    ],
)
def test_nobody_makes_the_audit_log_forget_what_is_new(session: Session, audited: AuditEntry, statement: str) -> None:
    with pytest.raises(REFUSED):
        session.execute(statement)
    assert AuditEntry.objects.filter(pk=audited.pk).exists()


def test_what_is_past_its_time_goes_and_history_says_so(
    session: Session, audited: AuditEntry, committed: HistoryEntry, settings: Any
) -> None:
    for days in (settings.AUDIT_RETENTION.days - 1, settings.AUDIT_RETENTION.days + 1, 400):
        record_audit(AuditKind.SIGN_OUT, person=committed.actor, at=timezone.now() - timedelta(days=days))
    assert expire_audit_entries() == 2
    assert {entry.kind for entry in AuditEntry.objects.exclude(pk=audited.pk)} == {"sign_out"}
    assert AuditEntry.objects.count() == 2
    written = HistoryEntry.objects.get(subject_type="purge", action="rows expired")
    assert written.actor == User.objects.system() and written.subject_id == "accounts_auditentry"
    assert written.evidence["rows"] == 2
    assert expire_audit_entries() == 0
    assert HistoryEntry.objects.filter(subject_type="purge").count() == 1, "what deletes nothing says nothing"


def test_days_go_whole(session: Session, audited: AuditEntry, committed: HistoryEntry, settings: Any) -> None:
    """So that a day has one line in history, and not one for each run of the task."""
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    midnight = noon.replace(hour=0) - settings.AUDIT_RETENTION
    for moment in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=11)):
        record_audit(AuditKind.SIGN_OUT, person=committed.actor, at=moment)
    assert expire_audit_entries(at=noon) == 1
    assert expire_audit_entries(at=noon + timedelta(hours=11)) == 0
    assert expire_audit_entries(at=noon + timedelta(hours=13)) == 2


def test_a_retention_below_a_week_is_none(settings: Any) -> None:
    assert timedelta(days=8) <= settings.AUDIT_RETENTION


def test_an_expiry_leaves_the_owner_as_guarded_as_before(owner_role: None) -> None:
    person = UserFactory.create()
    record_audit(AuditKind.SIGN_OUT, person=person, at=timezone.now() - timedelta(days=400))
    record_audit(AuditKind.SIGN_IN, person=person)
    assert expire_audit_entries() == 1
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_the_migration_of_the_audit_log_goes_back_and_forth(owner_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([("accounts", "0004_sign_in_attempts")])
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", "0005_sessions_and_audit_log")])
    record_audit(AuditKind.SIGN_IN, person=UserFactory.create())
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        AuditEntry.objects.all().delete()
