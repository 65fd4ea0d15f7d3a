"""Counting of the events of one version in one check, before anything is packed or hashed."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from catalog.contract import Event
from tracking.profiling.distinct_count import count_distinct, sketch_of_hashes
from tracking.profiling.event_profile import OTHER_VALUE, EventProfile, PropertyProfile
from tracking.profiling.property_plan import ObjectPlan, ProfilePlan, PropertyPlan, scalar_key

MAX_ITEMS = 100
"""How many items of one list are looked into: a list of a thousand says no more of its items than its first hundred."""

_MISSING: Any = object()
_BOOLEANS = {False: ("boolean", False), True: ("boolean", True)}  # apart from 0 and 1, to which Python calls them equal
_SCALARS = frozenset({str, int, float, bool})


class EventCounter:
    """Counts events by a plan. Lists by position, since this is done for every event that arrives."""

    def __init__(self, plan: ProfilePlan) -> None:
        self._plan = plan
        count = len(plan.paths)
        self._objects = [0] * plan.object_count
        self._present = [0] * count
        self._null = [0] * count
        self._wrong_type: dict[str, int] = {}
        self._listed: defaultdict[int, dict[str, int]] = defaultdict(dict)
        self._distinct: defaultdict[int, set[Any]] = defaultdict(set)
        self._people: set[int] = set()
        self._events = 0
        self._byte_count = 0

    def add(self, event: Event, *, byte_count: int, person: int | None, wrong_type_paths: Iterable[str] = ()) -> None:
        """Count one event: its bytes of JSON, the keyed hash of whose it is, and which properties have a wrong type."""
        self._events += 1
        self._byte_count += byte_count
        if person is not None:
            self._people.add(person)
        for path in wrong_type_paths:
            self._wrong_type[path] = self._wrong_type.get(path, 0) + 1
        for part, plan in self._plan.parts:
            value = getattr(event, part)
            if isinstance(value, dict):
                self._count_object(plan, value)
            else:
                self._objects[plan.position] += 1

    def profile(self) -> EventProfile:
        """Return what was counted."""
        plan = self._plan
        return EventProfile(
            self._events,
            self._byte_count,
            sketch_of_hashes(self._people),
            {
                path: PropertyProfile(
                    self._objects[plan.parents[position]],
                    self._present[position],
                    self._null[position],
                    self._wrong_type.get(path, 0),
                    self._listed.get(position, {}),
                    count_distinct(self._distinct[position]) if position in self._distinct else b"",
                )
                for position, path in enumerate(plan.paths)
            },
        )

    def _count_object(self, plan: ObjectPlan, value: dict[str, Any]) -> None:
        self._objects[plan.position] += 1
        for each in plan.properties:
            if (found := value.get(each.key, _MISSING)) is not _MISSING:
                self._count_value(each, found)

    def _count_value(self, plan: PropertyPlan, value: Any) -> None:
        position = plan.position
        self._present[position] += 1
        if value is None:
            self._null[position] += 1
        elif type(value) in _SCALARS:
            if plan.listed_values is None:
                self._distinct[position].add(_BOOLEANS[value] if isinstance(value, bool) else value)
            else:
                listed = plan.listed_values.get(scalar_key(value), OTHER_VALUE)
                counts = self._listed[position]
                counts[listed] = counts.get(listed, 0) + 1
        elif isinstance(value, dict):
            if plan.members is not None:
                self._count_object(plan.members, value)
        elif plan.items is not None:
            for item in value[:MAX_ITEMS]:
                if isinstance(item, dict):
                    self._count_object(plan.items, item)
