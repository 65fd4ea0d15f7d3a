"""The parts of lists: filters, sorting, pages, and the addresses behind them."""

from __future__ import annotations

import re

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict

from accounts.models import User
from home.style_guide_examples import ExampleFilter
from pages.ui import query_strings
from tests.page_text import one_line
from tests.pages.rendered_parts import render


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


def test_a_parameter_that_no_filter_knows_is_a_pill_to_take_away():
    path = (
        "/events/?statsu=live&zzz=1&zzz=2&status=live&sort=name&page=2&export=csv&bom=1&format=x&cursor=c&page_size=5"
    )
    query = QueryDict(path.partition("?")[2])
    html = render(
        '{% filters f found=3 total=9 noun="events" %}', path=path, f=ExampleFilter(query, queryset=User.objects.none())
    )
    assert html.count("pill-bad") == 3
    assert "There is no filter “statsu” here. Did you mean “status”?" in html
    assert "There is no filter “zzz” here. There are: " in html
    words = one_line(re.sub(r"<[^>]*>", " ", html))
    assert (
        words.count("Ignored: There is no filter “statsu” here.")
        == words.count("Ignored: There is no filter “zzz”")
        == 1
    )
    # Each goes alone, and all of them with the rest.
    taken_away = [address for address in re.findall(r'href="(\?[^"]*)"', html) if "statsu" not in address]
    assert len(taken_away) == 2
    assert sum("zzz=1&amp;zzz=2" in address for address in taken_away) == 1
    assert sum("zzz" not in address and "status" not in address for address in taken_away) == 1


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
