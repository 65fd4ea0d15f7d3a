"""The short notation in which the demo's dictionary is written, and how it becomes definition documents."""

from dataclasses import dataclass, field
from typing import Any

from catalog.choices import Origin, Sensitivity
from demo.company import ANDROID, APPS, IOS, ORDERS, POCKET_SHOP, SERVICE, STOREFRONT, WEB

Schema = dict[str, Any]
Document = dict[str, Any]

SOURCE_BY_LETTER = {"w": WEB, "i": IOS, "a": ANDROID, "o": SERVICE, "p": POCKET_SHOP}


@dataclass(frozen=True, slots=True)
class PropertyEntry:
    """An entry of the property library. Every example is valid; the demo's traffic is made of them."""

    name: str
    description: str
    schema: Schema
    examples: tuple[Any, ...]
    unit: str = ""
    sensitivity: Sensitivity = Sensitivity.NONE
    origin: Origin = Origin.CLIENT

    def as_schema(self) -> Schema:
        """Return the property as a definition spells it out."""
        return {**self.schema, "description": self.description, "examples": list(self.examples[:3])}


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """A category."""

    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event of the dictionary.

    `on` names its sources by letter (w web shop, i iOS, a Android, o order service, p pocket shop). `has` names its
    properties; an exclamation mark makes one required. `volume` is how many production sends a day. `per_source` and
    `context` go into the document as they are.
    """

    name: str
    source_letters: str
    description: str
    trigger: str
    property_spec: str = ""
    volume: float = 1.0
    tier: int = 3
    tags: tuple[str, ...] = ()
    title: str = ""
    call: str = "track"
    kind: str = "standard"
    unit: str = ""
    computed: str = ""
    per_source: dict[str, Any] = field(default_factory=dict)
    context: Schema = field(default_factory=dict)
    category: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The slugs of its sources."""
        return tuple(SOURCE_BY_LETTER[letter] for letter in self.source_letters)

    @property
    def team(self) -> str:
        """The slug of the team that owns it: whoever owns the first of its sources."""
        return {"w": STOREFRONT, "i": APPS, "a": APPS, "o": ORDERS}[self.source_letters[0]]

    @property
    def properties(self) -> list[str]:
        """The names of its properties."""
        return [word.rstrip("!") for word in self.property_spec.split()]

    @property
    def required(self) -> list[str]:
        """The names of those that always come."""
        return [word.rstrip("!") for word in self.property_spec.split() if word.endswith("!")]

    def document(self, library: dict[str, PropertyEntry], **members: Any) -> Document:
        """Return the definition document; `members` replace its own."""
        schema: Schema = {
            "type": "object",
            "properties": {name: library[name].as_schema() for name in self.properties},
        }
        if self.required:
            schema["required"] = self.required
        texts = {"title": self.title, "description": self.description, "trigger": self.trigger}
        texts |= {"unit": self.unit, "computed": self.computed}
        optional_members = {"context": self.context, "per_source": self.per_source}
        return {
            "name": self.name,
            "call": self.call,
            "kind": self.kind,
            **{member: text for member, text in texts.items() if text},
            "schema": schema,
            **{member: value for member, value in optional_members.items() if value},
            **members,
        }
