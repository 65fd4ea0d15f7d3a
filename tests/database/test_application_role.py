"""The application's database role reads and writes rows, and changes neither tables nor what is written once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from accounts.history import OwnerRoleRequired, allow_purge, purge_rows, record
from accounts.history.purge import ROWS_OF_ONE_ENTRY
from accounts.models import HistoryEntry, User
from catalog.models import Event, Version, VersionProperty, VersionSource
from database.application_role import grant_application_role
from database.role_checks import check_named_roles, check_powers
from tests.application_role import become_owner
from tests.database.role_session import REFUSED, WRITTEN_ONCE, Session
from tests.factories.accounts import UserFactory
from tests.factories.catalog import EventFactory

PROTECTED = (
    "accounts_historyentry",
    "catalog_version",
    "catalog_versionproperty",
    "requests_verification",
    "requests_pinnedevent",
)


def test_tests_run_as_the_application(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("signalbook_app",)
    assert check_powers(None, databases=["default"]) == [] == check_named_roles(None)


@pytest.mark.parametrize("table", PROTECTED)
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE {} CASCADE",
        "ALTER TABLE {} ADD COLUMN more int",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "ALTER TABLE {} DISABLE TRIGGER written_once",
        "DROP TRIGGER written_once ON {}",
        "TRUNCATE {} CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION signalbook_refuse_change()",
        "ALTER TABLE {} OWNER TO CURRENT_USER",
        "CREATE RULE mine AS ON DELETE TO {} DO INSTEAD NOTHING",
        "CREATE INDEX ON {} (id)",
    ],
)
def test_it_changes_no_table(session: Session, table: str, statement: str) -> None:
    with pytest.raises(REFUSED):
        session.execute(sql.SQL(statement).format(sql.Identifier(table)))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE pg_class (oid oid, relowner oid)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION pg_get_userbyid(oid) RETURNS name LANGUAGE sql AS 'SELECT current_user'",
        "CREATE OR REPLACE FUNCTION signalbook_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        "DROP FUNCTION signalbook_refuse_change() CASCADE",
        "ALTER FUNCTION signalbook_purge_rows(regclass, bigint[], bigint, text) SECURITY INVOKER",
        "SET session_replication_role = replica",
        "CREATE ROLE mine",
        "DO $$ BEGIN EXECUTE format('SET ROLE %I', (SELECT tableowner FROM pg_tables"
        " WHERE tablename = 'accounts_historyentry')); END $$",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999', now())",
        "DELETE FROM django_migrations",
        "COPY accounts_historyentry TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/hostname')",
    ],
)
def test_it_creates_and_replaces_nothing(session: Session, statement: str) -> None:
    with pytest.raises(REFUSED):
        session.execute(statement)


@pytest.mark.parametrize("table", PROTECTED[:3])
@pytest.mark.parametrize("flags", [(), ("signalbook.purge", "signalbook.testing_truncate")])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_no_flag_opens_what_is_written_once(
    session: Session, table: str, flags: tuple[str, ...], statement: str
) -> None:
    for flag in flags:
        session.execute("SELECT set_config(%s, 'on', false)", [flag])
    with pytest.raises(WRITTEN_ONCE, match="rows are written once"):
        session.execute(sql.SQL(statement).format(sql.Identifier(table)))


def test_what_it_purges_is_in_history_for_good(session: Session, committed: HistoryEntry) -> None:
    session.execute("SET search_path = pg_temp, public")
    purge = "SELECT signalbook_purge_rows('public.accounts_historyentry', %s, %s, 'Nobody will know')"
    assert session.execute(purge, [[committed.pk], committed.actor_id]).fetchone() == (1,)
    written = HistoryEntry.objects.get(subject_type="purge")
    assert (written.subject_id, written.action) == ("accounts_historyentry", "rows purged")
    assert (written.actor, written.message) == (committed.actor, "Nobody will know")
    assert written.evidence == {"rows": 1, "ids": [committed.pk], "database_role": "signalbook_app"}
    assert session.execute(purge, [[written.pk], committed.actor_id]).fetchone() == (0,)
    assert HistoryEntry.objects.filter(pk=written.pk).exists()
    with pytest.raises(WRITTEN_ONCE):
        session.execute("DELETE FROM accounts_historyentry")


@pytest.mark.parametrize(
    "asked_for", ["[1001:1001]={{{id}}}", "{{-3,-2,-1,{id},{id},NULL}}", "[-5:-5][3:3]={{{{{id}}}}}"]
)
def test_an_entry_names_what_was_purged_and_not_what_was_asked_for(
    session: Session, committed: HistoryEntry, asked_for: str
) -> None:
    session.execute("SET quote_all_identifiers = on")
    removed = session.execute(
        "SELECT signalbook_purge_rows('accounts_historyentry', %s::bigint[], %s, 'routine')",
        [asked_for.format(id=committed.pk), committed.actor_id],
    )
    assert removed.fetchone() == (1,)
    written = HistoryEntry.objects.get(subject_type="purge")
    assert written.evidence == {"rows": 1, "ids": [committed.pk], "database_role": "signalbook_app"}
    assert written.subject_id == "accounts_historyentry"


@pytest.mark.parametrize("begin", [1, -2000])
def test_an_intruder_purges_no_more_than_an_entry_names(session: Session, committed: HistoryEntry, begin: int) -> None:
    asked_for = f"[{begin}:{begin + 1000}]={{{'-1,' * 1000}{committed.pk}}}"
    with pytest.raises(psycopg.errors.ProgramLimitExceeded, match="at most 1000 rows are purged at once, not 1001"):
        session.execute(
            "SELECT signalbook_purge_rows('accounts_historyentry', %s::bigint[], %s, 'x')",
            [asked_for, committed.actor_id],
        )
    assert HistoryEntry.objects.filter(pk=committed.pk).exists()


def test_the_ids_of_a_large_purge_stand_in_several_entries(db: None) -> None:
    system = User.objects.system()
    HistoryEntry.objects.bulk_create(
        HistoryEntry(actor=system, subject_type="event", subject_id="large", action="edited") for _ in range(2001)
    )
    rows = HistoryEntry.objects.filter(subject_id="large")
    ids = sorted(rows.values_list("pk", flat=True))
    assert purge_rows(rows, by=system, reason="x") == 2001
    entries = HistoryEntry.objects.filter(subject_type="purge").order_by("pk")
    assert [entry.evidence["rows"] for entry in entries] == [1000, 1000, 1]
    assert [pk for entry in entries for pk in entry.evidence["ids"]] == ids


def test_a_large_purge_is_one_where_its_rows_refer_to_each_other(committed: HistoryEntry) -> None:
    """An older version goes with the first portion, and what was built upon it with the next."""
    event = Event.objects.get()
    first = event.versions.get()
    Version.objects.bulk_create(
        Version(
            event=event,
            parent=first,
            major=9,
            minor=0,
            patch=patch,
            definition={},
            content_hash=b"",
            created_at=first.created_at,
            created_by=first.created_by,
        )
        for patch in range(ROWS_OF_ONE_ENTRY)
    )
    Event.objects.update(live_version=None, newest_version=None)
    VersionSource.objects.all().delete()
    purge_rows(VersionProperty.objects.all(), by=committed.actor, reason="x")
    assert purge_rows(Version.objects.all(), by=committed.actor, reason="x") == ROWS_OF_ONE_ENTRY + 1
    assert not Version.objects.exists()


def test_what_people_did_to_accounts_is_not_purged(session: Session) -> None:
    person = UserFactory.create()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
    kept = HistoryEntry.objects.create(actor=person, subject_type="user", subject_id=person.pk, action="role granted")
    with connection.cursor() as cursor:
        cursor.execute("COMMIT")
    assert purge_rows(HistoryEntry.objects.filter(pk=kept.pk), by=person, reason="x") == 0
    assert HistoryEntry.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("table", ["accounts_user", "pg_class", "django_session"])
def test_it_purges_no_other_table(session: Session, table: str) -> None:
    with pytest.raises(REFUSED, match="no table whose rows are written once"):
        session.execute("SELECT signalbook_purge_rows(%s, '{1}', 1, 'x')", [table])


def test_a_purge_leaves_the_owner_as_guarded_as_before(owner_role: None) -> None:
    event = EventFactory.create(is_live=True)
    assert purge_rows(VersionProperty.objects.filter(version__event=event), by=User.objects.system(), reason="test") > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('signalbook.purge', true)")
        assert cursor.fetchone()[0] != "on"


def test_others_than_the_application_do_not_purge(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantee FROM information_schema.routine_privileges"
            " WHERE routine_name = 'signalbook_purge_rows' AND grantee IN ('PUBLIC', 'signalbook_app')"
        )
        assert cursor.fetchall() == [("signalbook_app",)]


def test_the_application_is_told_that_the_owner_alone_changes_protected_rows(db: None) -> None:
    system = User.objects.system()
    with pytest.raises(OwnerRoleRequired, match="DATABASE_ROLE=owner"), allow_purge(by=system, reason="x"):
        raise AssertionError("not reached")


def test_tables_that_come_later_are_granted(transactional_db: None) -> None:
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id int GENERATED BY DEFAULT AS IDENTITY)")
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO later DEFAULT VALUES")
            with pytest.raises(ProgrammingError):
                cursor.execute("DROP TABLE later")
    finally:
        with become_owner(connection), connection.cursor() as cursor:
            cursor.execute("DROP TABLE later")


def test_rights_that_were_lost_come_back_with_the_next_migration(owner_role: None) -> None:
    role = settings.APPLICATION_DATABASE_ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        cursor.execute(f"GRANT ALL ON django_migrations TO {role}")
    grant_application_role(connection, role)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege"
            " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'django_migrations'"
            " AND NOT has_table_privilege(%s, pg_class.oid, privilege)",
            [role],
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT has_table_privilege(%s, 'django_migrations', 'INSERT, UPDATE, DELETE')", [role])
        assert cursor.fetchone() == (False,)


def test_a_role_that_is_not_there_is_named(owner_role: None) -> None:
    with pytest.raises(ImproperlyConfigured, match="no role 'nobody_yet'"):
        grant_application_role(connection, "nobody_yet")


def test_one_role_is_warned_of(owner_role: None, settings: Any) -> None:
    (more,) = check_powers(None, databases=["default"])
    assert more.id == "signalbook.W002" and "owns tables" in more.msg
    settings.APPLICATION_DATABASE_ROLE = ""
    (one,) = check_named_roles(None)
    assert one.id == "signalbook.W001"
    assert check_powers(None, databases=["default"]) == []
    call_command("migrate", verbosity=0)
    assert Event.objects.count() == 0


def test_the_migration_goes_back_and_forth(owner_role: None) -> None:
    def purges() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_proc WHERE proname = 'signalbook_purge_rows'")
            return int(cursor.fetchone()[0])

    entry = record(by=User.objects.system(), subject_type="event", subject_id=1, action="created")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    steps = (("0005_sessions_and_audit_log", 1), ("0002_protect_history", 0), ("0003_ask_for_the_owner", 1))
    for target, count in (*steps, ("0006_name_what_was_purged", 1)):
        MigrationExecutor(connection).migrate([("accounts", target)])
        assert purges() == count
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            HistoryEntry.objects.filter(pk=entry.pk).delete()


def test_one_role_is_kept_from_accidents(owner_role: None) -> None:
    """Where one role does everything it owns the tables, and the flag alone stands before them."""
    entry = record(by=User.objects.system(), subject_type="event", subject_id=1, action="created")
    with connection.cursor() as cursor, pytest.raises(Exception, match="written once"):
        cursor.execute("DELETE FROM accounts_historyentry WHERE id = %s", [entry.pk])
