"""Roles in the words of a sentence."""

from django import template

from accounts.roles import Role

register = template.Library()

ROLE_PHRASES = {
    Role.VIEWER: "a viewer",
    Role.PM: "a product manager",
    Role.DEVELOPER: "a developer of the team",
    Role.ANALYST: "an analyst",
    Role.QA: "QA",
    Role.ADMIN: "an admin",
}


@register.filter
def role_phrase(role: str) -> str:
    """`{{ "analyst"|role_phrase }}`: an analyst. Anything else is shown as it is."""
    return ROLE_PHRASES[Role(role)] if role in Role else role
