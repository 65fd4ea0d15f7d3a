"""The catalog's fixed words, for templates that hold only their values."""

from django import template

from catalog.choices import Platform
from catalog.contract.json.pointers import path_label
from catalog.contract.schema.rule_descriptions import describe_type

register = template.Library()


@register.filter
def platform_name(value: str) -> str:
    """`{{ "ios"|platform_name }}`: iOS. A value that is no platform is shown as it is."""
    return Platform(value).label if value in Platform else value


@register.filter
def readable_path(path: str) -> str:
    """`{{ "/properties/products/*/price"|readable_path }}`: products[].price."""
    return path_label(path)


@register.filter
def readable_type(label: str) -> str:
    """`{{ "integer or null"|readable_type }}`: Whole number or nothing."""
    return describe_type(label)
