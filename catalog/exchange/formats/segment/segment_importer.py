"""Segment tracking plans in JSON: the Public API's form (bare or in `data`) and the older Config API's."""

from collections.abc import Iterator
from dataclasses import replace

from catalog.contract.definition.definition_document import TRAIT_CALLS
from catalog.exchange.definition_assembly import Part, assemble
from catalog.exchange.entry import (
    Document,
    Entry,
    Json,
    Note,
    Outcome,
    Problem,
    as_text,
    bytes_hash,
    content_hash,
    order_of,
)
from catalog.exchange.formats.segment.common_rules import Common
from catalog.exchange.formats.segment.plan_rules import (
    Rule,
    empty_members,
    is_plan,
    next_page,
    rules_of,
    unknown_members,
)
from catalog.exchange.formats.segment.rule_parts import Parts, parts_of_rule
from catalog.exchange.importer import failed, left_out, skipped
from catalog.exchange.parsing.strict_json import Unreadable, read_json
from catalog.exchange.upload import Upload

_CALLS = {
    "TRACK": "track",
    "IDENTIFY": "identify",
    "GROUP": "group",
    "PAGE": "page",
    "SCREEN": "screen",
    "ALIAS": "alias",
}
_NAMED_BY_CALL = ("identify", "group", "alias")


class SegmentImporter:
    """Each rule becomes an event of the call that its type names; a rule's version is the origin's version.

    identify, group and alias are named by their call, a page or screen without a key too. A rule of type
    COMMON (`global` in the older form) holds for every event: it is listed as a fragment and merged into the
    definitions beside it. Segment keeps a rule's version when its schema is edited, so another content is an
    update and no conflict; the content that counts is the definition, not the time it was exported.
    """

    format = "segment"
    label = "Segment tracking plan (JSON)"

    def recognises(self, upload: Upload) -> bool:
        """Whether a JSON file holds rules in one of the two forms."""
        return any(is_plan(_value(raw)) for path, raw in upload if path.lower().endswith(".json"))

    def read(self, upload: Upload) -> Iterator[Entry]:
        """Every rule, and every file that holds none, as one entry; see `Importer`."""
        yield from left_out(self.format, upload)
        for path, raw in upload:
            if not path.lower().endswith(".json"):
                yield skipped(self.format, path, raw, "not_a_plan", "Not a JSON file.")
                continue
            try:
                value = read_json(raw)
            except Unreadable as error:
                yield failed(self.format, path, raw, error.code, str(error))
                continue
            if not is_plan(value):
                yield skipped(self.format, path, raw, "not_a_plan", "Its JSON holds no rules of a tracking plan.")
                continue
            yield from self._plan(path, value, raw)

    def _plan(self, path: str, value: Json, raw: bytes) -> Iterator[Entry]:
        rules = list(rules_of(value, raw))
        common = Common.of([parts_of_rule(rule.schema, "properties") for rule in rules if rule.type == "COMMON"])
        for rule in rules:
            yield self._entry(path, rule, common)
        for place in empty_members(value):
            yield self._place(path, place, Outcome.SKIPPED, "empty", "It holds no rule.")
        for place in unknown_members(value):
            yield self._place(path, place, Outcome.FAILED, "unknown_member", "It is no part of a plan that is known.")
        if next_page(value):
            detail = "The file is one page of the plan. Export the pages that follow, too."
            yield self._place(path, "/data/pagination", Outcome.FAILED, "more_pages", detail)
        if not rules:
            yield skipped(self.format, path, raw, "empty", "The plan has no rules.")

    def _entry(self, path: str, rule: Rule, common: Common) -> Entry:
        entry = Entry(
            self.format,
            f"{path}#{rule.pointer}",
            Outcome.FAILED,
            as_text(rule.text.encode()),
            bytes_hash(rule.text.encode()),
            name=rule.key,
            origin_version=rule.version,
            order=order_of(rule.version),
            is_fixed=False,
            labels=rule.labels,
            owner_text=_label(rule, "owner", "team"),
            category_text=_label(rule, "category"),
            status="deprecated" if rule.is_deprecated else "",
        )
        if rule.type == "COMMON":
            return self._common(entry, rule)
        if rule.type not in _CALLS:
            problem = Problem("/type", "unknown_type", f"{rule.type[:100]!r} is no type of rule that is known.")
            return replace(entry, problems=(problem,))
        return self._event(entry, rule, common)

    def _common(self, entry: Entry, rule: Rule) -> Entry:
        parts = parts_of_rule(rule.schema, "properties")
        if parts.problems:
            return replace(entry, problems=parts.problems)
        detail = "It holds for every event of the plan and is merged into each."
        problems = (Problem("", "fragment", detail),)
        return replace(entry, outcome=Outcome.FRAGMENT, problems=problems, notes=parts.notes)

    def _event(self, entry: Entry, rule: Rule, common: Common) -> Entry:
        call = _CALLS[rule.type]
        is_named_by_call = call in _NAMED_BY_CALL or (call != "track" and not rule.key)
        name = call if is_named_by_call else rule.key
        main = "traits" if call in TRAIT_CALLS else "properties"
        parts = common.merged(parts_of_rule(rule.schema, main), main)
        found = _placed(parts, main)
        definition = assemble(
            name=name,
            call=call,
            schema=found["properties"],
            context=found.get("context"),
            traits=found.get("traits"),
            description=rule.description.strip(),
        )
        problems = parts.problems or definition.problems
        document = None if problems else definition.document
        notes = (*_notes(rule, name), *parts.notes, *definition.notes)
        entry = replace(entry, name=name, call=call, notes=notes, problems=problems)
        if document is None:
            return entry
        return replace(entry, outcome=Outcome.IMPORTED, document=document, content_hash=_hash(document, entry))

    def _place(self, path: str, pointer: str, outcome: Outcome, code: str, detail: str) -> Entry:
        place = f"{path}#{pointer}"
        return Entry(self.format, place, outcome, "", bytes_hash(place.encode()), problems=(Problem("", code, detail),))


def _placed(parts: Parts, main: str) -> dict[str, Part]:
    """The parts by the document's members: `properties` is its `schema`, which speaks of the main part if alone."""
    found = dict(parts.found)
    if main == "traits" and "properties" not in found and "traits" in found:
        found["properties"] = found.pop("traits")
    return {"properties": Part({"type": "object"})} | found


def _notes(rule: Rule, name: str) -> Iterator[Note]:
    if rule.key and name != rule.key:
        yield Note("key_left_out", "/key", f"The event is named by its call; the key {rule.key[:200]!r} is left out.")
    if rule.metadata_name and rule.metadata_name != rule.key:
        what = f"The metadata names it {rule.metadata_name[:200]!r}; the key decides."
        yield Note("name_disagrees", "/jsonSchema/eventMetadata/name", what)


def _hash(document: Document, entry: Entry) -> bytes:
    return content_hash({"document": document, "labels": [list(pair) for pair in entry.labels], "status": entry.status})


def _label(rule: Rule, *names: str) -> str:
    return next((value for key, value in rule.labels if key.strip().casefold() in names), "")


def _value(raw: bytes) -> Json:
    try:
        return read_json(raw)
    except Unreadable:
        return None
