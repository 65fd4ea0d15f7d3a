"""The catalog's fixed words, for templates that hold only their values."""

from django import template

from catalog.choices import Platform
from catalog.contract.json.pointers import place
from catalog.contract.schema.rule_descriptions import type_words

register = template.Library()


@register.filter
def platform_name(value: str) -> str:
    """`{{ "ios"|platform_name }}`: iOS. A value that is no platform is shown as it is."""
    return Platform(value).label if value in Platform else value


@register.filter
def as_place(path: str) -> str:
    """`{{ "/properties/products/*/price"|as_place }}`: products[].price."""
    return place(path)


@register.filter
def as_type(label: str) -> str:
    """`{{ "integer or null"|as_type }}`: Whole number or nothing."""
    return type_words(label)
