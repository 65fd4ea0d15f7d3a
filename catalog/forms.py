"""Forms of the catalog's pages."""

from django import forms

from catalog.models import Source


class SourceForm(forms.ModelForm):
    """A source: what kind of app it is, who owns it, and where its app version is found."""

    class Meta:
        model = Source
        fields = (
            "name",
            "slug",
            "platform",
            "owner_team",
            "description",
            "version_from",
            "version_path",
            "version_order",
            "version_format",
            "null_handling",
        )
        help_texts = {
            "slug": "Its short name in addresses and in the API; small letters, digits and hyphens.",
            "version_from": "Most web and server SDKs send no version: their deploys can be marked instead.",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
