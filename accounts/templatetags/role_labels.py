"""Roles in the words of a sentence."""

from collections.abc import Iterable

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


@register.filter
def role_phrases(roles: Iterable[str]) -> str:
    """`{{ roles|role_phrases }}`: an analyst, a product manager or an admin."""
    *others, last = [role_phrase(role) for role in roles] or [""]
    return f"{', '.join(others)} or {last}" if others else last
