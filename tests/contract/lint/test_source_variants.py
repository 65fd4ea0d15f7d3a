"""The lint of what `per_source` makes of a definition: what only some sources get wrong, and who they are."""

import time

import pytest

from catalog.contract import Authorship, LintSeverity, find_problems, lint_definition


def document_with(per_source, **schema):
    properties = {"total": {"type": "number"}, "coupon": {"type": "string"}, "plan": {"type": "string"}}
    document = {"name": "Order Completed", "schema": {"type": "object", "properties": properties} | schema}
    document |= {"per_source": per_source}
    assert find_problems(document) == []
    return document


def issues(document, **options):
    return [(issue.code, issue.path, issue.sources) for issue in lint_definition(document, **options)]


NEEDS_COUPON = {"dependentRequired": {"plan": ["coupon"]}}


def test_what_a_source_leaves_out_is_missed_there_alone():
    found = lint_definition(
        document_with({"web": {"absent": ["coupon"]}, "ios": {"required": ["plan"]}}, **NEEDS_COUPON)
    )
    (issue,) = found
    assert (issue.code, issue.path, issue.sources) == (
        "required_undescribed",
        "/schema/dependentRequired/plan",
        ("web",),
    )
    assert issue.detail.startswith('On web: "coupon" is required beside "plan"')
    assert issue.severity == LintSeverity.ERROR
    assert issue.as_json()["sources"] == ["web"]


def test_what_a_source_requires_may_be_what_no_event_can_carry():
    document = document_with({"tv": {"required": ["plan"]}}, **{"not": {"required": ["plan"]}})
    assert issues(document) == [("unsatisfiable", "/schema", ("tv",)), ("unsatisfiable", "/schema/properties/plan", ())]


def test_a_nested_property_is_found_too():
    cart = {"type": "object", "properties": {"id": {"type": "string"}, "sku": {}}, "dependentRequired": {"sku": ["id"]}}
    document = document_with({"web": {"absent": ["/properties/cart/id"]}}, properties={"cart": cart})
    assert issues(document) == [("required_undescribed", "/schema/properties/cart/dependentRequired/sku", ("web",))]


def test_several_sources_are_told_in_one_issue():
    per_source = {name: {"absent": ["coupon"]} for name in ("web", "ios")} | {
        "tv": {"absent": ["coupon"], "required": ["total"]}
    }
    (issue,) = lint_definition(document_with(per_source, **NEEDS_COUPON))
    assert issue.sources == ("ios", "tv", "web")
    assert issue.detail.startswith("On ios, tv and web: ")


def test_of_many_sources_the_first_are_named():
    (issue,) = lint_definition(document_with({f"app-{n}": {"absent": ["coupon"]} for n in range(1, 9)}, **NEEDS_COUPON))
    assert issue.detail.startswith("On app-1, app-2, app-3, app-4, app-5 and 3 more: ")
    assert len(issue.sources) == 8


@pytest.mark.parametrize("per_source", [{"web": {"required": ["total"]}}, {"web": {"absent": ["plan"]}}, {}])
def test_what_is_wrong_everywhere_is_told_once(per_source):
    price = {"total": {"type": "number", "minimum": 5, "maximum": 1}, "plan": {}}
    assert issues(document_with(per_source, properties=price)) == [("unsatisfiable", "/schema/properties/total", ())]


def test_a_schema_that_nothing_meets_is_told_once_whatever_a_source_requires():
    document = document_with({"web": {"required": ["total"]}}, required=["plan"], **{"not": {"required": ["plan"]}})
    assert issues(document) == [("unsatisfiable", "/schema", ())]


def test_a_large_definition_with_many_sources_is_done_in_time():
    properties = {f"p{number}": {"type": "string", "maxLength": 5} for number in range(1_000)}
    sources = {f"app-{number}": {"absent": [f"p{number}"]} for number in range(500)}
    document = document_with(sources, properties=properties, dependentRequired={"p1": ["p0"]})
    began = time.monotonic()
    assert issues(document) == [("required_undescribed", "/schema/dependentRequired/p1", ("app-0",))]
    assert time.monotonic() - began < 60, "five hundred variants, each looked at whole, would take minutes"


class TestOldIssues:
    """What the version before has on that source is a note; what a further source gets wrong is not."""

    web = {"web": {"absent": ["coupon"]}}

    def severities(self, document, parent):
        return [(issue.severity, issue.sources) for issue in lint_definition(document, parent=parent)]

    def test_the_same_source(self):
        document = document_with(self.web, **NEEDS_COUPON)
        assert self.severities(document, document) == [(LintSeverity.NOTE, ("web",))]

    def test_a_further_source(self):
        document = document_with(self.web | {"ios": {"absent": ["coupon"]}}, **NEEDS_COUPON)
        parent = document_with(self.web, **NEEDS_COUPON)
        assert self.severities(document, parent) == [(LintSeverity.ERROR, ("ios",)), (LintSeverity.NOTE, ("web",))]

    def test_a_source_that_the_parent_does_not_name(self):
        document = document_with(self.web, **NEEDS_COUPON)
        assert self.severities(document, document_with({}, **NEEDS_COUPON)) == [(LintSeverity.ERROR, ("web",))]

    def test_a_defect_that_the_parent_had_everywhere(self):
        parent = document_with({}, dependentRequired={"plan": ["price"]})
        document = document_with({"web": {"required": ["total"]}}, dependentRequired={"plan": ["price"]})
        assert self.severities(document, parent) == [(LintSeverity.NOTE, ())]

    def test_an_importer(self):
        found = lint_definition(document_with(self.web, **NEEDS_COUPON), authorship=Authorship.IMPORTER)
        assert [issue.severity for issue in found] == [LintSeverity.NOTE]


class TestImported:
    """What an import brought stays a note as long as nobody touches it; what a person writes is theirs."""

    brought = document_with({}, properties={"a": {"type": "string", "maxlength": 5}})

    def severities(self, **properties):
        document = document_with({}, properties=properties)
        return {issue.path.split("/")[3]: issue.severity for issue in lint_definition(document, imported=self.brought)}

    def test_untouched(self):
        assert self.severities(a={"type": "string", "maxlength": 5}) == {"a": LintSeverity.NOTE}

    def test_another_word_beside_it_changes_nothing(self):
        assert self.severities(a={"type": "string", "maxlength": 5, "description": "A code"}) == {
            "a": LintSeverity.NOTE
        }

    def test_touched(self):
        assert self.severities(a={"type": "string", "maxlength": 6}) == {"a": LintSeverity.ERROR}

    def test_a_property_that_a_person_adds(self):
        found = self.severities(a={"type": "string", "maxlength": 5}, b={"type": "string", "format": "url"})
        assert found == {"a": LintSeverity.NOTE, "b": LintSeverity.ERROR}

    def test_what_the_version_before_has_is_old_beside_what_was_imported(self):
        parent = document_with({}, properties={"b": {"type": "string", "format": "url"}})
        document = document_with(
            {}, properties={"a": {"type": "string", "maxlength": 5}, "b": {"type": "string", "format": "url"}}
        )
        found = lint_definition(document, parent=parent, imported=self.brought)
        assert [issue.severity for issue in found] == [LintSeverity.NOTE, LintSeverity.NOTE]
