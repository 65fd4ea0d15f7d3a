"""History is written once, by one writer, and the database holds that against raw SQL."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.db.transaction import TransactionManagementError

from accounts.history import allow_purge, record
from accounts.migrations._write_once import protect
from accounts.models import HistoryEntry, User
from accounts.services import issue_token
from tests.factories.accounts import UserFactory


@pytest.fixture
def entry(db):
    return record(
        by=UserFactory.create(), subject_type="request", subject_id=7, action="submitted", to_state="requested"
    )


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_historyentry SET message = 'never happened'",
        "UPDATE accounts_historyentry SET actor_id = actor_id, action = 'approved'",
        "DELETE FROM accounts_historyentry",
    ],
)
def test_the_database_refuses_to_change_history(entry, sql):
    with pytest.raises(IntegrityError, match="accounts_historyentry rows are written once"):
        run(sql)
    entry.refresh_from_db()
    assert entry.action == "submitted"


def test_the_database_refuses_to_empty_history(entry, owner_role):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL signalbook.testing_truncate = 'off'")
    with pytest.raises(IntegrityError, match="TRUNCATE is refused"):
        run("TRUNCATE accounts_historyentry")
    assert HistoryEntry.objects.count() == 1


def test_the_flag_of_the_test_runner_opens_nothing_but_truncate(entry):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('signalbook.testing_truncate')")
        assert cursor.fetchone() == ("on",)
    with pytest.raises(IntegrityError):
        run("DELETE FROM accounts_historyentry")


def test_saving_an_entry_again_is_refused(entry):
    entry.message = "something else"
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()


def test_purging_opens_and_closes(entry, owner_role):
    with allow_purge(by=entry.actor, reason="test"):
        run("UPDATE accounts_historyentry SET message = 'erased'")
    entry.refresh_from_db()
    assert entry.message == "erased"
    with pytest.raises(IntegrityError):
        run("DELETE FROM accounts_historyentry")
    with allow_purge(by=entry.actor, reason="test"):
        HistoryEntry.objects.all().delete()
    (written,) = HistoryEntry.objects.all()
    assert (written.subject_type, written.action, written.message) == ("purge", "protected rows changed", "test")


def test_purging_closes_when_it_fails(entry, owner_role):
    class Interrupted(Exception):
        pass

    with pytest.raises(Interrupted), allow_purge(by=entry.actor, reason="test"):
        HistoryEntry.objects.all().delete()
        raise Interrupted
    assert HistoryEntry.objects.count() == 1
    with pytest.raises(IntegrityError):
        run("DELETE FROM accounts_historyentry")


def test_a_protected_table_lets_the_allowed_columns_change(owner_role):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE written (id int, body jsonb, seen_at timestamptz)")
        cursor.execute(str(protect("written", allow_columns=("seen_at",)).sql))
        cursor.execute("""INSERT INTO written VALUES (1, '{"a": 1}', NULL)""")
        cursor.execute("UPDATE written SET seen_at = now()")
        cursor.execute("SELECT seen_at IS NOT NULL FROM written")
        assert cursor.fetchone() == (True,)
    for sql in (
        """UPDATE written SET body = '{"a": 2}'""",
        "UPDATE written SET seen_at = now(), id = 2",
        "DELETE FROM written",
    ):
        with pytest.raises(IntegrityError):
            run(sql)


@pytest.mark.parametrize(("table", "columns"), [("a; DROP TABLE b", ()), ("a", ("b'",))])
def test_protection_takes_plain_names_alone(table, columns):
    with pytest.raises(ValueError, match="plain name"):
        protect(table, columns)


@pytest.mark.django_db(transaction=True)
def test_history_is_written_in_the_transaction_of_its_change():
    user = UserFactory.create()
    with pytest.raises(TransactionManagementError):
        record(by=user, subject_type="request", subject_id=1, action="submitted")
    with transaction.atomic():
        record(by=user, subject_type="request", subject_id=1, action="submitted")
        transaction.set_rollback(True)
    assert not HistoryEntry.objects.exists()


def test_an_entry_keeps_the_token_that_it_came_with(db):
    user = UserFactory.create()
    token, _ = issue_token(user=user, name="CI", scopes=["transitions"], by=user)
    user.token = token
    entry = record(by=user, subject_type="delivery", subject_id=3, action="developed")
    assert entry.token == token


def test_parts_are_told_with_their_whole(entry):
    part = record(
        by=entry.actor,
        subject_type="delivery",
        subject_id=9,
        parent_type="request",
        parent_id=7,
        action="developed",
        evidence={"app_version": "1.2.0"},
    )
    record(by=entry.actor, subject_type="request", subject_id=8, action="submitted")
    assert list(HistoryEntry.objects.for_subject_and_parts("request", 7)) == [entry, part]
    assert list(HistoryEntry.objects.for_subject("request", 7)) == [entry]
    assert part.evidence == {"app_version": "1.2.0"}


def test_a_parent_is_whole_or_absent(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        record(
            by=UserFactory.create(), subject_type="delivery", subject_id=1, action="developed", parent_type="request"
        )


def test_people_are_never_deleted(entry):
    with pytest.raises(ProtectedError, match="never deleted"):
        entry.actor.delete()
    with pytest.raises(ProtectedError, match="never deleted"):
        User.objects.filter(pk=entry.actor.pk).delete()
    with pytest.raises(IntegrityError):
        run(f"DELETE FROM accounts_user WHERE id = {entry.actor.pk}; SET CONSTRAINTS ALL IMMEDIATE")
    assert User.objects.filter(pk=entry.actor.pk).exists()
