"""A small chart as SVG: panels of lines beside each other, on one scale. Needs no library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 230, 260, 56, 44, 48, 14
"""Of one panel, in pixels."""

COLOURS = ("#1f6feb", "#bc4c00", "#1a7f37", "#8250df")
_TEXT = 'font-family="system-ui, sans-serif" font-size="11"'


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines over the same places: `labels` name the places, `lines` have a value for each of them."""

    title: str
    labels: Sequence[str]
    lines: Mapping[str, Sequence[float]]


def chart(panels: Sequence[Panel], *, title: str, unit: str = "µs") -> str:
    """Return the picture. All panels share the scale of the largest value, so that they can be compared."""
    largest = max((value for panel in panels for values in panel.lines.values() for value in values), default=1.0)
    step = _step(largest)
    top = step * (int(largest / step) + 1)
    width, height = len(panels) * WIDTH, TOP + HEIGHT + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" {_TEXT}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="18" font-size="14" fill="#1f2328">{escape(title)}, {unit}</text>',
        *_legend(panels),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, number * WIDTH, top, step)
    return "\n".join([*parts, "</svg>", ""])


def _step(largest: float) -> float:
    """Return the distance of the scale's lines: 1, 2 or 5 times a power of ten, for four to ten of them."""
    step = 1e-6
    while True:
        for factor in (1, 2, 5):
            if largest / (step * factor) < 8:
                return step * factor
        step *= 10


def _legend(panels: Sequence[Panel]) -> list[str]:
    parts, x = [], LEFT
    for number, name in enumerate(panels[0].lines if panels else ()):
        parts.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{COLOURS[number]}"/>')
        parts.append(f'<text x="{x + 14}" y="39" fill="#1f2328">{escape(name)}</text>')
        x += 34 + 7 * len(name)
    return parts


def _panel(panel: Panel, left: float, top: float, step: float) -> list[str]:
    bottom = TOP + HEIGHT
    inner_left, inner_right = left + LEFT, left + WIDTH - RIGHT
    places = len(panel.labels)
    x_of = [inner_left + (inner_right - inner_left) * (place + 0.5) / max(places, 1) for place in range(places)]

    def y_of(value: float) -> float:
        return bottom - HEIGHT * value / top

    parts = []
    for number in range(round(top / step) + 1):
        y = y_of(number * step)
        parts.append(f'<line x1="{inner_left}" x2="{inner_right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>')
        label = f"{number * step:g}"
        parts.append(f'<text x="{inner_left - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#59636e">{label}</text>')
    for x, label in zip(x_of, panel.labels, strict=True):
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#59636e">{escape(label)}</text>')
    middle = (inner_left + inner_right) / 2
    parts.append(
        f'<text x="{middle:.1f}" y="{bottom + 34}" text-anchor="middle" fill="#1f2328">{escape(panel.title)}</text>'
    )
    for number, values in enumerate(panel.lines.values()):
        points = [(x, y_of(value)) for x, value in zip(x_of, values, strict=True)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[number]}"/>' for x, y in points]
    return parts
