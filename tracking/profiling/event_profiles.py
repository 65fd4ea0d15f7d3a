"""What profiles say of an event: the one place that reads them."""

from collections.abc import Mapping

from catalog.choices import Environment, Sensitivity
from catalog.models import Event, Source
from catalog.sensitivity.version_sensitivity import LibrarySensitivity, published_sensitivity
from tracking.profiling.event_profile import EventProfile
from tracking.profiling.models import DailyProfile

MAX_ROWS = 2_000
"""How many rows are summed up; of more, those with the most events. A week of an event has some hundred."""


def profile_of_event(
    event: Event | int,
    *,
    days: int,
    environment: str = Environment.PRODUCTION,
    source: Source | int | None = None,
    app_version: str | None = None,
) -> EventProfile:
    """Return what came of an event in the last days (of UTC), today being one of them. One query.

    Of all sources and app versions but for those that are named; "" names events without an app version. Empty where
    nothing came, or where it was not folded yet, which takes seconds.
    """
    rows = DailyProfile.objects.of_event(event).in_environment(environment).of_last_days(days)
    if source is not None:
        rows = rows.filter(source=source)
    if app_version is not None:
        rows = rows.filter(app_version=app_version)
    packed = rows.order_by("-events", "id").values_list("profile", flat=True)[:MAX_ROWS]
    return EventProfile.sum_of(EventProfile.unpack(bytes(each)) for each in packed)


def sensitivity_of_values(profile: EventProfile, version_id: int | None) -> Mapping[str, Sensitivity]:
    """Return what a version says today of how sensitive values are, by definition path.

    Nothing where there is no version, or no value that could be shown: then it costs no query, else one.
    """
    if version_id is None or not any(counted.values for counted in profile.properties.values()):
        return {}
    return published_sensitivity(version_id).of_values(LibrarySensitivity.load())
