"""A file of a list that is longer than a file may be: its name says that it is not all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.audit import record_audit
from accounts.models import AuditKind, User
from accounts.views.audit_log import AuditListView
from tests.factories.accounts import UserFactory, admin

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize(("limit", "name"), [(2, "audit-first-2-of-3"), (3, "audit"), (4, "audit")])
def test_a_file_that_is_cut_says_so(
    client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch, kind: str, limit: int, name: str
) -> None:
    monkeypatch.setattr(AuditListView, "export_limit", limit)
    for reason in ("No: 1.", "No: 2.", "No: 3."):
        record_audit(AuditKind.REFUSED, person=UserFactory.create(), reason=reason)
    site = client_of(admin())
    answer = site.get(f"/audit/?kind=refused&export={kind}")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.{kind}"'
    assert answer.content.count(b"No: ") == min(limit, 3)
    assert f"Up to {limit} rows" in site.get("/audit/").content.decode()
