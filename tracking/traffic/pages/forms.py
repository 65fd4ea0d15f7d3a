"""The form that sends a test event."""

import json
from typing import Any

import msgspec
from django import forms

from catalog.choices import Call, Environment, VersionFrom
from catalog.contract import InvalidDefinition, UnparsableBody, example_payload, parse_json
from catalog.models import Event, Source

OUTSIDE_PRODUCTION = (Environment.DEVELOPMENT, Environment.STAGING)
MAX_SUGGESTED_NAMES = 200
DEFAULT_INITIAL = {"name": "Test Event", "properties": '{"total": 27.5}'}
"""What the form begins with where a source has no event yet."""


class TestEventForm(forms.Form):
    """An event as a person types it: its name, where it goes, and its properties as a JSON object."""

    __test__ = False  # for pytest, which takes classes of such a name for tests

    name = forms.CharField(label="Event", max_length=512, help_text="One of this source's events, or any other name")
    environment = forms.ChoiceField(label="Environment", choices=[(one.value, one.label) for one in OUTSIDE_PRODUCTION])
    app_version = forms.CharField(
        label="App version",
        max_length=100,
        required=False,
        help_text="As the app would send it; a delivery counts only events from its own version on",
    )
    properties = forms.CharField(
        label="Properties",
        required=False,
        max_length=100_000,
        help_text="A JSON object",
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
    )

    def __init__(self, source: Source, data: Any = None, *, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="test_%s")
        self.source = source
        self.fields["name"].widget.attrs |= {"list": "test_names", "autocomplete": "off"}
        self.fields["app_version"].widget.attrs |= {"class": "mono", "placeholder": "2.5.0"}
        if source.version_from != VersionFrom.PAYLOAD:
            del self.fields["app_version"]

    def clean_properties(self) -> dict[str, Any] | msgspec.Raw:
        """Read the properties as the collector does, or say where they stop being JSON.

        What only its lenient parser reads goes there as it was typed, so that it gets the verdict of a real event.
        """
        text = (self.cleaned_data["properties"] or "{}").encode("utf-8", "backslashreplace")
        try:
            parsed = parse_json(text)
        except UnparsableBody as error:
            raise forms.ValidationError(f"This is no JSON: {error}") from error
        if not isinstance(parsed.value, dict):
            raise forms.ValidationError('Write an object in braces, such as {"total": 27.5}.')
        return msgspec.Raw(text) if parsed.parse_errors else parsed.value


def sendable_event_names(source: Source) -> list[str]:
    """Return the names of a source's events that a test can send, by the alphabet."""
    events = Event.objects.sent_by(sources=[source]).filter(call=Call.TRACK).order_by("name")
    return list(events.values_list("name", flat=True)[:MAX_SUGGESTED_NAMES])


def example_properties_text(source: Source, name: str) -> str:
    """Return a payload that keeps to the newest definition of a track event, as JSON; "" where there is none."""
    event = Event.objects.named(Call.TRACK, name).select_related("newest_version", "live_version").first()
    version = event and (event.newest_version or event.live_version)
    if not version:
        return ""
    try:
        example = example_payload(version.definition, source=source.slug)
    except InvalidDefinition:
        return ""
    return json.dumps(example.get("properties") or {}, ensure_ascii=False, indent=2) if example else ""


def session_key(source: Source) -> str:
    """Return the key under which a session keeps what a person typed for a source."""
    return f"test_event_{source.pk}"


def initial_values(source: Source, names: list[str]) -> dict[str, str]:
    """Return what the form begins with: the source's first event and a payload that keeps to its definition."""
    example = example_properties_text(source, names[0]) if names else ""
    return {"name": names[0], "properties": example or "{}"} if names else DEFAULT_INITIAL
