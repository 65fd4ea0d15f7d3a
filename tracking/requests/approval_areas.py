"""The approval areas: what has to be approved, by whom, and for which changes. A new area is one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.roles import Capability
from tracking.requests.choices import ApprovalArea

if TYPE_CHECKING:
    from tracking.requests.models.change import Change


@dataclass(frozen=True, slots=True)
class AreaRule:
    """One area: who approves it, and which changes need it.

    `capability` must count for the team that approves a change (`Change.approving_team`). `is_required` looks at the
    change's content alone: its action, its definition, its base, its sources. It is asked of drafts as well, so the
    definition may be any JSON unless `Change.has_valid_definition` says otherwise. Words are published without an
    approval in the areas of `AREAS_WAIVED_FOR_WORDS`, and only of those.
    """

    area: ApprovalArea
    capability: Capability
    is_required: Callable[[Change], bool]


def _every_change(_change: Change) -> bool:
    return True


AREA_RULES: tuple[AreaRule, ...] = (AreaRule(ApprovalArea.ANALYSIS, Capability.REQUEST_APPROVE, _every_change),)


AREAS_WAIVED_FOR_WORDS = frozenset({ApprovalArea.ANALYSIS})
"""Areas whose approval a change of the lane *words* does not wait for."""


def areas_required_by(change: Change) -> list[str]:
    """Return the areas in which a change must be approved, as its content is now."""
    return [str(rule.area) for rule in AREA_RULES if rule.is_required(change)]
