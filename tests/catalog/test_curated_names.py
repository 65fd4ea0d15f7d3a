"""Names of what people curate: two that read alike are one, whatever is named so."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Team, User
from accounts.roles import Role
from accounts.services.team_editing import save_team
from catalog.models import Category, Property, Tag
from catalog.services.events import create_event
from catalog.services.property_library import save_property
from catalog.services.taxonomy_editing import ensure_category, ensure_tags, save_category, save_tag
from tests.concurrency import run_behind
from tests.factories.accounts import person

pytestmark = pytest.mark.django_db

SPELLINGS = ("Web-Shop", "web shop", "WebShop", "Web Shop ", "Web\u00a0Shop", "Web Shо\u200bp")


@pytest.fixture
def admin():
    return person(Role.ADMIN)


@pytest.fixture
def savers(admin):
    """By model: how one of a name is saved, and how one is renamed."""

    def tag(name, row=None):
        return save_tag(row, by=admin, name=name, **({} if row else {"slug": f"t{Tag.objects.count()}"}))

    def category(name, row=None):
        return save_category(row, by=admin, name=name, **({} if row else {"slug": f"c{Category.objects.count()}"}))

    def team(name, row=None):
        return save_team(row, by=admin, name=name, **({} if row else {"slug": f"t{Team.objects.count()}"}))

    def entry(name, row=None):
        return save_property(row, by=admin, name=name)

    return {"tag": tag, "category": category, "team": team, "property": entry}


@pytest.mark.parametrize("model", ["tag", "category", "team", "property"])
class TestEachCuratedName:
    @pytest.mark.parametrize("name", SPELLINGS)
    def test_a_second_one_that_reads_alike_is_refused_with_a_sentence(self, savers, model, name):
        save = savers[model]
        first = save("Web Shop")
        with pytest.raises(ValidationError) as caught:
            save(name)
        assert "name" in caught.value.message_dict
        assert "already" in " ".join(caught.value.messages)
        assert type(first).objects.filter(pk__gt=first.pk).count() == 0

    def test_renaming_is_no_way_around(self, savers, model):
        save = savers[model]
        save("Web Shop")
        other = save("App")
        with pytest.raises(ValidationError, match="reads like 'Web Shop', which there is already"):
            save("web_shop", other)
        other.refresh_from_db()
        assert other.name == "App"

    def test_a_row_takes_another_spelling_of_its_own_name(self, savers, model):
        save = savers[model]
        row = save("Web Shop")
        assert save("Webshop", row).name == "Webshop"

    def test_rows_from_before_stay_as_they_are_until_they_are_renamed(self, savers, model):
        save = savers[model]
        first, second = save("Web Shop"), save("App")
        type(second).objects.filter(pk=second.pk).update(
            name="web shop", **({"folded_name": "webshop"} if model == "property" else {})
        )
        second.refresh_from_db()
        assert save("web shop", second).name == "web shop"
        with pytest.raises(ValidationError):
            save("Web-Shop", first)


def test_categories_may_bear_the_same_name_in_different_categories(admin):
    web, app = save_category(by=admin, name="Web"), save_category(by=admin, name="App")
    save_category(by=admin, name="Checkout", slug="web-checkout", parent=web)
    save_category(by=admin, name="Checkout", slug="app-checkout", parent=app)
    with pytest.raises(ValidationError):
        save_category(by=admin, name="check-out", slug="web-check-out", parent=web)
    assert Category.objects.count() == 4


def test_an_import_takes_what_is_named_alike(admin):
    category = save_category(by=admin, name="Web Shop")
    tag = save_tag(by=admin, name="Web Shop")
    assert ensure_category("webShop", by=admin, owner_team=None) == category
    assert ensure_tags(["web_shop", "WEBSHOP"], by=admin, owner_team=None) == [tag, tag]
    assert (Category.objects.count(), Tag.objects.count()) == (1, 1)


def test_the_other_fields_of_a_property_are_saved_without_asking_for_its_name(admin):
    entry = save_property(by=admin, name="order_id")
    save_property(by=admin, name="total")
    assert Property.objects.get(name="order_id").folded_name == "orderid"
    assert save_property(entry, by=admin, description="Of the shop.").description == "Of the shop."


def test_a_category_does_not_move_beside_one_that_reads_like_it(admin):
    web, app = save_category(by=admin, name="Web"), save_category(by=admin, name="App")
    save_category(by=admin, name="Checkout", slug="web-checkout", parent=web)
    moving = save_category(by=admin, name="check-out", slug="app-checkout", parent=app)
    for fields in ({"parent": web}, {"parent": web, "name": "check-out"}):
        with pytest.raises(ValidationError):
            save_category(moving, by=admin, **fields)
    assert save_category(moving, by=admin, parent=None).parent is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", ["category", "team"])
def test_renaming_what_an_import_refers_to_does_not_deadlock_with_it(admin, savers, model):
    system, row = User.objects.system(), savers[model]("Checkout")

    def import_tag():
        ensure_tags(["Brand New"], by=system, owner_team=None)

    def import_event():
        create_event(name="Cart Viewed", by=system, **{"category" if model == "category" else "owner_team": row})

    _, renamed = run_behind(import_tag, lambda: savers[model]("Pay Page", row), then=import_event)
    assert renamed.name == "Pay Page"
