"""Teams created, changed and deleted."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from accounts.models import Team, User
from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability
from accounts.services.saved_rows import (
    delete_with_history,
    lock_curated_names,
    lock_row,
    refuse_similar_name,
    save_with_history,
)


class TeamFields(TypedDict, total=False):
    """The fields of a team that people edit."""

    slug: str
    name: str
    contact: str
    own_approval_tiers: list[int]


@transaction.atomic
def save_team(team: Team | None = None, *, by: User, at: datetime | None = None, **fields: Unpack[TeamFields]) -> Team:
    """Create a team (None), or change one, and return it. Where nothing differs, nothing is written.

    Raises Forbidden unless `by` may manage people, ValidationError where the name or slug is taken, the name reads like
    another team's, or a field does not hold what it should, and UnmetConditionsError (`gone`) where the team was
    deleted.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    if "name" in fields:
        lock_curated_names()
    row = Team() if team is None else lock_row(team)
    if "name" in fields:
        fields["name"] = fields["name"].strip()
        refuse_similar_name(row, fields["name"], Team.objects.exclude(name=fields["name"]))
    return save_with_history(row, fields, by=by, subject_type="team", at=at)


@transaction.atomic
def delete_team(team: Team, *, by: User) -> None:
    """Delete a team that has no members and owns nothing.

    Raises Forbidden unless `by` may manage people, and UnmetConditionsError where the team is in use (`in_use`) or was
    deleted (`gone`).
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    delete_with_history(lock_row(team), by=by, subject_type="team")
