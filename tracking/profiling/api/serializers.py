"""Shapes of profiles in the API."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializer_fields import NulSafeSlugRelatedField
from accounts.api.strict_serializers import StrictSerializer
from catalog.choices import Environment
from catalog.models import Source

MAX_DAYS = 90


class ProfileOptionsSerializer(StrictSerializer):
    """Which events are summed up."""

    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=7, help_text="The last days, of UTC")
    environment = serializers.ChoiceField(choices=Environment.choices, default=Environment.PRODUCTION)
    source = NulSafeSlugRelatedField(slug_field="slug", queryset=Source.objects.all(), default=None)  # of all
    app_version = serializers.CharField(
        default=None, allow_blank=True, help_text="Blank for events without one; of all, where it is left out"
    )


class PropertyProfileSerializer(serializers.Serializer[dict[str, Any]]):
    """What came in one property."""

    path = serializers.CharField(help_text="Its definition path")
    parents = serializers.IntegerField(help_text="In how many objects it could have stood: events, or items of a list")
    present = serializers.IntegerField(help_text="In how many of them it did")
    null = serializers.IntegerField(help_text="How often it was null")
    wrong_type = serializers.IntegerField(help_text="How often it had a type that the definition does not allow")
    fill_rate = serializers.FloatField(help_text="From 0 to 1: had a value other than null")
    distinct_values = serializers.IntegerField(help_text="About how many, of properties without listed values")
    values = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="Counts by listed value, as JSON text, and `(other)`; null where it is not declared not sensitive",
    )


class EventProfileSerializer(serializers.Serializer[dict[str, Any]]):
    """What came of one event, and in its properties."""

    days = serializers.IntegerField()
    events = serializers.IntegerField()
    people = serializers.IntegerField(help_text="About how many people they were of")
    mean_bytes = serializers.IntegerField(help_text="Bytes of JSON of one of them, on average")
    standard_error = serializers.FloatField(help_text="How far two of three estimates are off at most, as a share")
    properties = PropertyProfileSerializer(many=True)
