"""Filters that several apps use: rows with one of several chosen values, of an id, since a time, or due by a day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_filters.fields import IsoDateTimeField, ModelChoiceIterator, ModelMultipleChoiceField
from drf_spectacular.utils import extend_schema_field


class MultiValueFilter(django_filters.MultipleChoiceFilter):
    """Rows with one of the chosen values. None of the filters here joins to many rows, so nothing need be distinct."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"distinct": False} | kwargs)


class NamedRowIterator(ModelChoiceIterator):
    """The choices of a field whose rows are shown by `name`: their slugs and names, and nothing else of them."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        yield from self.queryset.values_list(self.field.to_field_name, "name")


class MultiRelatedField(ModelMultipleChoiceField):
    """Several rows, chosen by their slugs from a list of their names."""

    iterator = NamedRowIterator


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class MultiRelatedFilter(django_filters.ModelMultipleChoiceFilter):
    """Rows that belong to one of the chosen ones, which are named by their slugs; see `MultiValueFilter`."""

    field_class = MultiRelatedField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"distinct": False} | kwargs)


MAX_ID = 2**63 - 1


class IdField(forms.Field):
    """The id of a row: a positive number in digits, since no sign, point or exponent is in an id."""

    default_error_messages: ClassVar = {"invalid": "Enter an id: a whole number above 0."}

    def to_python(self, value: Any) -> int | None:
        """The id; None for an empty text. Raises ValidationError where it is none.

        A number that is too large for PostgreSQL is `MAX_ID`, which no row has. Digits are counted before they are
        read, because Python refuses to read thousands of them.
        """
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        digits = text.lstrip("0")
        if not (digits.isascii() and digits.isdigit()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return MAX_ID if len(digits) > len(str(MAX_ID)) else min(int(digits), MAX_ID)


@extend_schema_field({"type": "integer"})
class IdFilter(django_filters.Filter):
    """Rows of an id, or whatever a method makes of it; see `IdField`. Never shown: a link carries the id."""

    field_class = IdField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": forms.HiddenInput} | kwargs)


class ExactFilter(django_filters.CharFilter):
    """Rows with this very text, blanks at its ends included, or whatever a method makes of it. Never shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": forms.HiddenInput, "strip": False} | kwargs)


class YesNoSelect(forms.NullBooleanSelect):
    """The three choices of yes, no and either, which leaves what it cannot read to the field."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What came, as it came."""
        return data.get(name)


class YesNoField(forms.NullBooleanField):
    """Yes or no; None where nothing is chosen. Any other text is refused: ignored, it would show all rows."""

    widget = YesNoSelect
    default_error_messages: ClassVar = {"invalid": "Enter true or false."}
    _VALUES: ClassVar = {
        **dict.fromkeys(("true", "1", "yes", "2"), True),  # 2 and 3 are what the choices of the widget say
        **dict.fromkeys(("false", "0", "no", "3"), False),
        **dict.fromkeys(("", "unknown"), None),
    }

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]  # the field that it extends returns None, too
        """The choice. Raises ValidationError where it is none."""
        text = "" if value is None else str(value).strip().lower()
        if text not in self._VALUES:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return self._VALUES[text]


class YesNoFilter(django_filters.BooleanFilter):
    """Rows for which something is so, or is not; see `YesNoField`."""

    field_class = YesNoField


class OpenSelect(forms.Select):
    """A select that also offers what the address says, where that is none of the choices."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """The choices with what is chosen, known or not."""
        groups = super().optgroups(name, value, attrs)
        known = {str(option["value"]) for _label, options, _index in groups for option in options}
        unknown = [text for text in value if text and text not in known]
        return groups + [
            (None, [self.create_option(name, text, text, True, len(groups) + at, attrs=attrs)], len(groups) + at)
            for at, text in enumerate(unknown)
        ]


class OpenChoiceField(forms.CharField):
    """A text that is chosen by its words. Any other is taken, too: links outlive lists of choices."""

    def __init__(self, *, choices: Callable[[], list[tuple[str, str]]], **kwargs: Any) -> None:
        self.choices = [("", ""), *choices()]
        defaults: dict[str, Any] = {"widget": OpenSelect(choices=self.choices), "strip": False}
        super().__init__(**(defaults | kwargs))


class OpenChoiceFilter(django_filters.CharFilter):
    """Rows with exactly one text, of which the usual ones are offered by their words."""

    field_class = OpenChoiceField


class EventFilterSet(django_filters.FilterSet):
    """A list that can be narrowed to an event: `?event=` takes its id, `?name=` its exact name, on each the same."""

    event = IdFilter(label="Event", method="by_event", help_text="An event's id")
    name = ExactFilter(label="Event name", method="by_event_name", help_text="An event's exact name")

    def by_event(self, queryset: Any, _name: str, event_id: int) -> Any:
        """Rows of an event. An id that no event has finds none."""
        raise NotImplementedError

    def by_event_name(self, queryset: Any, _name: str, name: str) -> Any:
        """Rows of whatever has this very name."""
        raise NotImplementedError


MAX_DAYS = 3_650
"""How many days ahead a filter looks."""


class DueDayField(forms.IntegerField):
    """A number of days from today, read as the last of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=MAX_DAYS, **kwargs)

    def clean(self, value: Any) -> date | None:
        """The day; None for an empty text. Raises ValidationError for what is no number of days."""
        days = super().clean(value)
        return None if days is None else timezone.localdate() + timedelta(days=days)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MAX_DAYS})
class DueWithinFilter(django_filters.Filter):
    """Rows whose day comes within so many days from today, or is over: their method gets the last of these days."""

    field_class = DueDayField


class UtcDateTimeField(IsoDateTimeField):
    """A moment in ISO 8601 with any offset, as UTC."""

    def clean(self, value: Any) -> datetime | None:
        """The time; None for an empty text. Raises ValidationError where it cannot be expressed in UTC.

        The first and last hours of the calendar have no place in UTC when they come with an offset, and
        PostgreSQL would answer them with an error.
        """
        timestamp: datetime | None = super().clean(value)
        try:
            return None if timestamp is None else timestamp.astimezone(UTC)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class UtcDateTimeFilter(django_filters.IsoDateTimeFilter):
    """Rows of a moment, or whatever a method makes of it; see `UtcDateTimeField`."""

    field_class = UtcDateTimeField


class DayField(forms.DateField):
    """A day of the calendar that people mean: others have no moment in every time zone."""

    widget = forms.DateInput(attrs={"type": "date"})
    default_error_messages: ClassVar = {"year": "Enter a day from 1900 to 2199."}

    def clean(self, value: Any) -> date | None:
        """The day; None for an empty text. Raises ValidationError for what is no day, or one of another age."""
        day: date | None = super().clean(value)
        if day is not None and not 1900 <= day.year < 2200:
            raise ValidationError(self.error_messages["year"], code="year")
        return day


class DayFilter(django_filters.Filter):
    """Rows from a day on, or up to it, in the person's time zone: `bound` is `gte` or `lt`, the end of the day then."""

    field_class = DayField

    def __init__(self, *args: Any, bound: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bound = bound

    def filter(self, qs: Any, value: date | None) -> Any:
        """The rows on this side of the day."""
        if value is None:
            return qs
        day = value if self.bound == "gte" else value + timedelta(days=1)
        moment = timezone.make_aware(datetime.combine(day, time.min))
        return qs.filter(**{f"{self.field_name}__{self.bound}": moment})
