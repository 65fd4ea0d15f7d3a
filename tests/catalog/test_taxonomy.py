"""Categories and tags: curated by those who may, with history, and a sentence where another row is in the way."""

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.models import Category, Event, Tag
from catalog.services.property_library import save_property
from catalog.services.slugs import slug_of
from catalog.services.sources import create_source
from catalog.services.taxonomy_editing import (
    delete_category,
    delete_tag,
    ensure_category,
    ensure_tags,
    save_category,
    save_tag,
)
from tests.concurrency import run_behind
from tests.factories.accounts import TeamFactory, admin, person
from tests.factories.catalog import CategoryFactory, EventFactory, TagFactory

pytestmark = pytest.mark.django_db


def entries(subject_type, subject_id):
    return [
        (entry.action, entry.actor, entry.evidence)
        for entry in HistoryEntry.objects.for_subject(subject_type, subject_id)
    ]


def test_a_category_is_created_changed_and_deleted_with_history():
    by, second = person(Role.ANALYST), admin()
    shop = save_category(name=" Web shop ", by=by)
    assert (shop.name, shop.slug, shop.parent) == ("Web shop", "web-shop", None)
    cart = save_category(name="Cart", slug="basket", parent=shop, description="What is in it", by=by)
    changed = save_category(cart, name="Basket", parent=None, description="What is in it", by=second)
    assert Category.objects.get(slug="basket") == changed
    assert (changed.name, changed.parent, changed.description) == ("Basket", None, "What is in it")
    save_category(cart, name="Basket", by=second)
    pk = cart.pk
    delete_category(cart, by=second)
    assert entries("category", pk) == [
        ("created", by, {}),
        ("changed", second, {"name": ["Cart", "Basket"], "parent": ["Web shop", "None"]}),
        ("deleted", second, {}),
    ]
    assert list(Category.objects.all()) == [shop]


def test_moving_between_two_categories_of_one_name_is_a_change():
    by = person(Role.ANALYST)
    web, app = (save_category(name=name, by=by) for name in ("Web", "App"))
    first, second = (
        save_category(name="Checkout", slug=f"checkout-{parent.slug}", parent=parent, by=by) for parent in (web, app)
    )
    category = save_category(name="Payment", parent=first, by=by)
    assert save_category(category, parent=second, by=by).parent == second
    assert [action for action, *_ in entries("category", category.pk)] == ["created", "changed"]


def test_a_tag_is_created_changed_and_deleted_with_history():
    by = person(Role.ANALYST)
    tag = save_tag(name="Core", by=by)
    events = [EventFactory.create(tags=[tag]) for _ in range(2)]
    assert save_tag(tag, name="Core events", by=by).slug == "core"
    pk = tag.pk
    delete_tag(tag, by=by)
    assert entries("tag", pk) == [
        ("created", by, {}),
        ("changed", by, {"name": ["Core", "Core events"]}),
        ("deleted", by, {"events": [event.pk for event in events]}),
    ]
    assert Event.objects.count() == 2 and not Tag.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_only_curators_of_the_whole_company_change_them(role, team, stranger):
    category, tag = CategoryFactory.create(), TagFactory.create()
    for by in (stranger, person(role, team=team)):
        for step in (
            lambda by=by: save_category(name="New", by=by),
            lambda by=by: save_category(category, name="Mine", by=by),
            lambda by=by: delete_category(category, by=by),
            lambda by=by: save_tag(name="New", by=by),
            lambda by=by: save_tag(tag, name="Mine", by=by),
            lambda by=by: delete_tag(tag, by=by),
        ):
            with pytest.raises(Forbidden):
                step()
    assert not HistoryEntry.objects.filter(subject_type__in=("category", "tag")).exists()


def test_a_category_in_use_says_by_what():
    by = person(Role.ANALYST)
    shop = save_category(name="Shop", by=by)
    save_category(name="Cart", parent=shop, by=by)
    for _ in range(2):
        EventFactory.create(category=shop)
    with pytest.raises(UnmetConditionsError) as refused:
        delete_category(shop, by=by)
    assert [unmet.code for unmet in refused.value.unmet] == ["in_use"]
    assert str(refused.value) == (
        "Shop cannot be deleted: it is still used by 1 category and 2 events. Move or remove these first."
    )
    assert [action for action, *_ in entries("category", shop.pk)] == ["created"]


def test_a_category_does_not_lie_inside_itself():
    by = person(Role.ANALYST)
    top = save_category(name="Top", by=by)
    middle = save_category(name="Middle", parent=top, by=by)
    bottom = save_category(name="Bottom", parent=middle, by=by)
    for parent in (top, middle, bottom):
        with pytest.raises(ValidationError, match="lies inside it") as refused:
            save_category(top, parent=parent, by=by)
        assert list(refused.value.message_dict) == ["parent"]
    assert save_category(bottom, parent=top, by=by).parent == top


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "  "}, {"name": "Wrong slug", "slug": "a b"}])
def test_what_makes_no_sense_is_refused(fields):
    by = person(Role.ANALYST)
    for save in (save_category, save_tag):
        with pytest.raises(ValidationError):
            save(by=by, **fields)
    assert not Category.objects.exists() and not Tag.objects.exists()


def test_an_import_creates_what_its_events_name_once_and_with_history(team):
    by = person(Role.ANALYST, team=team)
    category = ensure_category(" Web shop ", by=by, owner_team=team)
    assert ensure_category("web SHOP", by=by, owner_team=team) == category
    assert (category.slug, category.name) == ("web-shop", "Web shop")
    assert entries("category", category.pk) == [("created", by, {})]
    tags = ensure_tags(["Core", "core", "Finance", "…"], by=by, owner_team=team)
    assert [tag.slug for tag in tags] == ["core", "finance"]
    assert ensure_tags(["finance"], by=by, owner_team=team) == tags[1:]
    assert [entries("tag", tag.pk) for tag in tags] == [[("created", by, {})]] * 2
    assert ensure_category("…", by=by, owner_team=team) is None


def test_an_import_for_another_team_creates_nothing(team, stranger):
    known = CategoryFactory.create(name="Known")
    other = TeamFactory.create()
    for by, owner_team in ((stranger, team), (person(Role.ANALYST, team=team), other), (person(Role.PM), None)):
        assert ensure_category("Known", by=by, owner_team=owner_team) == known
        with pytest.raises(Forbidden):
            ensure_category("New", by=by, owner_team=owner_team)
        with pytest.raises(Forbidden):
            ensure_tags(["New"], by=by, owner_team=owner_team)
    assert Category.objects.get() == known and not Tag.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("save", "fields", "field"),
    [
        (save_category, {"name": "Checkout"}, "name"),
        (save_tag, {"name": "Checkout"}, "name"),
        (save_property, {"name": "coupon"}, "name"),
    ],
    ids=["category", "tag", "property"],
)
def test_of_two_who_create_one_name_at_once_the_second_reads_a_sentence(save, fields, field):
    people = [person(Role.ANALYST) for _ in range(2)]
    first, refused = run_behind(lambda: save(by=people[0], **fields), lambda: save(by=people[1], **fields))
    assert isinstance(refused, ValidationError), refused
    assert list(refused.message_dict) == [field]
    assert "already exists" in refused.messages[0]
    assert type(first).objects.count() == 1
    assert HistoryEntry.objects.get(subject_type=first._meta.model_name).actor == people[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_rename_to_one_name_at_once_the_second_reads_a_sentence():
    by = person(Role.ANALYST)
    entries = [save_property(name=name, by=by) for name in ("coupon", "voucher")]
    _, refused = run_behind(
        lambda: save_property(entries[0], name="code", by=by), lambda: save_property(entries[1], name="code", by=by)
    )
    assert isinstance(refused, ValidationError) and list(refused.message_dict) == ["name"]
    entries[1].refresh_from_db()
    assert entries[1].name == "voucher"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_create_one_source_at_once_the_second_reads_a_sentence(team):
    by = admin()
    fields = {"slug": "shop", "name": "Shop", "platform": "web", "owner_team": team, "by": by}
    _, refused = run_behind(lambda: create_source(**fields), lambda: create_source(**fields))
    assert isinstance(refused, ValidationError) and list(refused.message_dict) == ["slug"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("save", "delete"), [(save_category, delete_category), (save_tag, delete_tag)], ids=["category", "tag"]
)
def test_what_somebody_deleted_at_the_same_moment_is_neither_changed_nor_deleted_again(save, delete):
    by = person(Role.ANALYST)
    for second in (lambda row: delete(row, by=by), lambda row: save(row, name="Other", by=by)):
        row = save(name="Core", by=by)
        pk, same_row = row.pk, type(row).objects.get(pk=row.pk)
        _, refused = run_behind(lambda row=row: delete(row, by=by), lambda second=second, row=same_row: second(row))
        assert isinstance(refused, UnmetConditionsError), refused
        assert str(refused) == "Core was deleted by somebody else."
        assert [action for action, *_ in entries(row._meta.model_name, pk)] == ["created", "deleted"]


def test_what_the_caller_read_before_a_move_closes_no_cycle():
    by = person(Role.ANALYST)
    a, b, c = (save_category(name=name, by=by) for name in "abc")
    stale = Category.objects.get(pk=a.pk)
    save_category(a, parent=b, by=by)
    with pytest.raises(ValidationError, match="lies inside it"):
        save_category(b, parent=stale, by=by)
    assert save_category(c, parent=stale, by=by).parent == a
    with pytest.raises(ValidationError, match="lies inside it"):
        save_category(b, parent=c, by=by)


def test_a_cycle_that_is_stored_already_ends_the_walk():
    by = person(Role.ANALYST)
    a, b, c = (save_category(name=name, by=by) for name in "abc")
    Category.objects.filter(pk=a.pk).update(parent=b)
    Category.objects.filter(pk=b.pk).update(parent=a)
    assert save_category(c, parent=Category.objects.get(pk=a.pk), by=by).parent == a
    assert save_category(a, parent=None, by=by).parent is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_categories_under_each_other_at_once_the_second_reads_a_sentence():
    by = person(Role.ANALYST)
    a, b = (save_category(name=name, by=by) for name in "ab")
    _, second = run_behind(
        lambda: save_category(a, parent=b, by=by),
        lambda: save_category(Category.objects.get(pk=b.pk), parent=Category.objects.get(pk=a.pk), by=by),
    )
    assert isinstance(second, ValidationError)
    assert dict(Category.objects.values_list("name", "parent__name")) == {"a": "b", "b": None}


def test_names_of_any_alphabet_get_a_slug_of_their_own(system):
    payments, returns = (save_category(name=name, by=system) for name in ("Платежи", "Возвраты"))
    assert payments.slug != returns.slug
    assert ensure_category(" платежи", by=system, owner_team=None) == payments
    assert ensure_category("支付", by=system, owner_team=None).name == "支付"
    assert [tag.name for tag in ensure_tags(["Платежи", "a", "Платежи iOS", "iOS"], by=system, owner_team=None)] == [
        "Платежи",
        "a",
        "Платежи iOS",
        "iOS",
    ]
    assert save_tag(name="Возвраты", by=system).slug.isascii()
    assert Category.objects.count() == 3 and Tag.objects.count() == 5


def test_a_row_from_before_is_found_by_its_name_though_its_slug_left_letters_out(system):
    street = Category.objects.create(slug="strae", name="Straße")
    long_name = "a" * 100
    long = Category.objects.create(slug="a" * 80, name=long_name)
    assert ensure_category("Straße", by=system, owner_team=None) == street
    assert ensure_category("Strae", by=system, owner_team=None) == street
    assert ensure_category("Straßenbahn", by=system, owner_team=None) != street
    assert ensure_category(long_name, by=system, owner_team=None) == long


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Web shop", "web-shop"),
        ("Café", "cafe"),
        (" Web – shop ", "web-shop"),
        ("--", ""),
        ("", ""),
        ("a" * 80, "a" * 80),
    ],
)
def test_what_ascii_can_spell_keeps_its_plain_slug(name, slug):
    assert slug_of(name) == slug


@pytest.mark.parametrize("name", ["Платежи", "支付", "smørrebrød", "🎉", "हिन्दी", "a" * 81, "Ж" * 200, "\ud800a ж"])
def test_what_ascii_cannot_spell_gets_a_slug_that_is_stable_valid_and_its_own(name):
    slug = slug_of(name)
    validate_slug(slug)
    assert slug == slug_of(f"  {name.upper()} ") != slug_of(f"{name}ж") and len(slug) <= 80


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_new", [True, False])
def test_who_puts_a_category_into_one_that_is_being_deleted_reads_a_sentence(is_new):
    by = admin()
    parent = save_category(name="Checkout", by=by)
    category = None if is_new else save_category(name="Payment", by=by)
    _, refused = run_behind(
        lambda: delete_category(parent, by=by), lambda: save_category(category, name="Payment", parent=parent, by=by)
    )
    assert isinstance(refused, ValidationError) and list(refused.message_dict) == ["parent"], refused
    assert not Category.objects.exclude(parent=None).exists()


@pytest.mark.django_db(transaction=True)
def test_who_deletes_a_category_that_is_being_filled_reads_what_is_in_it():
    by = admin()
    parent = save_category(name="Checkout", by=by)
    _, refused = run_behind(
        lambda: save_category(name="Payment", parent=parent, by=by), lambda: delete_category(parent, by=by)
    )
    assert isinstance(refused, UnmetConditionsError) and [each.code for each in refused.unmet] == ["in_use"]
    assert Category.objects.get(parent=parent).name == "Payment"
