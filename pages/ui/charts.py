"""Small charts as SVG geometry: numbers in, rectangles out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pages.ui.badges import TONES
from pages.ui.humanize import grouped

STEP = 4
HEIGHT = 22


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
    """One bar for each value, oldest first, in a box of `width` by `height`; `told` says the same in words."""

    width: int
    height: int
    bars: tuple[Rect, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Piece:
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
        x = index * STEP
        if number <= 0:
            bars.append(Rect(x, HEIGHT - 1, STEP - 1, 1, "none"))
            continue
        height = max(1.5, round(number / top * HEIGHT, 1))
        bars.append(Rect(x, round(HEIGHT - height, 1), STEP - 1, height))
        share = min(wrong[index], number) if index < len(wrong) else 0
        if share > 0:
            part = max(1.5, round(share / top * HEIGHT, 1))
            bars.append(Rect(x, round(HEIGHT - part, 1), STEP - 1, part, "bad"))
    return Sparkline(max(1, len(numbers) * STEP - 1), HEIGHT, tuple(bars), _told(numbers, wrong, label))


def pieces(parts: Iterable[tuple[str, float, str]]) -> tuple[Piece, ...]:
    """(label, value, tone) as parts of one bar, in that order; values under 0 count as 0, unknown tones as neutral."""
    known = [(label, max(0, value), tone if tone in TONES else "neutral") for label, value, tone in parts]
    total = sum(value for _, value, _ in known) or 1
    found: list[Piece] = []
    x = 0.0
    for label, value, tone in known:
        width = round(value / total * 100, 2)
        found.append(Piece(label, value, tone, round(x, 2), width))
        x += width
    return tuple(found)


def _told(numbers: Sequence[float], wrong: Sequence[float], label: str) -> str:
    if not any(numbers):
        return f"{label}: nothing"
    told = f"{label}: {grouped(sum(numbers))} in all, lowest {grouped(min(numbers))}, highest {grouped(max(numbers))}"
    told += f", newest {grouped(numbers[-1])}"
    return f"{told}; {grouped(sum(wrong))} of them wrong" if any(wrong) else told
