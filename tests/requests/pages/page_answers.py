"""What tests read of the answers to browsers, and how many queries one takes."""

import re

from tests.page_text import one_line

ROLES = ("pm", "analyst", "developer", "qa", "viewer", "admin")


def text_of(page):
    return one_line(page.content.decode())


def first(pattern, text):
    """What the group of a pattern holds where it is found first."""
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1]


def queries_of(browser, url, django_assert_max_num_queries, most):
    browser.get(url)
    with django_assert_max_num_queries(most) as caught:
        assert browser.get(url).status_code == 200
    return len(caught)
