"""Roles in the words of a sentence."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from accounts.templatetags.role_labels import role_phrases


@pytest.mark.parametrize(
    ("roles", "phrase"),
    [
        ([], ""),
        ([Role.ANALYST], "an analyst"),
        ([Role.ANALYST, Role.QA], "an analyst or QA"),
        (["pm", "analyst", "admin"], "a product manager, an analyst or an admin"),
    ],
)
def test_several_roles_are_read_as_one_phrase(roles: list[str], phrase: str):
    assert role_phrases(roles) == phrase
