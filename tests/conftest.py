"""Fixtures that tests of every room use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Scope
from accounts.services import issue_token
from catalog.resolution import null_handling
from tests.application_role import application_role, become_owner, ensure_role
from tests.emptied_tables import rows_deleted_after_tests
from tests.factories.accounts import TeamFactory, UserFactory
from tracking.traffic.collect.wake_up import wake_up_sender


@pytest.fixture(scope="session", autouse=True)
def loggers_that_can_be_captured() -> None:
    """A logger that was used before is cached, and what it writes afterwards would escape `capture_logs`."""
    structlog.configure(cache_logger_on_first_use=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: Any) -> None:
    """Before the test database is made: the role of the application is there, or one role does everything."""
    with django_db_blocker.unblock():
        if not ensure_role(settings.APPLICATION_DATABASE_ROLE):
            settings.APPLICATION_DATABASE_ROLE = ""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which tests meet as the application does, and leave without a row."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            if settings.APPLICATION_DATABASE_ROLE:
                stack.enter_context(application_role())
            stack.enter_context(rows_deleted_after_tests())
        yield
        with django_db_blocker.unblock():
            stack.close()


@pytest.fixture
def owner_role(db: None) -> Iterator[None]:
    """This test's connection belongs to the owner of the tables, which may change them."""
    with become_owner(connection):
        yield


@pytest.fixture(autouse=True)
def forget_company_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test follows the policy of the one before, or asks for it anew because it takes long."""
    monkeypatch.setattr(null_handling, "CACHE_SECONDS", 3_600)
    null_handling.company_null_handling_cache.clear()


@pytest.fixture(autouse=True)
def send_no_wake_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that sends them would write to the database of the tests, beside the transaction of a test."""
    monkeypatch.setattr(wake_up_sender, "send", lambda: None)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A function from a person to a browser in which they are signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def api_of() -> Callable[..., APIClient]:
    """A function from a person (and scopes; all, where none are named) to a program with a token of theirs."""

    def with_token(user: User, *scopes: Scope) -> APIClient:
        _, plain = issue_token(user=user, name="tests", scopes=scopes or tuple(Scope), by=user)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {plain}")
        return client

    return with_token


@pytest.fixture
def stranger(db: None) -> User:
    """An active person without any membership."""
    return UserFactory.create(username="stranger")


@pytest.fixture
def team(db: None):
    """A team."""
    return TeamFactory.create(name="Checkout")
