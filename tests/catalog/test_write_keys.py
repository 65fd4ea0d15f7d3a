"""Write keys: created, rotated with an overlap, revoked at once, and looked up from a short memory."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.choices import Environment
from catalog.models import WriteKey
from catalog.presenters.event_presenter import PLACEHOLDER_KEY, EventPresenter
from catalog.services import write_keys as key_services
from catalog.services.write_keys import (
    create_key,
    current_key,
    find_active_key,
    revoke_key,
    rotate_key,
    update_keys_last_seen,
)
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key

PRODUCTION = Environment.PRODUCTION


@pytest.fixture
def source(db):
    return SourceFactory.create()


@pytest.fixture
def developer(source):
    return person(Role.DEVELOPER, team=source.owner_team)


def test_a_key_is_long_random_and_told_without_its_text(source, developer, history_actions):
    key = create_key(source, PRODUCTION, by=developer)
    assert key.key.startswith("wk_") and len(key.key) == 35
    assert key.key != create_key(source, Environment.STAGING, by=developer).key
    assert history_actions("source", source) == ["key created", "key created"]


def test_an_environment_has_one_key_to_use(source, developer):
    create_key(source, PRODUCTION, by=developer)
    with pytest.raises(UnmetConditionsError, match="Rotate that one"):
        create_key(source, PRODUCTION, by=developer)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PM, Role.QA])
def test_wrong_roles_neither_create_nor_rotate_nor_revoke(source, role):
    key, by = create_write_key(source), person(role, team=source.owner_team)
    with pytest.raises(Forbidden):
        create_key(source, Environment.STAGING, by=by)
    with pytest.raises(Forbidden):
        rotate_key(source, PRODUCTION, by=by)
    with pytest.raises(Forbidden):
        revoke_key(key, by=by)


def test_a_stranger_and_another_teams_developer_may_not_either(source, stranger):
    key = create_write_key(source)
    for by in (stranger, person(Role.DEVELOPER)):
        with pytest.raises(Forbidden):
            rotate_key(source, PRODUCTION, by=by)
        with pytest.raises(Forbidden):
            revoke_key(key, by=by)
    key.refresh_from_db()
    assert key.revoked_at is None and key.retires_at is None


def test_after_a_rotation_both_keys_work_until_the_overlap_ends(source, developer):
    old = create_write_key(source)
    new = rotate_key(source, PRODUCTION, by=developer, overlap=timedelta(hours=1))
    assert current_key(source, PRODUCTION) == new
    assert find_active_key(old.key) == old and find_active_key(new.key) == new
    WriteKey.objects.filter(pk=old.pk).update(retires_at=timezone.now() - timedelta(seconds=1))
    key_services.write_key_cache.entries.clear()
    assert find_active_key(old.key) is None and find_active_key(new.key) == new


def test_no_page_shows_a_key_that_is_on_its_way_out(source, developer):
    event = EventFactory.create(sources=[source])

    def shown_code():
        presenter = EventPresenter.for_version(event, event.newest_version, host="https://signalbook.example.com")
        return presenter.snippets[0].code

    old = create_write_key(source, Environment.DEVELOPMENT)
    assert old.key in shown_code()
    new = rotate_key(source, Environment.DEVELOPMENT, by=developer, overlap=timedelta(hours=1))
    assert new.key in shown_code()
    revoke_key(new, by=developer)
    assert PLACEHOLDER_KEY in shown_code()


def test_a_key_in_memory_ends_with_its_overlap_without_a_query(source, developer, django_assert_num_queries):
    old = create_write_key(source)
    rotate_key(source, PRODUCTION, by=developer, overlap=timedelta(seconds=-1))
    assert find_active_key(old.key) is None
    with django_assert_num_queries(0):
        assert find_active_key(old.key) is None


def test_only_the_key_that_the_person_saw_is_replaced(source, developer):
    seen = create_write_key(source)
    rotate_key(source, PRODUCTION, by=developer, expected_key=seen)
    with pytest.raises(UnmetConditionsError, match="Somebody else has replaced"):
        rotate_key(source, PRODUCTION, by=developer, expected_key=seen)
    assert source.write_keys.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_revoked_key_stops_at_once(source, developer, history_actions):
    key = create_write_key(source)
    assert find_active_key(key.key) == key
    revoke_key(key, by=developer)
    assert find_active_key(key.key) is None
    revoke_key(key, by=developer)
    assert history_actions("source", source) == ["key created", "key revoked"]


def test_a_key_that_another_process_revoked_stops_within_seconds(source, monkeypatch):
    key, now = create_write_key(source), 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert find_active_key(key.key) == key
    WriteKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    assert find_active_key(key.key) == key
    now += key_services.CACHE_SECONDS + 0.01
    assert key_services.CACHE_SECONDS <= 2 and find_active_key(key.key) is None


def test_unknown_keys_cost_one_query_and_a_bounded_memory(db, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(key_services, "MAX_CACHE_ENTRIES", 10)
    with django_assert_num_queries(1):
        assert find_active_key("wk_nobody") is None and find_active_key("wk_nobody") is None
    for number in range(30):
        find_active_key(f"wk_{number}")
    assert len(key_services.write_key_cache.entries) <= 10


@pytest.mark.parametrize("text", ["", "x" * 65, "wk_\0", "wk_ü", "wk_\n"])
def test_texts_that_are_no_key_are_never_looked_up(text, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_active_key(text) is None


def test_use_is_noted_once_a_minute(source, django_assert_num_queries):
    key, at = create_write_key(source), timezone.now()
    for later in (0, 30, 59):
        update_keys_last_seen([key.pk], at=at + timedelta(seconds=later))
    key.refresh_from_db()
    assert key.last_seen_at == at
    update_keys_last_seen([key.pk, key.pk], at=at + timedelta(seconds=61))
    key.refresh_from_db()
    assert key.last_seen_at == at + timedelta(seconds=61)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_rotate_one_key_at_once_one_wins(source):
    seen, together = create_write_key(source), Barrier(2)
    people = [person(Role.DEVELOPER, team=source.owner_team) for _ in range(2)]

    def rotate(by: User) -> str:
        try:
            together.wait(timeout=10)
            return rotate_key(source, PRODUCTION, by=by, expected_key=seen).key
        except UnmetConditionsError as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(rotate, people))
    assert answers[0].startswith("Somebody else has replaced this key")
    assert find_active_key(answers[1]) == current_key(source, PRODUCTION)
    assert source.write_keys.filter(retires_at=None).count() == 1
