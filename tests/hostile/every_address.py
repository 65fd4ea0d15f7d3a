"""Every address of the project, with a row behind each, found in the URLconf so that none can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Membership, User
from accounts.roles import COMPANY_ROLES, Role
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory, PropertyFactory, create_write_key, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.models import Finding
from tracking.traffic.models import SeenName


def escape(value: str) -> str:
    """Return a value as an address has it, halves of surrogate pairs too, which no browser sends."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


METHODS = ("get", "post", "put", "patch", "delete")
LEFT_OUT = {"admin:logout", "account_logout"}
"""Addresses that would end the session of whoever asks."""


@dataclass(frozen=True)
class Address:
    """One address: its name, its pattern, and the view behind it."""

    name: str
    pattern: URLPattern
    prefix: str
    arguments: tuple[str, ...]

    @property
    def view(self) -> Any:
        """The class of the view where it is one, else the function."""
        callback: Any = self.pattern.callback
        return getattr(callback, "cls", None) or getattr(callback, "view_class", None) or callback

    @property
    def methods(self) -> tuple[str, ...]:
        """What an address of the API is asked by."""
        actions = getattr(self.pattern.callback, "actions", None)
        return tuple(actions or (method for method in METHODS if hasattr(self.view, method)))

    @property
    def is_api(self) -> bool:
        return self.prefix.startswith("api/v1/")

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin:")

    @property
    def template(self) -> str:
        """The path with the name of each argument in braces, whatever its pattern lets in."""
        written = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"{\1}", self.prefix + str(self.pattern.pattern))
        written = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", written)
        return "/" + re.sub(r"\(\?:|\)\?|[\^$\\]", "", written)

    def url(self, arguments: dict[str, Any]) -> str:
        """Return the address of the row that `arguments` name."""
        return self.template.format(**{name: quote(str(value)) for name, value in arguments.items()})

    def hostile_urls(self, arguments: dict[str, Any], values: Sequence[str]) -> Iterator[str]:
        """Yield the address with one argument replaced by each value, whether or not its pattern lets that in."""
        for name in self.arguments:
            for value in values:
                written = {each: quote(str(given)) for each, given in arguments.items()}
                yield self.template.format(**written | {name: escape(value)})


def addresses() -> list[Address]:
    """Every address of the URLconf that has a name."""

    def walk(resolver: URLResolver, prefix: str, namespace: str, outer: tuple[str, ...]) -> Iterator[Address]:
        for entry in resolver.url_patterns:
            inside = (*outer, *entry.pattern.regex.groupindex)
            if isinstance(entry, URLResolver):
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                yield from walk(entry, prefix + str(entry.pattern), inner, inside)
            elif entry.name is not None and namespace + entry.name not in LEFT_OUT:
                yield Address(namespace + entry.name, entry, prefix, inside)

    found = walk(get_resolver(), "", "", ())
    return list({(each.name, each.arguments): each for each in found}.values())


@dataclass(frozen=True)
class Rows:
    """Somebody who may do everything, and a row behind each argument of each address."""

    user: User
    members: TeamFixture
    values: dict[str, Any]
    by_address: dict[str, dict[str, Any]]

    def arguments(self, address: Address) -> dict[str, Any]:
        """What the address is made with."""
        known = self.values | self.by_address.get(address.name.partition(":")[2] or address.name, {})
        return {name: known[name] for name in address.arguments}


def create_rows() -> Rows:
    """Create a live request, one that is being tested, and whatever else an address shows."""
    members = TeamFixture.create()
    live = RequestFactory.live(members=members)
    developed = RequestFactory.developed(members=members, document=definition("Order Packed"))
    draft = RequestFactory.draft(members=members, document=definition("Order Sent"))
    source = live.delivery.source
    ingest(developed.sources[0], developed.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    ingest(source, "Never defined", [VALID_PAYLOAD, {"total": "x"}])
    marker = mark_deploy(source, environment="staging", version="2.0.0", by=members.developer)
    key = create_write_key(source)
    finding = Finding.objects.create(
        source=source,
        environment="production",
        seen_name=make_seen_name("Order Completed"),
        path="/properties/total",
        rule="type",
        severity="error",
        count=1,
        first_seen=NOON,
        last_seen=NOON,
    )
    user = UserFactory.create()
    for role in COMPANY_ROLES:
        Membership.objects.create(user=user, role=role)
    for role in (Role.PM, Role.DEVELOPER):
        Membership.objects.create(user=user, role=role, team=members.team)
    event, version = live.event, live.event.newest_version
    assert version is not None
    values = {
        "pk": event.pk,
        "event_pk": event.pk,
        "request_pk": live.request.pk,
        "slug": source.slug,
        "source_slug": source.slug,
        "environment": "staging",
        "number": str(version.number),
        "old": str(version.number),
        "new": str(version.number),
        "seen_name_id": SeenName.objects.get(name="Never defined").pk,
        "token": "token",
        "object_id": "1",
        "id": "1",
        "app_label": "catalog",
        "url": "nothing",
        "content_type_id": 1,
    }
    by_address = {
        "event": {"pk": event.pk, "slug": event.slug},
        "team": {"slug": members.team.slug},
        "property": {"pk": PropertyFactory.create().pk},
        "property-detail": {"pk": PropertyFactory.create().pk},
        "category-detail": {"slug": CategoryFactory.create().slug},
        "deploy_removed": {"pk": marker.pk},
        "deploy-detail": {"pk": marker.pk},
        "key_rotated": {"pk": key.pk},
        "key_revoked": {"pk": key.pk},
        "edit": {"pk": draft.request.pk},
        "session-end": {"pk": 0},  # nobody's: another would end the session of whoever asks
        **{name: {"pk": live.request.pk} for name in ("request", "move")},
        **{name: {"pk": developed.delivery.pk} for name in ("qa_delivery", "move_delivery")},
        **{name: {"pk": finding.pk} for name in ("finding", "nulls", "exemption")},
        **{f"finding-{name}": {"pk": finding.pk} for name in ("detail", "transitions", "null-handling", "exemption")},
        **{f"request-{name}": {"pk": draft.request.pk} for name in ("detail", "transitions")},
        **{f"delivery-{name}": {"pk": developed.delivery.pk} for name in ("detail", "transitions")},
    }
    return Rows(user, members, values, by_address)
