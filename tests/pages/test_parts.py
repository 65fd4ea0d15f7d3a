"""The parts of pages: what they say, and that nothing anybody sent gets out of them unescaped."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.contrib.messages.constants import DEFAULT_LEVELS
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.db.models import TextChoices
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import User
from catalog.choices import ChangeKind, Environment, Health, ImportOutcome, ImportState, Platform, Sensitivity, Status
from home.style_guide_examples import ExampleDifference, ExampleFilter, ExamplePerson, ExampleStep
from pages.ui import humanize, json_html, query_strings, unicode_rendering
from pages.ui.badges import BADGES, TONES
from pages.ui.icons import icon_names
from pages.ui.timeline import TimelineEntry
from tests.page_text import one_line
from tracking.quality.choices import FindingState, SeverityChoice
from tracking.requests.choices import ChangeAction, DeliveryState, Lane, Priority, RequestState
from tracking.traffic.choices import VerdictChoice

EVIL = '"><script>alert(1)</script><b onx="'


def render(template: str, path: str = "/events/", **context: Any) -> str:
    """The template with the parts loaded, as a page at `path` renders it."""
    request = RequestFactory().get(path)
    return Template("{% load ui %}" + template).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("status", Status),
        ("health", Health),
        ("environment", Environment),
        ("platform", Platform),
        ("sensitivity", Sensitivity),
        ("outcome", ImportOutcome),
        ("import", ImportState),
        ("state", RequestState),
        ("state", DeliveryState),
        ("lane", Lane),
        ("change", ChangeAction),
        ("change", ChangeKind),
        ("priority", Priority),
        ("verdict", VerdictChoice),
        ("severity", SeverityChoice),
        ("finding", FindingState),
    ],
)
def test_every_fixed_word_has_a_chip_with_its_own_label(kind: str, choices: type[TextChoices]):
    assert {value: BADGES[kind][value].label for value in choices.values} == dict(choices.choices)


def test_every_chip_has_a_known_icon_and_tone_and_no_two_of_a_kind_look_alike():
    for kind, chips in BADGES.items():
        for chip in chips.values():
            assert chip.icon in icon_names(), chip
            assert chip.tone in TONES, chip
        assert len({chip.label for chip in chips.values()}) == len(chips), kind


def test_a_chip_says_its_word_and_count():
    html = render('{% badge "health" "failing" count=3 %}')
    assert "tone-bad" in html
    assert "Failing" in html
    assert ">3<" in html


def test_an_unknown_value_is_shown_as_it_is_and_an_unknown_kind_is_a_mistake():
    assert "Half way" in render('{% badge "state" "half_way" %}')
    with pytest.raises(KeyError):
        render('{% badge "colour" "red" %}')


def test_an_unknown_icon_is_a_mistake():
    with pytest.raises(KeyError):
        render('{% icon "unicorn" %}')


def test_an_icon_is_hidden_unless_it_stands_alone():
    assert 'aria-hidden="true"' in render('{% icon "flag" %}')
    assert 'role="img" aria-label="Flagged"' in render('{% icon "flag" "Flagged" %}')


class EvilForm(forms.Form):
    """A form whose every word is hostile."""

    text = forms.CharField(label=EVIL, help_text=EVIL, min_length=999)
    choice = forms.ChoiceField(label=EVIL, choices=[(EVIL, EVIL)])
    several = forms.MultipleChoiceField(label=EVIL, choices=[(EVIL, EVIL)], widget=forms.CheckboxSelectMultiple)
    tick = forms.BooleanField(label=EVIL, help_text=EVIL)


EVIL_PERSON = ExamplePerson(EVIL, EVIL)
EVIL_FORM = {"text": EVIL, "choice": EVIL + "x", "several": [EVIL]}
PARTS = [
    '{% badge "status" evil label=evil %}',
    "{% mono evil %}",
    '{% icon "flag" evil %}',
    "{% when None empty=evil %}",
    "{% sparkline numbers evil %}",
    "{% bar shares evil %}",
    "{% copy evil evil evil %}",
    "{% code evil evil evil %}",
    "{% json payload evil %}",
    "{% stepper steps evil %}",
    "{% timeline entries %}",
    "{% diff differences evil %}",
    "{% empty evil evil evil evil %}",
    "{% stat evil evil evil %}",
    "{% person person role=evil %}",
    '{% banner "bad" evil %}{{ evil }}{% endbanner %}',
    "{% region evil %}{{ evil }}{% endregion %}",
    "{% form_errors form %}{% for bound in form %}{% field bound %}{% endfor %}",
    "{% filters filterset found=1 total=2 noun=evil target=evil %}",
    "{% pagination page evil %}",
    "{% sortable evil evil css=evil %}",
    "{% tab evil evil %}",
    '<a href="{% query a=evil %}">',
]


@pytest.mark.parametrize("template", PARTS)
def test_every_part_escapes_what_it_is_given(template: str):
    html = render(
        template,
        path="/events/?q=" + "%22%3E%3Cscript%3E&status=%22%3E%3Cscript%3E&other=%22%3E%3Cscript%3E",
        evil=EVIL,
        numbers=[1, 2],
        shares=[(EVIL, 1, "ok")],
        payload={EVIL: [EVIL, {"a": EVIL}]},
        steps=[ExampleStep(EVIL, "current", EVIL)],
        entries=[TimelineEntry(timezone.now(), EVIL_PERSON, EVIL, EVIL)],
        differences=[ExampleDifference("changed", EVIL, EVIL, EVIL, f"{EVIL} more", EVIL)],
        person=EVIL_PERSON,
        form=EvilForm(EVIL_FORM),
        filterset=ExampleFilter(QueryDict(f"q={EVIL}&status={EVIL}"), queryset=User.objects.none()),
        page=Paginator(range(9), 2).get_page(2),
    )
    assert html.strip()
    assert "<script" not in html
    assert not re.search(r"<[^>]*\sonx=", re.sub(r'"[^"]*"', '""', html))


def test_names_show_what_cannot_be_seen():
    html = unicode_rendering.render_name("Order \u202edetelpmoC\u200b\x00")
    assert "U+202E" in html
    assert "U+200B" in html
    assert "U+0000" in html
    assert "\u202e" not in html


def test_names_show_letters_that_pass_for_latin_ones_only_beside_latin_ones():
    assert "U+0435" in unicode_rendering.render_name("Ord\u0435r")
    assert unicode_rendering.render_name("Заказ оформлен") == "Заказ оформлен"


@pytest.mark.parametrize(("name", "marks"), [(" a", 1), ("a ", 1), ("a  b", 1), ("a b", 0), ("a\u00a0b", 1), ("", 0)])
def test_names_show_spaces_that_would_be_missed(name: str, marks: int):
    assert unicode_rendering.render_name(name).count('class="glyph"') == marks


def test_a_long_name_says_how_much_is_left_out():
    assert "9488 more characters" in unicode_rendering.render_name("x" * 10_000)


def test_a_lone_surrogate_can_be_sent():
    for template in ("{% mono text %}", "{% code text %}", "{% json text %}", '{% copy text "Copy" %}'):
        render(template, text="a\ud800b").encode("utf-8")


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(hours=-23), "23 hours ago"),
        (timedelta(days=-30), "30 days ago"),
        (timedelta(days=-31), "7 Feb"),
        (timedelta(days=-400), "3 Feb 2025"),
        (timedelta(seconds=5), "in a moment"),
        (timedelta(days=2), "in 2 days"),
    ],
)
def test_times_are_said_as_people_say_them(distance: timedelta, said: str):
    assert humanize.relative_time(NOW + distance, NOW) == said


@pytest.mark.parametrize(("days", "said"), [(-1, "yesterday"), (0, "today"), (1, "tomorrow"), (-4, "4 days ago")])
def test_days_are_said_as_people_say_them(days: int, said: str):
    assert humanize.relative_day(date(2026, 3, 10) + timedelta(days=days), NOW) == said


def test_a_time_carries_its_exact_value():
    html = render("{% when at %}", at=NOW)
    assert 'datetime="2026-03-10T12:00:00+00:00"' in html
    assert 'title="2026-03-10 12:00:00 UTC"' in html
    assert "never" in render("{% when None %}")


@pytest.mark.parametrize(
    ("value", "plain", "short"),
    [
        (0, "0", "0"),
        (9_999, "9\u202f999", "9\u202f999"),
        (12_345, "12\u202f345", "12.3\u202fk"),
        (-1_500_000, "−1\u202f500\u202f000", "−1.5\u202fM"),
    ],
)
def test_numbers(value: int, plain: str, short: str):
    assert humanize.format_number(value) == plain
    assert humanize.format_compact(value) == short
    assert f'title="{value}"' in render("{% number value %}", value=value)


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


def test_query_strings_keep_what_is_not_changed_and_go_back_to_the_first_page():
    query = QueryDict("status=live&status=planned&page=3&q=a b")
    assert query_strings.query_with(query, {"q": None}) == "?status=live&status=planned"
    assert query_strings.query_with(query, {"page": 4}) == "?status=live&status=planned&q=a+b&page=4"
    assert query_strings.query_without(query, "status", "live") == "?q=a+b&status=planned"


def test_a_column_sorts_up_then_down():
    assert 'aria-sort="none"' in render('{% sortable "name" "Name" %}')
    up = render('{% sortable "name" "Name" %}', path="/events/?sort=name")
    assert 'aria-sort="ascending"' in up
    assert "sort=-name" in up
    assert 'aria-sort="descending"' in render('{% sortable "name" "Name" %}', path="/events/?sort=-name")
    assert 'aria-sort="ascending"' in render('{% sortable "name" "Name" default="name" %}')


def test_filters_show_what_is_chosen_and_how_to_take_it_back():
    path = "/events/?status=live&status=nonsense&q=order&sort=name&page=2"
    query = QueryDict(path.partition("?")[2])
    html = render(
        '{% filters f found=0 total=9 noun="events" %}', path=path, f=ExampleFilter(query, queryset=User.objects.none())
    )
    assert "Take a filter away" in html
    assert 'href="?q=order&amp;sort=name&amp;status=nonsense"' in html
    assert html.count('class="pill"') == 2
    assert html.count("pill-bad") == 1
    assert '<input type="hidden" name="sort" value="name">' in html
    assert 'name="page"' not in html
    assert "Clear all" in html


def test_filters_without_a_choice_only_count():
    html = render(
        '{% filters f found=9 total=9 noun="events" %}', f=ExampleFilter(QueryDict(""), queryset=User.objects.none())
    )
    assert "pill-bad" not in html
    assert "Clear all" not in html
    assert "events</span>" in one_line(html)


def test_filters_say_yes_no_and_any_in_words():
    path = "/events/?verified=true&since=2026-03-04"
    query = QueryDict(path.partition("?")[2])
    html = one_line(render("{% filters f %}", path=path, f=ExampleFilter(query, queryset=User.objects.none())))
    assert '<option value="">Verified: any</option>' in html
    assert '<option value="true" selected>Verified: yes</option>' in html
    assert '<span class="label">Verified</span> yes' in html
    assert 'type="date"' in html
    assert 'class="form-control' in html


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


def test_pages_keep_filters():
    html = render("{% pagination page %}", path="/events/?status=live", page=Paginator(range(120), 50).get_page(2))
    assert 'href="?status=live&amp;page=3"' in html
    assert 'aria-current="page"' in html


@pytest.mark.parametrize(
    ("noun", "count", "expected"),
    [("events", 1, "1 event"), ("events", 0, "0 events"), ("deliveries", 1, "1 delivery"), ("deliveries", 2, "2 del")],
)
def test_one_of_a_kind_is_called_so(noun, count, expected):
    html = render("{% pagination page noun %}", page=Paginator(range(count), 50).get_page(1), noun=noun)
    counted = render("{{ count }} {{ noun|noun_for_count:count }}", count=count, noun=noun)
    assert counted.startswith(expected)
    assert count == 0 or f"</data> {noun if count > 1 else expected[2:]}</span>" in one_line(html)


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


def test_a_badge_lends_its_icon_and_its_tone():
    assert 'aria-label="Missing"' in render('{% badge_icon "property_check" state %}', state="missing")
    assert (
        render('{{ word|tone:"severity" }} {{ word|icon_name:"severity" }}', word="error")
        == "bad exclamation-circle-fill"
    )
    with pytest.raises(KeyError):
        render('{{ word|tone:"colour" }}', word="red")


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
