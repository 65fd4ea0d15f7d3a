"""Fixtures that tests of every room use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import structlog
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Scope
from accounts.services import issue_token
from catalog.resolution import null_handling
from tests.factories.accounts import TeamFactory, UserFactory
from tracking.traffic.collect.wake_up import wake_up_sender


@pytest.fixture(scope="session", autouse=True)
def loggers_that_can_be_captured() -> None:
    """A logger that was used before is cached, and what it writes afterwards would escape `capture_logs`."""
    structlog.configure(cache_logger_on_first_use=False)


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
