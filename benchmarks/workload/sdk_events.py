"""Events as real SDKs send them: the captures in the test data, with other names, properties, ids, times and pages."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.load.plan import PASS, SECOND

PEOPLE = 20_000

_CAPTURES = Path(__file__).parents[2] / "tests" / "data" / "captures"
_PAGES = 40
_CONTEXTS = 300
"""How many different contexts the browsers of a source send; servers send one for each app version."""

_LOCALES = ("en-US", "en-GB", "de-DE", "fr-FR", "pt-BR", "ja-JP")
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK: an event and the members of a body as it sends them, and the beginning of its message ids."""

    event: dict[str, Any]
    body: dict[str, Any]
    id_prefix: str
    zone: str
    has_pages: bool

    def contexts(self, app_version: str, random: Random) -> list[dict[str, Any]]:
        """Return the contexts that events of an app version may have."""
        context = self.event["context"] | {"app": {"name": "Shop", "version": app_version}}
        if not self.has_pages:
            return [context]
        return [self._on_page(context, random) for _ in range(_CONTEXTS // 10)]

    def _on_page(self, context: dict[str, Any], random: Random) -> dict[str, Any]:
        path = f"/shop/{random.randrange(_PAGES)}"
        page = context["page"] | {"path": path, "url": f"https://shop.example{path}{context['page']['search']}"}
        return context | {"page": page, "userAgent": random.choice(_BROWSERS), "locale": random.choice(_LOCALES)}

    def make_event(
        self, name: str, properties: dict[str, Any], context: dict[str, Any], number: int, random: Random
    ) -> dict[str, Any]:
        """Return an event whose id is its own in every pass."""
        changed = {
            "event": name,
            "properties": properties,
            "context": context,
            "messageId": f"{self.id_prefix}{PASS.decode()}-{number:08d}",
            "timestamp": f"{SECOND.decode()}.{random.randrange(1_000):03d}{self.zone}",
            "userId": f"u-{random.randrange(PEOPLE)}",
            "anonymousId": f"{random.randrange(PEOPLE):08x}-0efe-4f9e-b0d9-89fb9d50d5ef",
        }
        return self.event | {key: value for key, value in changed.items() if key in self.event}

    def make_body(self, events: list[dict[str, Any]], key: str) -> dict[str, Any]:
        """Return the body of a batch. Its `sentAt` is the moment when it is sent."""
        own = {"writeKey": key, "sentAt": f"{SECOND.decode()}.999Z"}
        return {"batch": events} | {name: own.get(name, value) for name, value in self.body.items()}


def sdks() -> dict[str, Sdk]:
    """Return the SDKs of the captures: one of browsers, three of servers."""
    return {
        "browser": _captured("browser-segment-analytics-next", "ajs-next-1795469850066-", "Z"),
        "node": _captured("segment-analytics-node", "node-next-1795469050282-", "Z"),
        "python": _captured("segment-analytics-python", "f3f25eab-e8e6-4c08-", "+00:00"),
        "rudder": _captured("rudder-sdk-python", "dc358fc3-8ff3-4364-", "+00:00"),
    }


def _captured(name: str, id_prefix: str, zone: str) -> Sdk:
    """Return what the capture's first event of *track* shows."""
    found = json.loads((_CAPTURES / f"{name}.json").read_text())
    requests = [request for variant in found.get("variants", [found]) for request in variant["requests"]]
    for request in requests:
        body = (request["body"] or {}).get("json") or {}
        for event in body.get("batch", [body]):
            if event.get("type") == "track":
                members = {key: value for key, value in body.items() if key in ("sentAt", "writeKey")}
                own = {key: value for key, value in event.items() if key not in ("sentAt", "writeKey")}
                return Sdk(own, members, id_prefix, zone, has_pages="page" in event["context"])
    raise RuntimeError(f"{name} has no event of track")
