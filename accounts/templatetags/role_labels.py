"""Roles in the words of a sentence."""

from django import template

from accounts.roles import Role

register = template.Library()

SAID = {
    Role.VIEWER: "a viewer",
    Role.PM: "a product manager",
    Role.DEVELOPER: "a developer of the team",
    Role.ANALYST: "an analyst",
    Role.QA: "QA",
    Role.ADMIN: "an admin",
}


@register.filter
def role_name(role: str) -> str:
    """`{{ "analyst"|role_name }}`: an analyst. Anything else is shown as it is."""
    return SAID[Role(role)] if role in Role else role
