"""After a test that commits, the tables are as the migrations made them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from accounts.audit import record_audit
from accounts.models import AuditEntry, AuditKind, HistoryEntry, User
from catalog.choices import NullHandlingChoice
from catalog.models import CompanyPolicy, Event
from tests import emptied_tables
from tests.emptied_tables import empty_tables
from tests.factories.accounts import UserFactory
from tests.factories.catalog import EventFactory

pytestmark = pytest.mark.django_db(transaction=True)


def made_by_migrations() -> list[list[dict[str, Any]]]:
    return [list(model.objects.order_by("pk").values()) for model in (CompanyPolicy, ContentType, Permission)]


def current_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("few", [0, 1, emptied_tables.FEW_ROWS])
def test_what_a_test_wrote_is_gone_and_what_it_changed_is_as_before(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptied_tables, "FEW_ROWS", few)
    before, role = made_by_migrations(), current_role()
    assert len(before[0]) == 1
    EventFactory.create()
    record_audit(AuditKind.SIGN_IN_FAILED, name_tried="nobody")
    CompanyPolicy.objects.update(null_handling=NullHandlingChoice.ABSENT)
    assert HistoryEntry.objects.exists() and AuditEntry.objects.exists()
    empty_tables()
    assert made_by_migrations() == before
    assert [model for model in (User, Event, HistoryEntry, AuditEntry) if model.objects.exists()] == []
    assert current_role() == role
    UserFactory.create()


def test_rights_that_a_test_removed_are_made_again() -> None:
    before = Permission.objects.count()
    Permission.objects.all().delete()
    empty_tables()
    assert Permission.objects.count() == before > 100
    empty_tables()
    assert Permission.objects.count() == before
