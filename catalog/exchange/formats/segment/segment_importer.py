"""Segment tracking plans in JSON: the Public API's form (bare or in `data`) and the older Config API's."""

from collections.abc import Iterator
from dataclasses import replace

from catalog.contract.definition.definition_document import TRAIT_CALLS
from catalog.exchange.definition_assembly import ImportedPart, assemble_definition
from catalog.exchange.entry import (
    Document,
    Entry,
    EntryOutcome,
    Json,
    Note,
    Problem,
    bytes_hash,
    decode_with_escapes,
    json_hash,
    version_sort_key,
)
from catalog.exchange.formats.segment.common_rules import CommonRules
from catalog.exchange.formats.segment.plan_rules import (
    SegmentRule,
    empty_members,
    has_next_page,
    is_tracking_plan,
    iter_rules,
    unknown_members,
)
from catalog.exchange.formats.segment.rule_parts import RuleParts, split_rule
from catalog.exchange.importer import failed_entry, skipped_entry, skipped_file_entries
from catalog.exchange.parsing.strict_json import UnreadableFile, parse_strict_json
from catalog.exchange.upload import Upload
from catalog.exchange.upload_schemas import UploadSchemas

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
        return any(is_tracking_plan(_parse_or_none(raw)) for path, raw in upload if path.lower().endswith(".json"))

    def read(self, upload: Upload) -> Iterator[Entry]:
        """Every rule, and every file that holds none, as one entry; see `Importer`."""
        yield from skipped_file_entries(self.format, upload)
        schemas = UploadSchemas(upload)
        for path, raw in upload:
            if not path.lower().endswith(".json"):
                yield skipped_entry(self.format, path, raw, "not_a_plan", "Not a JSON file.")
                continue
            try:
                value = parse_strict_json(raw)
            except UnreadableFile as error:
                yield failed_entry(self.format, path, raw, error.code, str(error))
                continue
            if not is_tracking_plan(value):
                yield skipped_entry(self.format, path, raw, "not_a_plan", "Its JSON holds no rules of a tracking plan.")
                continue
            yield from self._plan_entries(path, value, raw, schemas)

    def _plan_entries(self, path: str, value: Json, raw: bytes, schemas: UploadSchemas) -> Iterator[Entry]:
        rules = list(iter_rules(value, raw))
        common = CommonRules.from_rules(
            [
                split_rule(rule.schema, "properties", external=schemas.find, uri=path)
                for rule in rules
                if rule.type == "COMMON"
            ]
        )
        for rule in rules:
            yield self._entry(path, rule, common, schemas)
        for place in empty_members(value):
            yield self._member_entry(path, place, EntryOutcome.SKIPPED, "empty", "It holds no rule.")
        for place in unknown_members(value):
            yield self._member_entry(
                path, place, EntryOutcome.FAILED, "unknown_member", "It is no part of a plan that is known."
            )
        if has_next_page(value):
            detail = "The file is one page of the plan. Export the pages that follow, too."
            yield self._member_entry(path, "/data/pagination", EntryOutcome.FAILED, "more_pages", detail)
        if not rules:
            yield skipped_entry(self.format, path, raw, "empty", "The plan has no rules.")

    def _entry(self, path: str, rule: SegmentRule, common: CommonRules, schemas: UploadSchemas) -> Entry:
        entry = Entry(
            self.format,
            f"{path}#{rule.pointer}",
            EntryOutcome.FAILED,
            decode_with_escapes(rule.text.encode()),
            bytes_hash(rule.text.encode()),
            name=rule.key,
            origin_version=rule.version,
            sort_key=version_sort_key(rule.version),
            is_immutable=False,
            labels=rule.labels,
            owner_text=_label(rule, "owner", "team"),
            category_text=_label(rule, "category"),
            status="deprecated" if rule.is_deprecated else "",
        )
        if rule.type == "COMMON":
            return self._common_rule_entry(
                entry, split_rule(rule.schema, "properties", external=schemas.find, uri=path)
            )
        if rule.type not in _CALLS:
            problem = Problem("/type", "unknown_type", f"{rule.type[:100]!r} is no type of rule that is known.")
            return replace(entry, problems=(problem,))
        main_part = "traits" if _CALLS[rule.type] in TRAIT_CALLS else "properties"
        parts = split_rule(rule.schema, main_part, external=schemas.find, uri=path)
        return self._event_entry(entry, rule, common.merge_into(parts, main_part), main_part)

    def _common_rule_entry(self, entry: Entry, parts: RuleParts) -> Entry:
        if parts.problems:
            return replace(entry, problems=parts.problems)
        detail = "It holds for every event of the plan and is merged into each."
        problems = (Problem("", "fragment", detail),)
        return replace(entry, outcome=EntryOutcome.FRAGMENT, problems=problems, notes=parts.notes)

    def _event_entry(self, entry: Entry, rule: SegmentRule, parts: RuleParts, main_part: str) -> Entry:
        call = _CALLS[rule.type]
        is_named_by_call = call in _NAMED_BY_CALL or (call != "track" and not rule.key)
        name = call if is_named_by_call else rule.key
        document_parts = _document_parts(parts, main_part)
        definition = assemble_definition(
            name=name,
            call=call,
            schema=document_parts["properties"],
            context=document_parts.get("context"),
            traits=document_parts.get("traits"),
            description=rule.description.strip(),
        )
        problems = parts.problems or definition.problems
        document = None if problems else definition.document
        notes = (*_naming_notes(rule, name), *parts.notes, *definition.notes)
        entry = replace(entry, name=name, call=call, notes=notes, problems=problems)
        if document is None:
            return entry
        return replace(
            entry, outcome=EntryOutcome.IMPORTED, document=document, content_hash=_entry_hash(document, entry)
        )

    def _member_entry(self, path: str, pointer: str, outcome: EntryOutcome, code: str, detail: str) -> Entry:
        place = f"{path}#{pointer}"
        return Entry(self.format, place, outcome, "", bytes_hash(place.encode()), problems=(Problem("", code, detail),))


def _document_parts(parts: RuleParts, main_part: str) -> dict[str, ImportedPart]:
    """The parts by the document's members: `properties` is its `schema`, which describes the main part if alone."""
    document_parts = dict(parts.by_name)
    if main_part == "traits" and "properties" not in document_parts and "traits" in document_parts:
        document_parts["properties"] = document_parts.pop("traits")
    return {"properties": ImportedPart({"type": "object"})} | document_parts


def _naming_notes(rule: SegmentRule, name: str) -> Iterator[Note]:
    if rule.key and name != rule.key:
        yield Note("key_left_out", "/key", f"The event is named by its call; the key {rule.key[:200]!r} is left out.")
    if rule.metadata_name and rule.metadata_name != rule.key:
        what = f"The metadata names it {rule.metadata_name[:200]!r}; the key decides."
        yield Note("name_disagrees", "/jsonSchema/eventMetadata/name", what)


def _entry_hash(document: Document, entry: Entry) -> bytes:
    return json_hash({"document": document, "labels": [list(pair) for pair in entry.labels], "status": entry.status})


def _label(rule: SegmentRule, *names: str) -> str:
    return next((value for key, value in rule.labels if key.strip().casefold() in names), "")


def _parse_or_none(raw: bytes) -> Json:
    try:
        return parse_strict_json(raw)
    except UnreadableFile:
        return None
