"""The work that every checker of the contract core gets: definitions, and events in batches, the same each time."""

from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from benchmarks.workload.definitions import DEFINITIONS, Document, real_definitions, schemas_by_name
from benchmarks.workload.sdk_events import Sdk, sdks
from benchmarks.workload.shapes import BROKEN_SHARE, make_shapes

EVENTS = 200_000
BATCH = 50
APP_VERSION = "2.5.0"


@dataclass(frozen=True, slots=True)
class Work:
    """Definitions, each with a name of its own, and bodies as SDKs would send them."""

    definitions: tuple[Document, ...]
    bodies: tuple[bytes, ...]

    @property
    def events(self) -> int:
        """How many events the bodies hold."""
        return len(self.bodies) * BATCH

    def schemas(self) -> dict[str, dict[str, Any]]:
        """Return the schema of the properties by the event's name."""
        return schemas_by_name(self.definitions)


def work(*, events: int = EVENTS, definitions: int = DEFINITIONS) -> Work:
    """Return the work, made from the real definitions in the test data and the captures of real SDKs."""
    return work_of(real_definitions(definitions), events=events)


def work_of(definitions: tuple[Document, ...], *, events: int, broken_share: float = BROKEN_SHARE) -> Work:
    """Return events of these definitions, each SDK's in its turn."""
    random = Random(1)
    shapes = {each["name"]: make_shapes(each, random) for each in definitions}
    names = [each["name"] for each in definitions]
    senders = [(sdk, sdk.contexts(APP_VERSION, random)) for sdk in sdks().values()]
    bodies = []
    for batch in range(events // BATCH):
        sdk, contexts = senders[batch % len(senders)]
        context = random.choice(contexts)
        sent = []
        for number in range(batch * BATCH, (batch + 1) * BATCH):
            name = random.choice(names)
            properties = shapes[name].choose(random, broken_share=broken_share)
            sent.append(sdk.make_event(name, properties, context, number, random))
        bodies.append(_encode(sdk, sent))
    return Work(definitions, tuple(bodies))


def _encode(sdk: Sdk, events: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode(sdk.make_body(events, "wk_benchmark"))
