"""From a request to live, with a real SDK, a real server and a real worker, for each way to know an app version."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from segment.analytics.client import Client

from accounts.models import Team
from catalog.choices import Environment, VersionFrom
from catalog.models import Source
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import SourceFactory, create_write_key
from tests.journeys.api_callers import ApiCaller, ApiError, JourneyMembers, create_journey_members
from tests.live_processes import LiveServer, running_installation, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

EVENT = "Wishlist Item Added"
DEFINITION = {
    "name": EVENT,
    "call": "track",
    "kind": "standard",
    "description": "A person has put a product on their wishlist.",
    "trigger": "The server has stored the item.",
    "schema": {
        "type": "object",
        "properties": {
            "product_id": {"type": "string", "description": "The product's id"},
            "price": {"type": "number", "minimum": 0},
        },
        "required": ["product_id", "price"],
    },
}
GOOD = {"product_id": "p-1", "price": 27.5}
BAD = {"product_id": "p-1", "price": "27.50"}
OLD, NEW = "2.4.0", "2.5.0"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with running_installation(tmp_path) as live:
        yield live


@pytest.fixture
def team() -> Team:
    return TeamFactory.create(name="Checkout")


def send(server: LiveServer, key: str, *payloads: dict[str, Any], version: str = "", first: int = 0) -> None:
    """Send events through the SDK, each as a person of their own, and return once they are delivered."""
    failures: list[Exception] = []
    client = Client(
        key, host=server.url, gzip=True, max_retries=0, on_error=lambda error, _batch: failures.append(error)
    )
    context = {"app": {"version": version}} if version else {}
    for number, payload in enumerate(payloads, start=first):
        client.track(f"user-{number}", EVENT, payload, context=context)
    client.flush()
    client.join()
    assert failures == []


def request_body(source: Source, pm: ApiCaller) -> dict[str, Any]:
    return {
        "title": "Know what people wish for",
        "question": "Which products do people put on their wishlist?",
        "decision": "The budget of the wishlist",
        "metric": "Wishlist rate",
        "priority": "normal",
        "expected_per_day": 1_000,
        "review_by": "2030-01-31",
        "owner": pm.user.username,
        "changes": [{"action": "create", "definition": DEFINITION, "sources": [source.slug]}],
    }


def approved(people: JourneyMembers, source: Source) -> tuple[int, int]:
    """Take a request to reviewed; return its id and its delivery's."""
    request = people.pm.post("requests/", request_body(source, people.pm))
    steps = f"requests/{request['id']}/transitions/"
    people.pm.post(steps, {"to": "requested"})
    with pytest.raises(ApiError) as nobody_approves_their_own:
        people.pm.post(steps, {"to": "reviewed"})
    assert nobody_approves_their_own.value.status == 403
    reviewed = people.analyst.post(steps, {"to": "reviewed", "comment": "Clear."})
    assert reviewed["state"] == "reviewed"
    assert reviewed["lane"] == "new"
    delivery = reviewed["changes"][0]["deliveries"][0]
    assert delivery["state"] == "reviewed"
    return request["id"], delivery["id"]


def is_ready(caller: ApiCaller, delivery: int, to: str) -> bool:
    steps = caller.get(f"deliveries/{delivery}/")["allowed"]
    return any(step["to"] == to and step["allowed"] for step in steps)


@pytest.mark.parametrize("version_from", VersionFrom.values)
def test_a_request_becomes_live_by_itself(server: LiveServer, team: Team, version_from: str) -> None:
    source = SourceFactory.create(
        slug="orders", name="Order service", platform="server", owner_team=team, version_from=version_from
    )
    staging, production = (create_write_key(source, name).key for name in (Environment.STAGING, Environment.PRODUCTION))
    people = create_journey_members(server.url, team)
    in_payload = NEW if version_from == VersionFrom.PAYLOAD else ""

    request, delivery = approved(people, source)
    steps = f"deliveries/{delivery}/transitions/"
    has_versions = version_from != VersionFrom.NOWHERE
    people.developer.post(steps, {"to": "developed", "app_version": NEW if has_versions else ""})
    with pytest.raises(ApiError) as without_evidence:
        people.qa.post(steps, {"to": "tested"})
    assert without_evidence.value.status == 409
    assert without_evidence.value.problem["unmet"]

    if version_from == VersionFrom.DEPLOYS:
        marker = {"version": NEW, "environment": Environment.STAGING}
        people.developer.post(f"sources/{source.slug}/deploys/", marker)
    send(server, staging, GOOD, GOOD, version=in_payload)
    wait_for(lambda: is_ready(people.qa, delivery, "tested"), what="evidence")
    tested = people.qa.post(steps, {"to": "tested", "comment": "Seen on my device."})
    assert tested["state"] == "tested"

    if version_from == VersionFrom.DEPLOYS:
        people.developer.post(
            f"sources/{source.slug}/deploys/", {"version": NEW, "environment": Environment.PRODUCTION}
        )
    send(server, production, *[GOOD] * 6, version=in_payload)
    wait_for(lambda: people.pm.get(f"requests/{request}/")["state"] == "live", what="production to prove it")

    found = people.pm.get(f"events/?name={EVENT.replace(' ', '%20')}")["results"]
    assert [(event["status"], event["version"]) for event in found] == [("live", "1.0.0")]

    send(server, production, BAD, version=in_payload, first=100)
    finding = wait_for(lambda: people.qa.get("findings/?environment=production")["results"], what="the finding")[0]
    assert (finding["path"], finding["rule"], finding["expected"]) == ("/properties/price", "type", "number")
    rows = people.pm.get("traffic/?environment=production")["results"]
    assert sum(row["count"] for row in rows) == 7


def test_old_app_versions_are_held_against_what_they_were_built_for(server: LiveServer, team: Team) -> None:
    source = SourceFactory.create(slug="orders", platform="server", owner_team=team)
    staging = create_write_key(source, Environment.STAGING).key
    people = create_journey_members(server.url, team)
    _request, delivery = approved(people, source)
    people.developer.post(f"deliveries/{delivery}/transitions/", {"to": "developed", "app_version": NEW})
    check = {"source": source.slug, "environment": "staging", "wire": "segment"}
    event = {"type": "track", "event": EVENT, "userId": "u", "properties": BAD, "context": {"app": {"version": NEW}}}
    verdict = people.developer.post("check/", {**check, "events": [event]})["verdicts"][0]
    assert (verdict["verdict"], verdict["version"]) == ("nonconforming", "1.0.0")
    assert verdict["violations"][0]["path"] == "/properties/price"

    send(server, staging, BAD, version=NEW)
    failed = wait_for(lambda: people.qa.get("findings/?environment=staging")["results"], what="the finding")
    assert failed[0]["rule"] == "type"
    assert not is_ready(people.qa, delivery, "tested")
    back = people.qa.post(
        f"deliveries/{delivery}/transitions/", {"to": "reviewed", "comment": "The price comes as text."}
    )
    assert back["state"] == "reviewed"
