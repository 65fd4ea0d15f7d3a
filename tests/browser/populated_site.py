"""A house in which every page has something to show, furnished by the ways that people and SDKs take."""

from accounts.models import Membership
from accounts.services import issue_token
from catalog.models import Source
from tests.factories.catalog import (
    TOTAL,
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    TagFactory,
    definition,
    key_of,
    next_version,
)
from tests.factories.requests import BROKEN, VALID, Cast, RequestFactory, Walk, arrive
from tests.factories.traffic import check_all, send, track
from tracking.quality.models import Finding
from tracking.requests.choices import State
from tracking.requests.workflow.transition_service import move_delivery

STATES = (State.DRAFT, State.REQUESTED, State.REVIEWED, State.TESTED, State.LIVE, State.DECLINED, State.WITHDRAWN)
LONG = "W" * 300
NUMBER_OR_TEXT = {"type": ["number", "string"]}


def everybody_at_once(cast: Cast) -> None:
    """Give the analyst the other roles too, so that one person sees every step as open."""
    for role in ("pm", "developer", "qa", "admin"):
        Membership.objects.create(user=cast.analyst, team=cast.team, role=role)


def furnish(cast: Cast) -> list[str]:
    """Fill the house and return the address of every page, as the analyst of the cast may open it."""
    source = SourceFactory.create(owner_team=cast.team, description="The shop in the browser.")
    issue_token(user=cast.analyst, name="CI of the web shop", scopes=("read",), by=cast.analyst)
    return [
        *("/", "/search/?q=search", "/search/?q=nothing+at+all", "/style/", "/api/docs/", "/no/such/page/"),
        *("/settings/profile/", "/settings/tokens/", "/accounts/password/change/"),
        *("/teams/", cast.team.get_absolute_url()),
        *_catalog(cast, source),
        *_traffic(source),
        *_requests(cast),
        *_long(cast),
    ]


def _catalog(cast: Cast, source: Source) -> list[str]:
    PropertyFactory.create(name="total", description="What was paid", schema=TOTAL)
    event = EventFactory.create(
        name="Search Performed",
        category=CategoryFactory.create(),
        owner_team=cast.team,
        sources=[source],
        is_live=True,
    )
    event.tags.add(TagFactory.create())
    text = {"total": NUMBER_OR_TEXT, "coupon": {"type": "string", "enum": ["SPRING", "AUTUMN"]}}
    next_version(event, definition("Search Performed", schema={"type": "object", "properties": text}), sources=[source])
    library = event.newest_version.properties.filter(property__isnull=False).first()
    assert library is not None
    return [
        *("/events/", "/events/?status=retired", "/events/?status=live&sort=-changed"),
        *(event.get_absolute_url(), f"{event.get_absolute_url()}?v=1.0.0"),
        f"/events/{event.pk}/compare/1.0.0...2.0.0/",
        *("/properties/", f"/properties/{library.property_id}/"),
    ]


def _traffic(source: Source) -> list[str]:
    key_of(source, "staging")
    good, bad = ({"total": 12.5, "coupon": "SPRING"}, {"total": "a lot", "colour": "red"})
    known = [track("Search Performed", properties=properties) for properties in (good, good, bad)]
    send(key_of(source), *known, track("Somebody Else's Idea", properties={"size": 7}))
    check_all()
    findings = Finding.objects.order_by("rule")
    assert {"type", "undocumented"} <= {finding.rule for finding in findings}
    return [
        *("/sources/", "/sources/new/", source.get_absolute_url()),
        *("/findings/", "/findings/?state=ignored", *(finding.get_absolute_url() for finding in findings)),
    ]


def _requests(cast: Cast) -> list[str]:
    walks = {state: RequestFactory.at(state, cast=cast, document=definition(f"Wish {state}")) for state in STATES}
    mine = RequestFactory.draft(cast=cast, by=cast.analyst, document=definition("Wish Made"))
    built = RequestFactory.developed(cast=cast, document=definition("Wish Built"))
    arrive(built.sources[0], "Wish Built", [VALID, BROKEN], environment="staging", app_version="2.0.0")
    live = walks[State.LIVE]
    breaking = _breaking(cast, live)
    none = {"has_no_successor": True}
    ending = RequestFactory.draft(
        cast=cast, event=live.event, action="deprecate", sources=(), change=none, reason="Nobody reads it."
    )
    sent_back = RequestFactory.developed(cast=cast, document=definition("Wish Returned"))
    move_delivery(sent_back.delivery, "reviewed", by=cast.qa, comment="The total is missing.")
    shown = [*walks.values(), mine, built, breaking, ending, sent_back]
    return [
        *("/requests/", "/requests/?q=nobody", "/requests/new/", f"/requests/{mine.request.pk}/edit/"),
        *(f"/requests/new/?event={live.event.pk}", "/requests/new/?action=retire"),
        *(walk.request.get_absolute_url() for walk in shown),
        "/qa/",
        *(f"/qa/{walk.delivery.pk}/" for walk in shown if walk.deliveries),
    ]


def _long(cast: Cast) -> list[str]:
    """An event, a request and a finding of long names without a place to break: no page may grow by them."""
    source = SourceFactory.create(owner_team=cast.team, name=LONG[:100])
    properties = {"type": "object", "properties": {LONG: {"type": "string", "enum": [LONG]}}}
    event = EventFactory.create(
        name=LONG, sources=[source], is_live=True, definition=definition(LONG, schema=properties, description=LONG)
    )
    send(key_of(source), track(LONG, properties={LONG: LONG[1:]}), track(f"{LONG}?"))
    check_all()
    document = definition(LONG, schema=properties, trigger=LONG)
    wish = RequestFactory.draft(cast=cast, by=cast.analyst, event=event, document=document, sources=[source])
    type(wish.request).objects.filter(pk=wish.request.pk).update(title=LONG[:200], question=LONG, decision=LONG)
    finding = Finding.objects.filter(seen_name__name=LONG).first()
    assert finding is not None
    return [
        *("/", "/events/", "/findings/", "/requests/", f"/search/?q={LONG}"),
        *(event.get_absolute_url(), finding.get_absolute_url(), source.get_absolute_url()),
        *(wish.request.get_absolute_url(), f"/requests/{wish.request.pk}/edit/", f"/requests/new/?event={event.pk}"),
    ]


def _breaking(cast: Cast, live: Walk) -> Walk:
    """A request whose change would break events that came, so that its page shows the replay."""
    arrive(live.sources[0], live.event.name, [VALID, VALID], environment="staging", app_version="2.0.0")
    shop = {"type": "string", "description": "Which shop sold it"}
    stricter = {"type": "object", "properties": {"total": TOTAL, "shop": shop}, "required": ["total", "shop"]}
    document = definition(live.event.name, schema=stricter)
    return RequestFactory.requested(cast=cast, event=live.event, document=document, sources=live.sources)
