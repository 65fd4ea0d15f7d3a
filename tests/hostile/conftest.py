"""A row behind each address, and the browser of somebody who may do everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.hostile.every_address import Rows, create_rows


@pytest.fixture
def rows(db: None) -> Rows:
    """A row behind each address."""
    return create_rows()


@pytest.fixture
def browser(rows: Rows, client_of: Callable[[User], Client]) -> Client:
    """The browser of somebody who may do everything; a failure is answered, not raised."""
    client = client_of(rows.user)
    client.raise_request_exception = False
    return client
