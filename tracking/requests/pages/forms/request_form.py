"""The form of a request itself: why it is asked for, and what is asked when it is submitted."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Team, User
from tracking.requests.authoring.draft_editing import DEFAULT_REVIEW_PERIOD, RequestFields
from tracking.requests.choices import Priority
from tracking.requests.models import Request

VOLUME_CHOICES = ((10, "About 10"), (100, "About 100"), (1_000, "About 1 000"), (10_000, "About 10 000"))
LARGE_VOLUME_CHOICES = ((100_000, "About 100 000"), (1_000_000, "About a million"), (10_000_000, "About 10 million"))
MAX_PARAGRAPH_LENGTH = 5_000


class NormalizedTextField(forms.CharField):
    """A text with a bound, its line ends as the database keeps them."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class DraftOptionalField(forms.Field):
    """A field that a draft may lack: it is asked for when the request is submitted, so nothing calls it optional."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class DraftOptionalText(DraftOptionalField, NormalizedTextField):
    """A text of one or more paragraphs."""


class DraftOptionalChoice(DraftOptionalField, forms.ChoiceField):
    """One of some words."""


class DraftOptionalVolume(DraftOptionalField, forms.TypedChoiceField):
    """An order of magnitude."""


class DraftOptionalDate(DraftOptionalField, forms.DateField):
    """A day."""


class DraftOptionalModelChoice(DraftOptionalField, forms.ModelChoiceField):
    """A person or a team."""


def date_input() -> forms.DateInput:
    """Return the control of a day, in the one form that browsers read."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def short_textarea() -> forms.Textarea:
    """Return a control for a sentence or two."""
    return forms.Textarea(attrs={"rows": 2, "class": "short"})


def _paragraph_field(label: str, hint: str) -> DraftOptionalText:
    return DraftOptionalText(label=label, help_text=hint, max_length=MAX_PARAGRAPH_LENGTH, widget=short_textarea())


class RequestForm(forms.Form):
    """What a person writes on a request. Only the title must be there to save a draft."""

    use_required_attribute = False

    title = NormalizedTextField(
        label="Title", max_length=200, help_text="What you want to know or change, in a few words"
    )
    question = _paragraph_field("Which question should the data answer?", "As you would ask a colleague")
    decision = _paragraph_field("Which decision depends on it?", "What somebody will do differently, once they know")
    metric = NormalizedTextField(
        label="Which metric does it feed?",
        required=False,
        max_length=200,
        help_text="Instead of a decision or beside it",
    )
    message = _paragraph_field("What does it say now?", "One sentence for the history, as nothing that is sent changes")
    reason = _paragraph_field("Why is it no longer needed?", "Whoever still uses it will read this")
    priority = DraftOptionalChoice(
        label="Priority", choices=[("", "Choose"), *Priority.choices], initial=Priority.NORMAL
    )
    expected_per_day = DraftOptionalVolume(
        label="Events a day", coerce=int, empty_value=None, help_text="The order of magnitude will do"
    )
    review_by = DraftOptionalDate(
        label="Ask again on", help_text="Somebody then asks whether it is still needed", widget=date_input()
    )
    owner = DraftOptionalModelChoice(label="Owner", queryset=User.objects.active(), empty_label="Nobody yet")
    team = DraftOptionalModelChoice(label="Team", queryset=Team.objects.all(), empty_label="No team yet")
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, volume: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[Any, str]] = [("", "Choose"), *VOLUME_CHOICES, *LARGE_VOLUME_CHOICES]
        if volume and volume not in dict((*VOLUME_CHOICES, *LARGE_VOLUME_CHOICES)):
            choices.insert(1, (volume, f"{volume:,}".replace(",", "\u202f")))
        self.fields["expected_per_day"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def initial_for_new_request(cls, user: User, *, team: Team | None) -> dict[str, Any]:
        """Return what a new request starts from."""
        return {
            "priority": Priority.NORMAL,
            "review_by": timezone.localdate() + DEFAULT_REVIEW_PERIOD,
            "owner": user,
            "team": team,
        }

    @classmethod
    def initial_from_request(cls, request: Request) -> dict[str, Any]:
        """Return what a draft says."""
        values = {name: getattr(request, name) for name in RequestFields.__annotations__}
        return values | {"revision": request.revision}

    def cleaned_fields(self) -> RequestFields:
        """Return the fields for the services; call it when the form is valid."""
        fields: RequestFields = {  # type: ignore[assignment]
            name: value for name, value in self.cleaned_data.items() if name != "revision"
        }
        return fields
