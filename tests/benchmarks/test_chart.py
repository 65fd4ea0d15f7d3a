"""The chart of growth: an SVG that a browser reads, with a point for every value on one scale."""

from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.growth.chart import HEIGHT, TOP, Panel, chart

SVG = "{http://www.w3.org/2000/svg}"


def test_every_value_has_its_point_and_higher_ones_stand_higher() -> None:
    panels = [
        Panel("definitions", ["10", "1,000"], {"a < b": [10.0, 40.0], "other": [5.0, 5.0]}),
        Panel("sources", ["1"], {"a < b": [20.0], "other": [0.0]}),
    ]
    root = ElementTree.fromstring(chart(panels, title="Costs & more"))
    points = [(float(point.get("cx", "")), float(point.get("cy", ""))) for point in root.iter(f"{SVG}circle")]
    assert len(points) == 6
    (x_low, low), (x_high, high), *_, (_, zero) = points
    assert x_low < x_high and high < low < TOP + HEIGHT and zero == TOP + HEIGHT
    assert low - high == (TOP + HEIGHT - low) * 3  # one linear scale
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"definitions", "sources", "a < b", "other", "10", "1,000", "Costs & more, µs"} <= set(texts)


def test_nothing_to_draw_is_an_empty_picture() -> None:
    assert not list(ElementTree.fromstring(chart([], title="Nothing")).iter(f"{SVG}circle"))
