"""Send a test event: really over HTTP, to this installation's own collector."""

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Call, Environment, VersionFrom
from catalog.contract.json.pointers import parse_pointer
from catalog.models import Source
from catalog.services.write_keys import current_key

TIMEOUT_SECONDS = 2.0
MAX_RESPONSE_BYTES = 10_000
NO_ADDRESS_MESSAGE = "This installation does not know its own address. Whoever operates it sets SIGNALBOOK_URL."
TRAIT_CALLS = (Call.IDENTIFY, Call.GROUP)


@dataclass(frozen=True, slots=True)
class CollectorResponse:
    """What the collector answered. `status` is 0 where it did not; then `body` says why."""

    status: int
    body: str
    message_id: str

    @property
    def is_accepted(self) -> bool:
        return self.status == 200


def send_test_event(
    source: Source,
    environment: Environment | str,
    *,
    call: Call | str,
    name: str,
    properties: Mapping[str, Any] | msgspec.Raw,
    by: User,
    app_version: str = "",
) -> CollectorResponse:
    """Post one event of a source to this installation's collector with the source's own key, and return its answer.

    `properties` may be JSON text as a person typed it, which is sent as it is.

    For a person who waits: at most two seconds. Raises Forbidden where `by` may not check events (in production:
    not manage the source), and UnmetConditionsError where the environment has no key in use, or this
    installation's address is not set.
    """
    is_production = environment == Environment.PRODUCTION
    require(by, Capability.SOURCE_MANAGE if is_production else Capability.EVENTS_CHECK, on=source)
    key = current_key(source, environment)
    if key is None:
        label = Environment(environment).label
        raise UnmetConditionsError(
            [UnmetCondition("no_key", f"{source} has no write key for {label}. Create one first.")]
        )
    event = _build_test_event(source, call=Call(call), name=name, properties=properties, by=by, app_version=app_version)
    status, body = post_to_collector(f"/in/v1/{Call(call)}", event, key=key.key)
    return CollectorResponse(status, body, event["messageId"])


def _build_test_event(
    source: Source, *, call: Call, name: str, properties: Mapping[str, Any] | msgspec.Raw, by: User, app_version: str
) -> dict[str, Any]:
    now = timezone.now().isoformat()
    event: dict[str, Any] = {
        "type": call.value,
        "userId": f"test-{by.pk}",
        "messageId": f"test-{uuid4()}",
        "timestamp": now,
        "sentAt": now,
        "context": {"library": {"name": "signalbook-test", "version": "1"}},
        "traits" if call in TRAIT_CALLS else "properties": properties
        if isinstance(properties, msgspec.Raw)
        else dict(properties),
    }
    if call == Call.TRACK:
        event["event"] = name
    elif call in (Call.PAGE, Call.SCREEN):
        event["name"] = name
    if app_version and source.version_from == VersionFrom.PAYLOAD:
        _set_at_path(event, parse_pointer(source.version_path), app_version)
    return event


def _set_at_path(event: dict[str, Any], path: list[str], value: str) -> None:
    """Write a value at a place of the event, where that lies in what SDKs may fill."""
    if len(path) < 2 or path[0] not in ("context", "properties", "traits"):
        return
    parent = event
    for token in path[:-1]:
        child = parent.setdefault(token, {})
        if not isinstance(child, dict):
            return
        parent = child
    parent[path[-1]] = value


def _encode(body: Mapping[str, Any]) -> bytes:
    """Return a body as JSON, with what is raw in it as it was typed."""
    typed = {name: value for name, value in body.items() if isinstance(value, msgspec.Raw)}
    text = json.dumps({name: value for name, value in body.items() if name not in typed}).encode()
    for name, value in typed.items():
        text = text[:-1] + b", " + json.dumps(name).encode() + b": " + bytes(value) + b"}"
    return text


def post_to_collector(path: str, body: Mapping[str, Any], *, key: str) -> tuple[int, str]:
    """Post a JSON body to this installation's own collector, and return its status and answer; 0 where none came.

    Its address is `settings.SIGNALBOOK_URL`: a write key goes nowhere else. Follows no redirect and uses no proxy;
    waits two seconds at most. Raises UnmetConditionsError where the setting is empty or no address.
    """
    url = urlsplit(settings.SIGNALBOOK_URL)
    host = url.hostname or ""
    if url.scheme not in ("http", "https") or not host:
        raise UnmetConditionsError([UnmetCondition("no_address", NO_ADDRESS_MESSAGE)])
    connection_class = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connection_class(host, url.port, timeout=TIMEOUT_SECONDS)
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, _encode(body), headers)
        response = connection.getresponse()
        return response.status, response.read(MAX_RESPONSE_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, f"The collector did not answer within {TIMEOUT_SECONDS:g} seconds ({type(error).__name__})."
    finally:
        connection.close()
