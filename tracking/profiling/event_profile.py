"""What is counted of an event's properties: how often each came, what came, and how many different values."""

from collections import defaultdict
from collections.abc import Iterable

import lz4.frame
import msgspec

from tracking.profiling.distinct_count import estimate, merge_sketches

OTHER_VALUE = "(other)"
"""Under what values are counted that the definition does not list. Listed ones are JSON: this is none."""


class PropertyProfile(msgspec.Struct, array_like=True):
    """Counts of one property.

    `parents` is in how many objects it could have stood: the events, or the items of a list. Of them it was `present`,
    of those it was `null`, or had a type that its definition does not allow (`wrong_type`). `values` counts those that
    the definition lists, by their JSON text, and all others as `(other)`; `distinct` is a sketch of what came.

    Rows hold these by position: a new field goes last and has a default.
    """

    parents: int = 0
    present: int = 0
    null: int = 0
    wrong_type: int = 0
    values: dict[str, int] = {}
    distinct: bytes = b""

    @property
    def filled(self) -> int:
        """How often it came with a value other than null."""
        return self.present - self.null

    @property
    def fill_rate(self) -> float:
        """The share of the places where it could have stood in which it had a value, from 0 to 1; 0 for none."""
        return self.filled / self.parents if self.parents else 0.0

    @property
    def distinct_values(self) -> int:
        """About how many different values came."""
        return estimate(self.distinct)


class EventProfile(msgspec.Struct, array_like=True):
    """Counts of one event: how many, their bytes of JSON, a sketch of the people, and its properties by their paths.

    Rows hold these by position: a new field goes last and has a default.
    """

    events: int = 0
    byte_count: int = 0
    people: bytes = b""
    properties: dict[str, PropertyProfile] = {}

    @classmethod
    def sum_of(cls, profiles: Iterable["EventProfile"]) -> "EventProfile":
        """Return the sums of several profiles."""
        profiles = list(profiles)
        if len(profiles) == 1:
            return profiles[0]
        by_path: defaultdict[str, list[PropertyProfile]] = defaultdict(list)
        for profile in profiles:
            for path, counted in profile.properties.items():
                by_path[path].append(counted)
        return cls(
            events=sum(profile.events for profile in profiles),
            byte_count=sum(profile.byte_count for profile in profiles),
            people=merge_sketches(profile.people for profile in profiles),
            properties={path: _sum_of_properties(counted) for path, counted in by_path.items()},
        )

    @property
    def people_count(self) -> int:
        """About how many people they were of."""
        return estimate(self.people)

    @property
    def mean_bytes(self) -> int:
        """How many bytes of JSON one of them has on average; 0 for none."""
        return round(self.byte_count / self.events) if self.events else 0

    def pack(self) -> bytes:
        """Return the profile as a row holds it: MessagePack in a frame of LZ4."""
        return lz4.frame.compress(_encode(self))

    @classmethod
    def unpack(cls, packed: bytes) -> "EventProfile":
        """Return the profile of a row. Raises RuntimeError or one of msgspec's errors where it holds none."""
        return _decode(lz4.frame.decompress(packed))


def _sum_of_properties(counted: list[PropertyProfile]) -> PropertyProfile:
    if len(counted) == 1:
        return counted[0]
    values: defaultdict[str, int] = defaultdict(int)
    for each in counted:
        for value, count in each.values.items():
            values[value] += count
    return PropertyProfile(
        parents=sum(each.parents for each in counted),
        present=sum(each.present for each in counted),
        null=sum(each.null for each in counted),
        wrong_type=sum(each.wrong_type for each in counted),
        values=dict(values),
        distinct=merge_sketches(each.distinct for each in counted),
    )


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(EventProfile).decode
