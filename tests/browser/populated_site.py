"""A house in which every page has something to show, furnished by the ways that people and SDKs take."""

from accounts.models import Membership
from accounts.services import issue_token
from catalog.models import Source
from tests.factories.catalog import (
    TOTAL_SCHEMA,
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    TagFactory,
    create_write_key,
    definition,
    publish_next_version,
)
from tests.factories.requests import (
    INVALID_PAYLOAD,
    VALID_PAYLOAD,
    RequestFactory,
    RequestLifecycle,
    TeamFixture,
    ingest,
)
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.requests.choices import RequestState
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.collect.throttle_log import throttle_log

STATES = (
    RequestState.DRAFT,
    RequestState.REQUESTED,
    RequestState.REVIEWED,
    RequestState.TESTED,
    RequestState.LIVE,
    RequestState.DECLINED,
    RequestState.WITHDRAWN,
)
LONG_NAME = "W" * 300
NUMBER_OR_TEXT = {"type": ["number", "string"]}


def grant_all_roles(members: TeamFixture) -> None:
    """Give the analyst the other roles too, so that one person sees every step as open."""
    for role in ("pm", "developer", "qa", "admin"):
        Membership.objects.create(user=members.analyst, team=members.team, role=role)


def create_site_data(members: TeamFixture) -> list[str]:
    """Fill the house and return the address of every page, as the analyst of the team may open it."""
    source = SourceFactory.create(owner_team=members.team, description="The shop in the browser.")
    issue_token(user=members.analyst, name="CI of the web shop", scopes=("read",), by=members.analyst)
    return [
        *("/", "/search/?q=search", "/search/?q=nothing+at+all", "/style/", "/api/docs/", "/no/such/page/"),
        *("/settings/profile/", "/settings/tokens/", "/accounts/password/change/"),
        *("/teams/", members.team.get_absolute_url()),
        *_catalog_pages(members, source),
        *_traffic_pages(source),
        *_request_pages(members),
        *_long_names(members),
    ]


def _catalog_pages(members: TeamFixture, source: Source) -> list[str]:
    PropertyFactory.create(name="total", description="What was paid", schema=TOTAL_SCHEMA)
    event = EventFactory.create(
        name="Search Performed",
        category=CategoryFactory.create(),
        owner_team=members.team,
        sources=[source],
        is_live=True,
    )
    event.tags.add(TagFactory.create())
    text = {"total": NUMBER_OR_TEXT, "coupon": {"type": "string", "enum": ["SPRING", "AUTUMN"]}}
    publish_next_version(
        event, definition("Search Performed", schema={"type": "object", "properties": text}), sources=[source]
    )
    library = event.newest_version.properties.filter(property__isnull=False).first()
    assert library is not None
    return [
        *("/events/", "/events/?status=retired", "/events/?status=live&sort=-changed"),
        *(event.get_absolute_url(), f"{event.get_absolute_url()}?v=1.0.0"),
        f"/events/{event.pk}/compare/1.0.0...2.0.0/",
        *("/properties/", f"/properties/{library.property_id}/"),
    ]


def _traffic_pages(source: Source) -> list[str]:
    create_write_key(source, "staging")
    good, bad = ({"total": 12.5, "coupon": "SPRING"}, {"total": "a lot", "colour": "red"})
    known = [track_call("Search Performed", properties=properties) for properties in (good, good, bad)]
    post_batch(create_write_key(source), *known, track_call("Somebody Else's Idea", properties={"size": 7}))
    process_inbox()
    findings = Finding.objects.order_by("rule")
    assert {"type", "undocumented"} <= {finding.rule for finding in findings}
    throttle_log.note(source.write_keys.get(environment="production"), ThrottleBound.KEY_EVENTS, size=1_234_567)
    throttle_log.flush()
    return [
        *("/throttled/", "/throttled/?now=false"),
        *("/sources/", "/sources/new/", source.get_absolute_url()),
        *("/findings/", "/findings/?state=ignored", *(finding.get_absolute_url() for finding in findings)),
    ]


def _request_pages(members: TeamFixture) -> list[str]:
    lifecycles = {
        state: RequestFactory.at(state, members=members, document=definition(f"Wish {state}")) for state in STATES
    }
    own_draft = RequestFactory.draft(members=members, by=members.analyst, document=definition("Wish Made"))
    built = RequestFactory.developed(members=members, document=definition("Wish Built"))
    ingest(built.sources[0], "Wish Built", [VALID_PAYLOAD, INVALID_PAYLOAD], environment="staging", app_version="2.0.0")
    live = lifecycles[RequestState.LIVE]
    breaking = _breaking_request(members, live)
    none = {"has_no_successor": True}
    ending = RequestFactory.draft(
        members=members, event=live.event, action="deprecate", sources=(), change=none, reason="Nobody reads it."
    )
    sent_back = RequestFactory.developed(members=members, document=definition("Wish Returned"))
    move_delivery(sent_back.delivery, "reviewed", by=members.qa, comment="The total is missing.")
    shown = [*lifecycles.values(), own_draft, built, breaking, ending, sent_back]
    return [
        *("/requests/", "/requests/?q=nobody", "/requests/new/", f"/requests/{own_draft.request.pk}/edit/"),
        *(f"/requests/new/?event={live.event.pk}", "/requests/new/?action=retire"),
        *(lifecycle.request.get_absolute_url() for lifecycle in shown),
        "/qa/",
        *(f"/qa/{lifecycle.delivery.pk}/" for lifecycle in shown if lifecycle.deliveries),
    ]


def _long_names(members: TeamFixture) -> list[str]:
    """An event, a request and a finding of long names without a place to break: no page may grow by them."""
    source = SourceFactory.create(owner_team=members.team, name=LONG_NAME[:100])
    properties = {"type": "object", "properties": {LONG_NAME: {"type": "string", "enum": [LONG_NAME]}}}
    event = EventFactory.create(
        name=LONG_NAME,
        sources=[source],
        is_live=True,
        definition=definition(LONG_NAME, schema=properties, description=LONG_NAME),
    )
    post_batch(
        create_write_key(source),
        track_call(LONG_NAME, properties={LONG_NAME: LONG_NAME[1:]}),
        track_call(f"{LONG_NAME}?"),
    )
    process_inbox()
    document = definition(LONG_NAME, schema=properties, trigger=LONG_NAME)
    lifecycle = RequestFactory.draft(
        members=members, by=members.analyst, event=event, document=document, sources=[source]
    )
    type(lifecycle.request).objects.filter(pk=lifecycle.request.pk).update(
        title=LONG_NAME[:200], question=LONG_NAME, decision=LONG_NAME
    )
    finding = Finding.objects.filter(seen_name__name=LONG_NAME).first()
    assert finding is not None
    return [
        *("/", "/events/", "/findings/", "/requests/", f"/search/?q={LONG_NAME}"),
        *(event.get_absolute_url(), finding.get_absolute_url(), source.get_absolute_url()),
        *(
            lifecycle.request.get_absolute_url(),
            f"/requests/{lifecycle.request.pk}/edit/",
            f"/requests/new/?event={event.pk}",
        ),
    ]


def _breaking_request(members: TeamFixture, live: RequestLifecycle) -> RequestLifecycle:
    """A request whose change would break events that came, so that its page shows the replay."""
    ingest(live.sources[0], live.event.name, [VALID_PAYLOAD, VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    shop = {"type": "string", "description": "Which shop sold it"}
    stricter = {"type": "object", "properties": {"total": TOTAL_SCHEMA, "shop": shop}, "required": ["total", "shop"]}
    document = definition(live.event.name, schema=stricter)
    return RequestFactory.requested(members=members, event=live.event, document=document, sources=live.sources)
