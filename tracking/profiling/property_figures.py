"""Profiles as people read them: shares in words, and the values that may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.choices import Sensitivity
from tracking.profiling.event_profile import OTHER_VALUE, EventProfile, PropertyProfile

MAX_SHOWN_VALUES = 3


@dataclass(frozen=True, slots=True)
class ValueShare:
    """One value that the definition lists, as JSON, and its share of those that came, such as "61.5 %"."""

    text: str
    share: str


@dataclass(frozen=True, slots=True)
class PropertyFigures:
    """What is shown of one property. `filled` is the share of the places that had a value.

    `values` are the most frequent of those that the definition lists; none where they may not be shown
    (`hides_values`). `distinct` is about how many different values came, where the definition lists none.
    """

    filled: str
    exact: str
    nulls: int = 0
    wrong_type: int = 0
    values: tuple[ValueShare, ...] = ()
    hides_values: bool = False
    distinct: int = 0


def figures_of(profile: EventProfile, path: str, sensitivity_by_path: Mapping[str, Sensitivity]) -> PropertyFigures:
    """Return the figures of the property at a definition path; "–" where nothing could have held it."""
    counted = profile.properties.get(path, PropertyProfile())
    if not counted.parents:
        return PropertyFigures("–", "Nothing came that could have had it.")
    may_show = may_show_values(path, sensitivity_by_path)
    return PropertyFigures(
        filled=share_text(counted.filled, counted.parents),
        exact=f"{counted.filled:,} of {counted.parents:,} had a value",
        nulls=counted.null,
        wrong_type=counted.wrong_type,
        values=_most_frequent(counted) if may_show else (),
        hides_values=bool(counted.values) and not may_show,
        distinct=counted.distinct_values,
    )


def may_show_values(path: str, sensitivity_by_path: Mapping[str, Sensitivity]) -> bool:
    """Tell whether the listed values of a property may be shown: it is declared not sensitive."""
    return _sensitivity_at(path, sensitivity_by_path) is Sensitivity.NONE


def share_text(part: int, whole: int) -> str:
    """Return a share of 100, such as "61.5 %": neither "not all" becomes 100 nor "some" 0. "0 %" of nothing."""
    share = (100.0 if part else 0.0) if part in (0, whole) else min(99.9, max(0.1, round(100 * part / whole, 1)))
    return f"{share:g}\N{NO-BREAK SPACE}%"


def _most_frequent(counted: PropertyProfile) -> tuple[ValueShare, ...]:
    total = sum(counted.values.values())
    ordered = sorted(counted.values.items(), key=lambda item: (item[0] == OTHER_VALUE, -item[1], item[0]))
    shown, rest = ordered[:MAX_SHOWN_VALUES], ordered[MAX_SHOWN_VALUES:]
    shares = [ValueShare(text, share_text(count, total)) for text, count in shown]
    if rest:
        others = sum(count for _, count in rest)
        shares.append(ValueShare(f"{len(rest)} more", share_text(others, total)))
    return tuple(shares)


def _sensitivity_at(path: str, sensitivity_by_path: Mapping[str, Sensitivity]) -> Sensitivity:
    """Return what holds of the values at a path: what hides something above hides it, else the nearest word counts."""
    steps = path.split("/")
    places = ["/".join(steps[:end]) for end in range(len(steps), 1, -1)]
    words = [sensitivity_by_path[place] for place in places if place in sensitivity_by_path]
    return next((word for word in words if word.hides), words[0] if words else Sensitivity.UNKNOWN)
