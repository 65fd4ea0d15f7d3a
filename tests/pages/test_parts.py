"""The parts of pages: charts, JSON, differences, fields, people, messages, and empty places."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages.constants import DEFAULT_LEVELS
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.test import RequestFactory

from home.style_guide_examples import ExampleDifference, ExamplePerson
from pages.ui import json_html
from pages.ui.timeline import TimelineEntry
from tests.page_text import one_line
from tests.pages.rendered_parts import EVIL, NOW, EvilForm, render


def test_a_sparkline_is_told_in_words_and_bears_gaps_and_emptiness():
    html = render('{% sparkline values "Events a day" %}', values=[1, None, 3])
    assert 'aria-label="Events a day: 4 in all, lowest 0, highest 3, newest 3"' in html
    assert html.count("<rect") == 3
    assert "Events a day: nothing" in render('{% sparkline values "Events a day" %}', values=[])


def test_a_bar_fills_its_whole_and_bears_nothing():
    html = one_line(render('{% bar parts "Verdicts" %}', parts=[("Good", 3, "ok"), ("Bad", 1, "bad")]))
    assert 'width="75"' in html
    assert 'x="75" width="25"' in html
    assert "<li" in render('{% bar parts "Verdicts" %}', parts=[("Good", 0, "ok")])


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_json_bears_any_depth_and_size():
    assert json_html.render_json(nested(5_000), max_lines=20_000).count("[") == 5_001
    assert "left out after 100 lines" in json_html.render_json(list(range(1_000)), max_lines=100)
    assert "bits" in json_html.render_json(10**5_000)
    assert "1" + "0" * 400 in json_html.render_json(10**400)
    assert render("{% json value %}", value=nested(5_000))


def test_json_is_coloured_by_kind_and_laid_out():
    html = json_html.render_json({"a": [1, True, None, "x"], "b": {}})
    for css in ("j-key", "j-number", "j-word", "j-text"):
        assert f'class="{css}"' in html
    text = re.sub(r"<[^>]+>", "", html).replace("&quot;", '"')
    assert text == '{\n  "a": [\n    1,\n    true,\n    null,\n    "x"\n  ],\n  "b": {}\n}'


def test_a_diff_marks_the_words_that_changed():
    html = render(
        "{% diff found %}",
        found=[
            ExampleDifference("changed", "trigger", "", "When it is sent.", "When it is paid."),
            ExampleDifference("added", "a", ""),
        ],
    )
    assert "<del>sent</del>" in html
    assert "<ins>paid</ins>" in html
    assert "1 new, 1 changed" in html
    assert "No difference" in render("{% diff found %}", found=[])


def test_a_field_ties_its_error_and_hint_to_its_control():
    form = EvilForm({"text": "short"})
    html = render("{% field form.text %}", form=form)
    assert 'aria-describedby="id_text_error id_text_hint"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_text_error"' in html
    summary = render("{% form_errors form %}", form=form)
    assert 'href="#id_text"' in summary
    assert 'href="#id_several"' in summary
    assert 'id="id_several"' in render("{% field form.several %}", form=form)
    assert not render("{% form_errors form %}", form=EvilForm()).strip()


def test_nobody_and_the_system_are_persons_too():
    assert "Nobody" in render("{% person None %}")
    assert "#gear" in render("{% person who %}", who=ExamplePerson("system", "Signalbook", True))


def test_a_timeline_entry_shows_the_state_that_something_moved_to():
    html = render("{% timeline entries %}", entries=[TimelineEntry(NOW, None, "moved on to", to_state="live")])
    assert "tone-ok" in html
    assert "#broadcast" in html


def test_a_timeline_shows_stored_events_only_where_it_is_told_to():
    entries = [TimelineEntry(NOW, None, "sent back", event={"coupon": "SPRING"}), TimelineEntry(NOW, None, "approved")]
    assert "SPRING" not in render("{% timeline entries %}", entries=entries)
    shown = render("{% timeline entries shows_events=True %}", entries=entries)
    assert shown.count("The whole event, as it was stored") == 1
    assert "SPRING" in shown


@pytest.mark.parametrize(
    ("level", "tone", "icon", "is_alert"),
    [
        ("info", "info", "info-circle", False),
        ("success", "ok", "check-circle", False),
        ("warning", "warn", "exclamation-triangle", False),
        ("error", "bad", "exclamation-octagon", True),
    ],
)
def test_a_message_looks_as_its_level_does(level: str, tone: str, icon: str, is_alert: bool):
    html = render('{% include "ui/messages.html" %}', messages=[Message(DEFAULT_LEVELS[level.upper()], EVIL)])
    assert f"toast-note tone-{tone}" in html
    assert f"#{icon}" in html
    assert ('role="alert"' in html) == is_alert
    assert EVIL not in html


def test_an_empty_place_takes_a_longer_reason():
    html = one_line(
        render(
            '{% empty_place "No key" "Create one" "/new/" icon="key" %}One {{ word }}.{% endempty_place %}', word=EVIL
        )
    )
    assert EVIL not in html
    assert '<p class="empty-title">No key</p> <p>One ' in html
    assert '<a class="btn btn-primary" href="/new/">Create one</a>' in html
    assert "#key" in html


def test_a_fault_names_the_request_where_there_is_one():
    html = one_line(render('{% fault "410" "Gone" "Search" "/search/" %}<p>Why.</p>{% endfault %}'))
    assert "<h1>Gone</h1> <p>Why.</p>" in html
    assert '<a class="btn btn-primary" href="/search/">Search</a>' in html
    assert "Request <code>" not in html
    request = RequestFactory().get("/")
    request.request_id = "abc"  # type: ignore[attr-defined]
    named = Template('{% load ui %}{% fault "409" "Faster" %}{% endfault %}').render(Context({"request": request}))
    assert "Request <code>abc</code>" in named
    assert "btn-primary" not in named
