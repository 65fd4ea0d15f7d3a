"""The parts that every page is made of; `docs/pages.md` lists them, the style page shows them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import Context, RequestContext
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_filters import FilterSet

from pages.ui import (
    badge_html,
    badges,
    charts,
    diff_rendering,
    filter_panel,
    form_controls,
    humanize,
    icons,
    json_html,
    query_strings,
    unicode_rendering,
)
from pages.ui.timeline import TimelineEntry

register = template.Library()

BANNER_ICONS = {
    "neutral": "info-circle",
    "info": "info-circle",
    "ok": "check-circle",
    "warn": "exclamation-triangle",
    "bad": "exclamation-octagon",
    "violet": "stars",
}


class StepMark(NamedTuple):
    """How a step of the stepper looks: its icon, the icon's name for screen readers, and what they read behind it."""

    icon: str
    icon_label: str = ""
    spoken: str = ""
    is_current: bool = False


STEP_MARKS = {
    "done": StepMark("check-lg", spoken=", done"),
    "current": StepMark("circle-fill", is_current=True),
    "todo": StepMark(""),
    "blocked": StepMark("x-lg", "Blocked", is_current=True),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "flag" %}` next to a word; `{% icon "flag" "Flagged" %}` without one."""
    return icons.render_icon(name, label)


@register.simple_tag
def badge(kind: str, value: str, count: int | None = None, label: str = "") -> SafeString:
    """`{% badge "status" event.status %}`: a fixed word with its icon and tone; the kinds are those of `badges.CHIPS`.

    `count` follows the word, `label` replaces it.
    """
    return badge_html.render_badge(kind, str(value), count, label)


@register.simple_tag
def badge_icon(kind: str, value: str) -> SafeString:
    """`{% badge_icon "property_check" check.state %}`: the icon of a badge alone, named by its label."""
    shown = badges.badge_for(kind, str(value))
    return icons.render_icon(shown.icon, shown.label)


@register.filter
def tone(value: str, kind: str) -> str:
    """`class="tone-{{ finding.severity|tone:"severity" }}"`: the tone of a badge."""
    return badges.badge_for(kind, str(value)).tone


@register.filter
def icon_name(value: str, kind: str) -> str:
    """`{% icon level|icon_name:"message" %}`: the icon of a badge, beside words that say what it means."""
    return badges.badge_for(kind, str(value)).icon


@register.simple_tag
def mono(name: str, limit: int = 512) -> SafeString:
    """`{% mono event.name %}`: a name in the fixed-width face, with unseen and deceptive characters shown."""
    return format_html('<bdi class="mono">{}</bdi>', unicode_rendering.render_name(str(name), limit=limit))


@register.simple_tag
def when(at: datetime | date | None, form: str = "relative", empty: str = "never") -> SafeString:
    """`{% when event.last_seen %}`: "3 minutes ago", with the exact time and its zone on hover.

    `form` is "relative", "date" ("4 Mar") or "time" ("4 Mar, 10:02:31"); None shows `empty`.
    """
    if at is None:
        return format_html('<span class="muted">{}</span>', empty)
    now = timezone.now()
    if not isinstance(at, datetime):
        shown = humanize.relative_day(at, now) if form == "relative" else humanize.short_date(at, now)
        return format_html('<time datetime="{0}" title="{0}">{1}</time>', at.isoformat(), shown)
    if form == "time":
        shown = humanize.short_datetime(at, now)
    else:
        day = humanize.local_time(at).date()
        shown = humanize.short_date(day, now) if form == "date" else humanize.relative_time(at, now)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), humanize.exact_time(at), shown)


@register.simple_tag
def number(value: float | None, short: bool = False) -> SafeString:
    """`{% number n %}`: 12 345, with the plain figure on hover; `short=True`: 12.3 k. None is a dash."""
    if value is None:
        return format_html('<span class="muted" title="{}">–</span>', "no figure")
    shown = humanize.format_compact(value) if short else humanize.format_number(value)
    return format_html('<data class="number" value="{0}" title="{0}">{1}</data>', str(value), shown)


@register.filter
def noun_for_count(noun: str, count: int) -> str:
    """`{{ noun|noun_for_count:found }}`: the noun of a list in the form that fits the number before it: 1 event."""
    if count != 1:
        return noun
    return noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")


@register.inclusion_tag("ui/sparkline.html")
def sparkline(
    values: Sequence[float | None], label: str, bad: Sequence[float | None] = (), wide: bool = False
) -> dict[str, Any]:
    """`{% sparkline volumes "Events a day" %}`: one bar for each value, oldest first, with a text for screen readers.

    `bad` is the wrong part of each value; `wide=True` fills the line.
    """
    return {"chart": charts.sparkline(list(values), label, list(bad)), "wide": wide}


@register.inclusion_tag("ui/bar.html")
def bar(parts: Iterable[tuple[str, float, str]], label: str, legend: bool = True) -> dict[str, Any]:
    """`{% bar shares "Verdicts today" %}`: parts of one whole as (label, value, tone), with a legend in words."""
    return {"pieces": charts.bar_segments(parts), "label": label, "legend": legend}


@register.inclusion_tag("ui/copy.html")
def copy(text: str, label: str, word: str = "") -> dict[str, Any]:
    """`{% copy event.name "Copy the name" %}`: a button that copies `text`; `word` is shown next to its icon."""
    return {"text": _utf8_safe(text), "label": label, "word": word}


@register.inclusion_tag("ui/code.html")
def code(text: str, language: str = "", title: str = "", wrap: bool = False) -> dict[str, Any]:
    """`{% code snippet "python" %}`: a block of code with a copy button; `title` is shown instead of the language."""
    shown = unicode_rendering.render_text(str(text))
    return {"html": shown, "text": _utf8_safe(text), "title": title or language or "Text", "wrap": wrap}


@register.inclusion_tag("ui/code.html")
def json(value: Any, title: str = "JSON", wrap: bool = False) -> dict[str, Any]:
    """`{% json sample.payload %}`: any JSON value over several lines, coloured by kind, with a copy button."""
    text = json_html.compact_json(value)
    return {"html": json_html.render_json(value), "text": _utf8_safe(text), "title": title, "wrap": wrap}


@register.inclusion_tag("ui/stepper.html")
def stepper(steps: Iterable[Any], label: str = "Steps") -> dict[str, Any]:
    """`{% stepper steps %}`: each with `label`, `state` (done, current, todo or blocked) and perhaps `note`."""
    return {"steps": [(step, STEP_MARKS[_get(step, "state", "todo")]) for step in steps], "label": label}


@register.inclusion_tag("ui/timeline.html")
def timeline(entries: Iterable[TimelineEntry], shows_events: bool = False) -> dict[str, Any]:
    """`{% timeline entries %}`: the history of something; `shows_events` also shows the stored events of entries."""
    return {"entries": list(entries), "shows_events": shows_events}


@register.inclusion_tag("ui/diff.html")
def diff(found: Iterable[Any], label: str = "Differences") -> dict[str, Any]:
    """`{% diff differences %}`: each with `kind` (added, removed, changed, words), `path`, `field`, `before`, `after`.

    A `note`, where there is one, is shown under the path.
    """
    lines = diff_rendering.diff_lines(found)
    return {"lines": lines, "summary": diff_rendering.diff_summary(lines), "label": label}


@register.inclusion_tag("ui/empty.html")
def empty(
    title: str, why: str, action_label: str = "", action_url: str = "", icon: str = "inbox", primary: bool = True
) -> dict[str, Any]:
    """`{% empty "No findings" "Nothing broke a rule for 30 days." %}`: why there is nothing, what to do."""
    return {"title": title, "why": why, "label": action_label, "url": action_url, "icon": icon, "primary": primary}


@register.simple_block_tag
def empty_place(
    content: SafeString,
    title: str,
    action_label: str = "",
    action_url: str = "",
    icon: str = "inbox",
    primary: bool = True,
) -> SafeString:
    """`{% empty_place "No findings" %}Nothing broke a rule.{% endempty_place %}`: `empty` with a longer reason."""
    return render_to_string("ui/empty.html", empty(title, content, action_label, action_url, icon, primary))


@register.simple_block_tag(takes_context=True)
def fault(
    context: Context, content: SafeString, code: str, title: str, link_label: str = "", link_url: str = ""
) -> SafeString:
    """`{% fault "410" "This is gone" %}<p>…</p>{% endfault %}`: why a page cannot be shown, and what to do instead."""
    request_id = getattr(context.get("request"), "request_id", "")
    shown = {"content": content, "code": code, "title": title, "link_label": link_label, "link_url": link_url}
    return render_to_string("ui/fault.html", {**shown, "request_id": request_id})


@register.inclusion_tag("ui/stat.html")
def stat(label: str, value: Any, note: str = "", tone: str = "neutral", url: str = "") -> dict[str, Any]:
    """`{% stat "Failing" 3 "of 112 live events" "bad" %}`: one figure; put several in `<div class="stats">`."""
    shown = humanize.format_number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    sign = BANNER_ICONS[tone] if tone in {"bad", "warn"} else ""
    return {"label": label, "value": shown, "note": note, "tone": tone, "icon": sign, "url": url}


@register.inclusion_tag("ui/person.html")
def person(user: Any, empty: str = "Nobody", role: str = "") -> dict[str, Any]:
    """`{% person event.owner %}`: initials and name; None shows `empty`; `role` follows the name."""
    if user is None:
        return {"name": "", "empty": empty}
    name = str(user.get_full_name() or user.get_username())
    tone = badges.TONES[zlib.crc32(str(user.get_username()).encode()) % len(badges.TONES)]
    initials = "".join(word[0] for word in name.split()[:2]) or "?"
    is_system = getattr(user, "is_system", False)
    return {"name": name, "initials": initials, "tone": tone, "role": role, "is_system": is_system}


@register.simple_block_tag
def banner(content: SafeString, tone: str, title: str = "") -> SafeString:
    """`{% banner "warn" "Deprecated" %}<p>…</p>{% endbanner %}`: something that must be read before the page."""
    heading = format_html('<p class="banner-title">{}</p>', title) if title else ""
    drawn = icons.render_icon(BANNER_ICONS[tone])
    return format_html(
        '<div class="banner tone-{}">{}<div class="banner-body">{}{}</div></div>', tone, drawn, heading, content
    )


@register.simple_block_tag
def region(content: SafeString, label: str, bare: bool = False) -> SafeString:
    """`{% region "Events" %}<table class="data">…</table>{% endregion %}`: scrolls sideways alone, by keyboard too."""
    css = "region region-bare" if bare else "region"
    return format_html('<div class="{}" role="region" aria-label="{}" tabindex="0">{}</div>', css, label, content)


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, **attrs: Any) -> dict[str, Any]:
    """`{% field form.title %}`: label, hint, control and errors of one field; more arguments go onto the control."""
    shape = form_controls.field_layout(bound)
    control = "" if shape == "choices" else form_controls.render_control(bound, attrs)
    return {"field": bound, "shape": shape, "control": control, "described": form_controls.described_by(bound)}


@register.inclusion_tag("ui/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """`{% form_errors form %}`: at the top of a form, all its errors with links to their fields; else nothing."""
    return {"faults": form_controls.form_errors(form) if form.is_bound else []}


@register.inclusion_tag("ui/filters.html", takes_context=True)
def filters(
    context: RequestContext,
    filterset: FilterSet,
    found: int | None = None,
    total: int | None = None,
    noun: str = "entries",
    side: bool = False,
    target: str = "",
) -> dict[str, Any]:
    """`{% filters filterset found=page.paginator.count total=total noun="events" %}`: form, what is chosen, count.

    Works without a script. With `target="#list"` (an element around the filters and their list) a change replaces
    that element alone. `side=True` sets the controls under one another.
    """
    panel = filter_panel.build_filter_panel(filterset, context["request"].GET)
    options = {"found": found, "total": total, "noun": noun, "side": side, "target": target}
    return {"filters": panel, "path": context["request"].path, **options}


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page[Any], noun: str = "entries") -> dict[str, Any]:
    """`{% pagination page %}`: which rows these are, and links to the other pages that keep filters and order."""
    paginator = page.paginator
    steps = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    query = context["request"].GET
    pages = [(step, query_strings.query_with(query, {"page": step}) if isinstance(step, int) else "") for step in steps]
    before = query_strings.query_with(query, {"page": page.number - 1}) if page.has_previous() else ""
    after = query_strings.query_with(query, {"page": page.number + 1}) if page.has_next() else ""
    return {"page": page, "pages": pages, "before": before, "after": after, "noun": noun}


@register.inclusion_tag("ui/sortable.html", takes_context=True)
def sortable(
    context: RequestContext, field: str, label: str, css: str = "", default: str = "", param: str = "sort"
) -> dict[str, Any]:
    """`{% sortable "name" "Name" %}`: a column's header that orders the list by `?sort=name`, then `?sort=-name`.

    `default` is the order of the list without `?sort=`; `css` goes onto the header.
    """
    chosen = context["request"].GET.get(param) or default
    order = {field: "ascending", f"-{field}": "descending"}.get(chosen, "none")
    next_order = f"-{field}" if chosen == field else field
    return {
        "label": label,
        "css": css,
        "order": order,
        "url": query_strings.query_with(context["request"].GET, {param: next_order}),
    }


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changes: Any) -> str:
    """`<a href="{% query status="live" %}">`: this page's query string with changes; None or "" drops a key."""
    return query_strings.query_with(context["request"].GET, changes)


@register.inclusion_tag("ui/tab.html", takes_context=True)
def tab(
    context: RequestContext, name: str, label: str, count: int | None = None, default: bool = False, param: str = "tab"
) -> dict[str, Any]:
    """`{% tab "changes" "Changes" count=3 %}`: a view of the page at `?tab=changes`, inside `<nav class="tabs">`."""
    chosen = context["request"].GET.get(param) or ""
    is_current = chosen == name or (default and not chosen)
    url = query_strings.query_with(context["request"].GET, {param: None if default else name})
    return {"label": label, "count": count, "url": url, "is_current": is_current}


def _get(thing: Any, name: str, default: str) -> str:
    found = thing.get(name) if isinstance(thing, dict) else getattr(thing, name, default)
    return str(found or default)


def _utf8_safe(text: Any) -> str:
    """The text with lone surrogates written out: they cannot be sent as UTF-8."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")
