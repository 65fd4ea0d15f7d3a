"""Small charts as SVG geometry: numbers in, rectangles out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pages.ui.badges import TONES
from pages.ui.humanize import format_number

BAR_STEP = 4
CHART_HEIGHT = 22


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of a chart and the class that colours it."""

    x: float
    y: float
    width: float
    height: float
    css: str = ""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """One bar for each value, oldest first, in a box of `width` by `height`; `description` is the same as a text."""

    width: int
    height: int
    bars: tuple[Rect, ...]
    description: str


@dataclass(frozen=True, slots=True)
class BarSegment:
    """One part of a whole: its share of the bar in percent, and what it is."""

    label: str
    value: float
    tone: str
    x: float
    width: float


def sparkline(values: Sequence[float | None], label: str, bad: Sequence[float | None] = ()) -> Sparkline:
    """Bars scaled to the largest value; None and 0 leave a low mark. `bad` is the part of each value that is wrong."""
    numbers = [value or 0 for value in values]
    wrong = [value or 0 for value in bad]
    top = max(numbers, default=0) or 1
    bars: list[Rect] = []
    for index, number in enumerate(numbers):
        x = index * BAR_STEP
        if number <= 0:
            bars.append(Rect(x, CHART_HEIGHT - 1, BAR_STEP - 1, 1, "none"))
            continue
        height = max(1.5, round(number / top * CHART_HEIGHT, 1))
        bars.append(Rect(x, round(CHART_HEIGHT - height, 1), BAR_STEP - 1, height))
        share = min(wrong[index], number) if index < len(wrong) else 0
        if share > 0:
            part = max(1.5, round(share / top * CHART_HEIGHT, 1))
            bars.append(Rect(x, round(CHART_HEIGHT - part, 1), BAR_STEP - 1, part, "bad"))
    return Sparkline(max(1, len(numbers) * BAR_STEP - 1), CHART_HEIGHT, tuple(bars), _describe(numbers, wrong, label))


def bar_segments(parts: Iterable[tuple[str, float, str]]) -> tuple[BarSegment, ...]:
    """(label, value, tone) as parts of one bar, in that order; values under 0 count as 0, unknown tones as neutral."""
    known = [(label, max(0, value), tone if tone in TONES else "neutral") for label, value, tone in parts]
    total = sum(value for _, value, _ in known) or 1
    segments: list[BarSegment] = []
    x = 0.0
    for label, value, tone in known:
        width = round(value / total * 100, 2)
        segments.append(BarSegment(label, value, tone, round(x, 2), width))
        x += width
    return tuple(segments)


def _describe(numbers: Sequence[float], wrong: Sequence[float], label: str) -> str:
    if not any(numbers):
        return f"{label}: nothing"
    lowest, highest = format_number(min(numbers)), format_number(max(numbers))
    description = f"{label}: {format_number(sum(numbers))} in all, lowest {lowest}, highest {highest}"
    description += f", newest {format_number(numbers[-1])}"
    return f"{description}; {format_number(sum(wrong))} of them wrong" if any(wrong) else description
