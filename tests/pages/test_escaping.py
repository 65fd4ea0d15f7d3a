"""Nothing that anybody sent gets out of a part unescaped."""

from __future__ import annotations

import re

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from home.style_guide_examples import ExampleDifference, ExampleFilter, ExamplePerson, ExampleStep
from pages.ui.timeline import TimelineEntry
from tests.pages.rendered_parts import EVIL, EvilForm, render

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
