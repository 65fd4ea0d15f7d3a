"""With 50,000 events, lists, lookups and search still go through indexes."""

import json

import pytest
from django.db import connection
from django.http import QueryDict

from catalog.contract import fold_name
from catalog.filters import EventFilter
from catalog.models import Event, EventName, ListedValue
from catalog.models.event import EventQuerySet
from catalog.models.event_value import MAX_VALUES_FOUND
from tests.application_role import become_owner

pytestmark = pytest.mark.django_db
COUNT = 50_000

# Names of two words of three letters and a number, so that every search finds a few hundred of them.
SEED = """
INSERT INTO catalog_event (call, name, title, description, kind, tier, owner_text, status, health, volume,
    property_count, is_sample, created_at, updated_at, last_seen_at)
SELECT 'track', substr(md5((n / 300)::text), 1, 3) || ' ' || substr(md5((n %% 91)::text), 1, 3) || ' ' || n, '',
    'What happened there, number ' || n, 'standard', 1 + n %% 3, '',
    CASE WHEN n %% 50 = 0 THEN 'deprecated' ELSE 'live' END, 'ok', n * 7919 %% 1000003, n %% 20, false,
    now() - n * interval '1 minute', now() - n * interval '1 second',
    CASE WHEN n %% 4 = 0 THEN NULL ELSE now() - n * interval '1 minute' END
FROM generate_series(1, %s) AS n;
INSERT INTO catalog_eventname (event_id, call, name, name_hash, folded_name, since)
SELECT id, call, name, sha256(convert_to(name, 'UTF8')),
    replace(regexp_replace(name, '([0-9]) (?=[0-9])', E'\\\\1_', 'g'), ' ', ''), now() FROM catalog_event;
INSERT INTO catalog_listedvalue (value)
SELECT substr(md5(n::text), 1, 4) || '_value' FROM generate_series(1, 3000) AS n;
INSERT INTO catalog_eventvalue (event_id, value_id)
SELECT DISTINCT event.id, value.id FROM catalog_event AS event
JOIN generate_series(0, 4) AS step ON true
JOIN catalog_listedvalue AS value
    ON value.id = (SELECT min(id) FROM catalog_listedvalue) + (event.id * 31 + step * 577) %% 3000;
"""


@pytest.fixture
def many(db):
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute(SEED, [COUNT])
        cursor.execute("ANALYZE catalog_event; ANALYZE catalog_eventname; ANALYZE catalog_listedvalue;")
        cursor.execute("ANALYZE catalog_eventvalue")


def nodes_of(queryset: EventQuerySet) -> list[dict]:
    found, waiting = [], [json.loads(queryset.explain(format="json"))[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("Plans", [])
    return found


def indexes_of(queryset) -> set[str]:
    """The indexes that a query's plan uses; it must read no large table from end to end."""
    nodes = nodes_of(queryset)
    large = {"catalog_event", "catalog_eventname", "catalog_listedvalue", "catalog_eventvalue"}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large]
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def test_lists_lookups_and_search_use_their_indexes(many):
    first = Event.objects.latest("id")
    listed = {
        "": "event_by_name",
        "sort=name": "event_by_name",
        "sort=-name": "event_by_name",
        "sort=-changed": "event_by_change",
        "sort=-volume": "event_by_volume",
        "sort=-seen": "event_by_seen",
        "status=deprecated": "event_by_status",
    }
    for query, index in listed.items():
        page = EventFilter(QueryDict(query), queryset=Event.objects.with_list_data()).qs
        assert index in indexes_of(page[:50]), query
    assert "event_name_once" in indexes_of(Event.objects.named("track", first.name))
    assert EventName.objects.get(name=first.name).event == first
    assert "event_search" in indexes_of(Event.objects.search(first.name))
    assert "event_search" in indexes_of(Event.objects.search(first.name[:7])[:50])
    assert Event.objects.search(first.name)[0] == first
    row = EventName.objects.get(name=first.name)
    assert row.folded_name == fold_name(first.name)
    for names in (
        EventName.objects.filter(folded_name=row.folded_name),
        EventName.objects.filter(folded_name__startswith=row.folded_name[:7]),
    ):
        assert "event_name_by_folding" in indexes_of(names)


def test_a_far_page_is_chosen_by_an_index_that_has_its_rows_in_order(many):
    for query, index in {
        "": "event_by_name",
        "sort=-changed": "event_by_change",
        "status=live": "event_by_status",
    }.items():
        rows = EventFilter(QueryDict(query), queryset=Event.objects.with_row_data()).qs
        ids = rows.values_list("pk", flat=True)[40_000:40_050]
        assert indexes_of(ids) == {index}, query
        assert {node["Node Type"] for node in nodes_of(ids)} <= {"Limit", "Index Scan", "Index Only Scan"}, query


def test_a_value_is_found_without_reading_events_or_values_in_turn(many, django_assert_num_queries):
    value = ListedValue.objects.order_by("pk")[1_000].value
    assert "listed_value_search" in indexes_of(ListedValue.objects.search(value)[:MAX_VALUES_FOUND])
    found = Event.objects.with_result_data().allowing_value(value).order_by("name", "id")[:10]
    assert "event_value_once" in indexes_of(found) and len(found) == 10
    # A word that nobody uses: PostgreSQL knows nothing of it, and would go through all events in the hope of ten.
    with django_assert_num_queries(1):
        assert not Event.objects.with_result_data().allowing_value("zq17xv").order_by("name", "id")[:10]
    assert "listed_value_search" in indexes_of(ListedValue.objects.search("zq17xv")[:MAX_VALUES_FOUND])
