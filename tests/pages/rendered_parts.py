"""The parts of pages as tests render them, and hostile words to give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.template import Context, Template
from django.test import RequestFactory

EVIL = '"><script>alert(1)</script><b onx="'
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def render(template: str, path: str = "/events/", **context: Any) -> str:
    """The template with the parts loaded, as a page at `path` renders it."""
    request = RequestFactory().get(path)
    return Template("{% load ui %}" + template).render(Context({"request": request, **context}))


class EvilForm(forms.Form):
    """A form whose every word is hostile."""

    text = forms.CharField(label=EVIL, help_text=EVIL, min_length=999)
    choice = forms.ChoiceField(label=EVIL, choices=[(EVIL, EVIL)])
    several = forms.MultipleChoiceField(label=EVIL, choices=[(EVIL, EVIL)], widget=forms.CheckboxSelectMultiple)
    tick = forms.BooleanField(label=EVIL, help_text=EVIL)
