"""What tests of the workflow share: people of two teams, and a source of the first."""

import pytest

from catalog.models import Source
from tests.factories.catalog import SourceFactory
from tests.factories.requests import TeamFixture


@pytest.fixture
def members(db: None) -> TeamFixture:
    """One team with somebody in each role."""
    return TeamFixture.create()


@pytest.fixture
def other(db: None) -> TeamFixture:
    """Another such team."""
    return TeamFixture.create()


@pytest.fixture
def source(members: TeamFixture) -> Source:
    """A source of the first team."""
    return SourceFactory.create(owner_team=members.team)
