"""A request with a thousand changes: its pages read ten of them, count the others, and answer soon."""

import time

import pytest
from django.utils import timezone

from catalog.contract import definition_hash, name_hash
from catalog.models import Event, Source, Version
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.models import Change, Delivery, Request
from tracking.traffic.models import Sample, SeenName

pytestmark = pytest.mark.django_db

CHANGE_COUNT = 1_000
DEADLINE_SECONDS = 5  # of this process's own work, five times what an ordinary machine takes; the queries are bounded
QUERY_BUDGET = 45
CHANGES_WITH_SAMPLES = 10


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team)


def wide_definition(number: int) -> dict[str, object]:
    """A definition of the size that real dictionaries have: thirty properties, some of them nested."""
    properties = {f"property_{at}": {"type": "string", "description": "What it says. " * 5} for at in range(25)}
    inner = {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": "number"}}}
    products = {"type": "array", "items": inner}
    return definition(f"Event {number}", schema={"type": "object", "properties": {**properties, "products": products}})


def fill(request: Request, source: Source, state: DeliveryState) -> list[Change]:
    """Add changes to a request as an import leaves them, each with a delivery in a state."""
    changes = Change.objects.bulk_create(
        Change(request=request, action=ChangeAction.CREATE, definition=wide_definition(number))
        for number in range(CHANGE_COUNT)
    )
    through = Change.sources.through
    through.objects.bulk_create(through(change=change, source=source) for change in changes)
    Delivery.objects.bulk_create(
        Delivery(change=change, source=source, state=state, updated_at=timezone.now()) for change in changes
    )
    return changes


def timed(browser, url: str, django_assert_max_num_queries):
    browser.get("/requests/")  # what is read once a process is read
    begun = time.process_time()
    with django_assert_max_num_queries(QUERY_BUDGET):
        response = browser.get(url)
    seconds = time.process_time() - begun
    assert response.status_code == 200
    assert seconds < DEADLINE_SECONDS, f"{url} took {seconds:.1f} s"
    return response.content.decode()


@pytest.mark.parametrize("state", [RequestState.DRAFT, RequestState.REQUESTED])
def test_its_page_opens_in_time(state, members, source, client_of, django_assert_max_num_queries):
    request = RequestFactory.at(state, members=members, sources=[source]).request
    changes = fill(request, source, DeliveryState.PLANNED)
    for role in ("pm", "analyst"):
        browser = client_of(getattr(members, role))
        text = timed(browser, f"/requests/{request.pk}/", django_assert_max_num_queries)
        assert text.count('id="change-') == 10
        assert f"{CHANGE_COUNT + 1} events" in text
    text = timed(browser, f"/requests/{request.pk}/?page=101", django_assert_max_num_queries)
    assert f'id="change-{changes[-1].pk}"' in text
    chosen = Delivery.objects.get(change=changes[500])
    text = timed(browser, f"/requests/{request.pk}/?delivery={chosen.pk}", django_assert_max_num_queries)
    assert f'id="delivery-{chosen.pk}"' in text


def fill_with_breaking_updates(request: Request, source: Source) -> list[Change]:
    """Add changes that are breaking, each of an event that has come two hundred times to production and elsewhere."""
    definitions = [wide_definition(number) for number in range(CHANGE_COUNT)]
    now = timezone.now()
    events = Event.objects.bulk_create(
        Event(name=each["name"], owner_team=request.team, created_at=now, updated_at=now) for each in definitions
    )
    versions = Version.objects.bulk_create(
        Version(
            event=event,
            major=1,
            minor=0,
            patch=0,
            definition=each,
            content_hash=definition_hash(each),
            change_kind="major",
            created_at=timezone.now(),
            created_by=request.author,
        )
        for event, each in zip(events, definitions, strict=True)
    )
    changes = Change.objects.bulk_create(
        Change(
            request=request,
            action=ChangeAction.UPDATE,
            event=version.event,
            base=version,
            definition={
                **version.definition,
                "schema": {**version.definition["schema"], "additionalProperties": False},
            },
            is_breaking=True,
        )
        for version in versions
    )
    through = Change.sources.through
    through.objects.bulk_create(through(change=change, source=source) for change in changes)
    payload = {f"property_{at}": "x" for at in range(25)} | {"unknown": 1, "products": [{"sku": "a", "price": 1}] * 3}
    for change in changes[:CHANGES_WITH_SAMPLES]:
        name = SeenName.objects.create(call="track", name=change.name, name_hash=name_hash(change.name), first_seen=now)
        Sample.objects.bulk_create(
            Sample(
                source=source,
                environment=environment,
                seen_name=name,
                received_at=timezone.now(),
                verdict="conforming",
                event={"call": "track", "event": change.name, "properties": payload},
            )
            for environment in ("production", "staging")
            for _ in range(200)
        )
    return changes


def test_its_page_opens_in_time_where_all_are_breaking(members, source, client_of, django_assert_max_num_queries):
    request = RequestFactory.requested(members=members, sources=[source]).request
    changes = fill_with_breaking_updates(request, source)
    browser = client_of(members.analyst)
    text = timed(browser, f"/requests/{request.pk}/", django_assert_max_num_queries)
    assert text.count("already send a key that would be forbidden: they would stop conforming.") == 2 * 9
    assert 'name="replay"' in text
    text = timed(browser, f"/requests/{request.pk}/?page=101", django_assert_max_num_queries)
    assert f'id="change-{changes[-1].pk}"' in text


def test_a_page_without_a_breaking_change_leads_to_the_one_that_has_it(members, source, client_of):
    request = RequestFactory.requested(members=members, sources=[source]).request
    changes = fill(request, source, DeliveryState.PLANNED)
    Change.objects.filter(pk=changes[500].pk).update(is_breaking=True)
    browser, url = client_of(members.analyst), f"/requests/{request.pk}/"
    text = browser.get(url).content.decode()
    assert 'name="replay"' not in text
    assert 'href="?page=51#replay"' in text
    assert 'name="replay"' in browser.get(f"{url}?page=51").content.decode()


def test_its_form_opens_in_time(members, source, client_of, django_assert_max_num_queries):
    request = RequestFactory.draft(members=members, sources=[source]).request
    changes = fill(request, source, DeliveryState.PLANNED)
    browser, url = client_of(members.pm), f"/requests/{request.pk}/edit/"
    text = timed(browser, url, django_assert_max_num_queries)
    assert text.count('value="open:') == 1 + 9  # the first change is open, and "open:new" adds another
    text = timed(browser, f"{url}?change={changes[-1].pk}", django_assert_max_num_queries)
    assert f'name="change-id" value="{changes[-1].pk}"' in text
    assert "open below" in text  # its page of the list is shown, so that one sees where one is
    text = timed(browser, f"{url}?page=2", django_assert_max_num_queries)
    assert f'value="open:{changes[9].pk}"' in text


def test_the_stages_count_the_deliveries_of_all_pages(members, source, client_of):
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    fill(lifecycle.request, source, DeliveryState.DEVELOPED)
    text = client_of(members.pm).get(f"/requests/{lifecycle.request.pk}/").content.decode()
    assert f"{CHANGE_COUNT} of {CHANGE_COUNT + 1} deliveries" in text


def test_the_page_is_drawn_anew_when_a_delivery_of_another_page_moves(members, source, client_of):
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    changes = fill(lifecycle.request, source, DeliveryState.REVIEWED)
    browser, url = client_of(members.pm), f"/requests/{lifecycle.request.pk}/"
    etag = browser.get(url).context["presenter"].etag
    assert browser.get(url).context["presenter"].etag == etag
    Delivery.objects.filter(change=changes[-1]).update(state=DeliveryState.DEVELOPED)
    assert browser.get(url).context["presenter"].etag != etag
