"""A badge as HTML: a fixed word with its icon and tone."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.ui import badges, icons

MAX_REMEMBERED = 1_000
"""How many badges without a count a process remembers; there are fewer words than these."""


def render_badge(kind: str, value: str, count: int | None = None, label: str = "") -> SafeString:
    """The badge of a word; `count` follows it, `label` replaces it. A list shows it in every row.

    Raises KeyError where `kind` is unknown.
    """
    if count is None:
        return _render_remembered(kind, value, label)
    return _render(kind, value, label, format_html('<span class="chip-count">{}</span>', count))


def _render(kind: str, value: str, label: str, count: str) -> SafeString:
    badge = badges.badge_for(kind, value)
    icon = icons.render_icon(badge.icon)
    return format_html('<span class="chip tone-{}">{} {} {}</span>', badge.tone, icon, label or badge.label, count)


@lru_cache(MAX_REMEMBERED)
def _render_remembered(kind: str, value: str, label: str) -> SafeString:
    return _render(kind, value, label, "")
