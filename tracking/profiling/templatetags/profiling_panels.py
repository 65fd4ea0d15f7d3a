"""What pages of other apps show of profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import template

from catalog.choices import Sensitivity
from catalog.models import Event, Version
from tracking.profiling.distinct_count import STANDARD_ERROR
from tracking.profiling.event_profile import EventProfile
from tracking.profiling.event_profiles import profile_of_event, sensitivity_of_values
from tracking.profiling.property_figures import figures_of

register = template.Library()

DAYS = 7


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """The last days of an event's production traffic, with what its version says of how sensitive the values are."""

    profile: EventProfile
    sensitivity_by_path: Mapping[str, Sensitivity] = field(default_factory=dict)
    days: int = DAYS
    error_percent: float = round(100 * STANDARD_ERROR, 1)


@register.simple_tag
def event_profile(event: Event, version: Version | None) -> ShownProfile | None:
    """`{% event_profile event version as profile %}`: what came in the last days; None for nothing.

    One query, and one more where listed values were counted.
    """
    profile = profile_of_event(event, days=DAYS)
    return (
        ShownProfile(profile, sensitivity_of_values(profile, version.pk if version else None))
        if profile.events
        else None
    )


@register.inclusion_tag("profiling/_event_profile.html")
def profile_sentence(shown: ShownProfile) -> dict[str, Any]:
    """`{% profile_sentence profile %}`: how many events the figures rest on, of about how many people."""
    return {"profile": shown.profile, "days": shown.days, "error_percent": shown.error_percent}


@register.inclusion_tag("profiling/_property_figures.html")
def property_figures(shown: ShownProfile, path: str) -> dict[str, Any]:
    """`{% property_figures profile path %}`: how often one property had a value, and which."""
    return {"figures": figures_of(shown.profile, path, shown.sensitivity_by_path)}
