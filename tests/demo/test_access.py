"""The accounts of the demo: what stands in demo.json opens the doors, and nobody else reads it."""

from __future__ import annotations

import stat

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from accounts.permissions import WHOLE_COMPANY, can, can_anywhere
from accounts.roles import Capability
from catalog.models import Source
from catalog.services.write_keys import find_active_key
from demo.credentials import USERNAME_BY_ACCOUNT, usable_scopes
from tests.demo.conftest import URL


def test_the_file_has_its_shape_and_is_its_owner_s_alone(demo):
    content = demo.content
    assert content.keys() == {"url", "accounts", "sources"} and content["url"] == URL
    assert content["accounts"].keys() == {"pm", "analyst", "developer", "qa", "admin", "viewer"}
    for account in content["accounts"].values():
        assert account.keys() == {"username", "password", "token"} and all(account.values())
    assert content["sources"].keys() == set(Source.objects.values_list("slug", flat=True))
    for keys in content["sources"].values():
        assert keys.keys() == {"production", "staging", "development"}
    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600


def test_every_write_key_is_the_one_of_its_source_and_environment(demo):
    for slug, keys in demo.content["sources"].items():
        for environment, text in keys.items():
            key = find_active_key(text)
            assert key is not None and (key.source.slug, key.environment) == (slug, environment)


@pytest.mark.parametrize("account", USERNAME_BY_ACCOUNT)
def test_each_account_signs_in_and_its_token_works(demo, account):
    held = demo.content["accounts"][account]
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": held["username"], "password": held["password"]})
    assert answer.status_code == 302
    assert browser.get("/").status_code == 200
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {held['token']}")
    assert program.get("/api/v1/events/").status_code == 200


def test_nobody_signs_in_as_a_colleague(demo):
    colleague = User.objects.get(username="david")
    assert not colleague.has_usable_password() and not colleague.tokens.exists()


def test_the_roles_can_go_the_whole_way(demo):
    people = {account: User.objects.get(username=username) for account, username in USERNAME_BY_ACCOUNT.items()}
    for source in Source.objects.all():
        assert can(people["developer"], Capability.DELIVERY_DEVELOP, on=source)
        assert can(people["qa"], Capability.DELIVERY_VERIFY, on=source)
        assert can(people["analyst"], Capability.REQUEST_APPROVE, on=source)
        assert not can(people["viewer"], Capability.REQUEST_CREATE, on=source)
    assert can_anywhere(people["pm"], Capability.REQUEST_CREATE)
    assert can(people["admin"], Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)


def test_tokens_carry_the_scopes_of_their_roles(demo):
    scopes = {
        account: usable_scopes(User.objects.get(username=username)) for account, username in USERNAME_BY_ACCOUNT.items()
    }
    assert scopes["viewer"] == ["check", "read"]
    assert "transitions" not in scopes["pm"] and "requests" in scopes["pm"]
    assert {"admin", "requests", "transitions"} <= set(scopes["analyst"])
    for account, username in USERNAME_BY_ACCOUNT.items():
        assert ApiToken.objects.usable().get(user__username=username).scopes == scopes[account]


def test_a_lost_or_damaged_file_brings_new_passwords_and_ends_the_old_tokens(demo):
    before = demo.content
    demo.file.write_text("{")
    call_command("load_demo", verbosity=0)
    after = demo.content
    assert after["sources"] == before["sources"]
    for account, held in after["accounts"].items():
        assert held["token"] != before["accounts"][account]["token"]
        assert User.objects.get(username=held["username"]).check_password(held["password"])
    assert ApiToken.objects.usable().count() == len(USERNAME_BY_ACCOUNT)


def test_another_address_changes_the_address_alone(demo, monkeypatch):
    before = demo.content
    monkeypatch.setenv("SIGNALBOOK_URL", "http://127.0.0.1:9001")
    call_command("load_demo", verbosity=0)
    assert demo.content == before | {"url": "http://127.0.0.1:9001"}


def test_nothing_secret_is_printed(demo, capsys):
    demo.file.unlink()
    call_command("load_demo")
    printed = capsys.readouterr().out
    secrets = [held[what] for held in demo.content["accounts"].values() for what in ("password", "token")]
    assert printed and not any(secret in printed for secret in secrets)
    assert not any(key in printed for keys in demo.content["sources"].values() for key in keys.values())
