"""The lint: every rule of the table asked of one definition, or of the days of one request."""

from collections.abc import Collection, Iterable
from typing import Any

from msgspec import structs

from catalog.contract.definition.definition_document import Document
from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, format_pointer, parse_pointer, path_label
from catalog.contract.lint.costly_schemas import TOO_COSTLY
from catalog.contract.lint.definition_subject import DefinitionSubject
from catalog.contract.lint.lint_rule import Authorship, LintIssue, LintMatch, LintRule, LintSeverity
from catalog.contract.lint.lint_tables import DATE_RULES, DEFINITION_RULES, RULES_OF_COSTLY, RULES_OF_VARIANTS
from catalog.contract.lint.planned_dates import PlannedDates
from catalog.contract.lint.source_variants import name_sources, source_variants
from catalog.contract.lint.unmeetable_schemas import UNUSABLE_VALUE

MAX_ISSUES = 100
"""How many issues are listed."""

_DATE_LABELS = {"/review_by": "Review date", "/ends_on": "End date"}
_PARTS = {"schema": "properties"}
_CODES_OF_SCHEMAS = frozenset({"unsatisfiable", "unusable_branch"})
"""Rules whose match is a whole schema, which what a source requires is a part of."""

MatchKey = tuple[str, str, bytes]
RuleMatch = tuple[LintRule[DefinitionSubject], LintMatch]
Matches = dict[MatchKey, RuleMatch]


def lint_definition(
    document: Document,
    *,
    authorship: Authorship = Authorship.PERSON,
    parent: Document | None = None,
    imported: Document | None = None,
) -> list[LintIssue]:
    """Return what the lint finds in a definition that has no problems (`find_problems`), the most severe first.

    What only `per_source` makes wrong is found, too, and names its sources. What an importer brings is all notes, and
    so is what the version before (`parent`) has already, or what an import brought (`imported`) and nobody has touched
    since: the same value at the same place. Proving stops where a definition is too large to prove all of it.
    """
    matches = _LintedDocument(document)
    earlier = []
    if authorship is Authorship.PERSON and matches.has_more_than_notes:
        earlier = [_LintedDocument(each) for each in (parent, imported) if each is not None]
    sources_by_issue: dict[LintIssue, set[str]] = {}
    for source in (None, *matches.sources):
        for key, (rule, match) in matches.found_only_on(source):
            is_old = any(key in each.keys_on(source) for each in earlier)
            issue = LintIssue(
                path=match.path,
                code=rule.code,
                severity=_severity(rule, authorship, is_old=is_old),
                place=readable_place(match.path),
                detail=match.detail,
            )
            sources_by_issue.setdefault(issue, set()).update(() if source is None else (source,))
    issues = [_on_sources(issue, tuple(sorted(sources))) for issue, sources in sources_by_issue.items()]
    severities = list(LintSeverity)
    return sorted(issues, key=lambda issue: (severities.index(issue.severity), issue))[:MAX_ISSUES]


def lint_dates(dates: PlannedDates) -> list[LintIssue]:
    """Return what the lint finds in the days that a request names."""
    return [
        LintIssue(
            path=match.path,
            code=rule.code,
            severity=rule.severity,
            place=_DATE_LABELS[match.path],
            detail=match.detail,
        )
        for rule in DATE_RULES
        for match in rule.check(dates)
    ]


def readable_place(path: str) -> str:
    """Return a pointer into a definition as people read it: `/schema/properties/total/maxlength` is `total`.

    The name of the property, in `products[].price`; what stands at no property is named by the pointer's own steps.
    """
    member, *tokens = parse_pointer(path) or [""]
    steps = [_PARTS.get(member, member)]
    position = 0
    while position < len(tokens):
        step = tokens[position]
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        if step == "properties" and following is not None:
            steps.append(following)
            position += 1
        elif step in ("items", "contains", "unevaluatedItems"):
            steps.append(ANY_INDEX)
        elif step in ("patternProperties", "$defs", "definitions", "dependentSchemas", "prefixItems"):
            steps += {"patternProperties": [UNKNOWN_KEY], "prefixItems": [ANY_INDEX]}.get(
                step, [step.removeprefix("$"), following or ""]
            )
            position += 1
        elif step == "additionalProperties" and following is not None:
            steps.append(UNKNOWN_KEY)
        position += 1
    return path_label(format_pointer(steps)) if len(steps) > 1 else ""


class _LintedDocument:
    """What the rules match in a definition, and in what `per_source` makes of it. All of it shares one budget.

    Nothing is proven of one that is too costly, since a proof of it might take minutes.
    """

    def __init__(self, document: Document) -> None:
        subject = DefinitionSubject(document)
        self._on_source: dict[str, Matches] = {}
        if any(TOO_COSTLY.check(subject)):
            self._everywhere = _matches(subject, RULES_OF_COSTLY)
            return
        self._everywhere = _matches(subject, DEFINITION_RULES)
        for sources, variant in source_variants(document, sum(len(part.schemas) for part in subject.parts)):
            matches = _matches(DefinitionSubject(variant, subject.budget), RULES_OF_VARIANTS)
            self._on_source |= dict.fromkeys(sources, matches)

    @property
    def sources(self) -> Iterable[str]:
        """The sources with an entry of their own."""
        return self._on_source

    @property
    def has_more_than_notes(self) -> bool:
        found = (rule for matches in (self._everywhere, *self._on_source.values()) for rule, _match in matches.values())
        return any(rule.severity is not LintSeverity.NOTE for rule in found)

    def keys_on(self, source: str | None) -> Collection[MatchKey]:
        """Return the keys of what is found on a source; for None of what is found where no source is named."""
        return self._everywhere if source is None else self._on_source.get(source, self._everywhere)

    def found_only_on(self, source: str | None) -> list[tuple[MatchKey, RuleMatch]]:
        """Return what is found on a source and not everywhere; for None what is found everywhere.

        A schema that is wrong everywhere is not told again where a source requires more or less of it.
        """
        if source is None:
            return list(self._everywhere.items())
        schemas = {(code, path) for code, path, _subject in self._everywhere if code in _CODES_OF_SCHEMAS}
        found = self._on_source[source].items()
        return [(key, match) for key, match in found if key not in self._everywhere and key[:2] not in schemas]


def _matches(subject: DefinitionSubject, rules: Iterable[LintRule[DefinitionSubject]]) -> Matches:
    return {_key(rule, match): (rule, match) for rule in rules for match in rule.check(subject)}


def _on_sources(issue: LintIssue, sources: tuple[str, ...]) -> LintIssue:
    """Return an issue that holds on some sources alone, which it names; one of no source holds everywhere."""
    if not sources:
        return issue
    return structs.replace(issue, detail=f"On {name_sources(sources)}: {issue.detail}", sources=sources)


def _key(rule: LintRule[DefinitionSubject], match: LintMatch) -> MatchKey:
    """Return what makes an issue the same in two versions. A value's place in its list does not count."""
    path = match.path.rpartition("/")[0] if rule is UNUSABLE_VALUE else match.path
    return rule.code, path, canonical_json(match.subject)


def _severity(rule: LintRule[Any], authorship: Authorship, *, is_old: bool) -> LintSeverity:
    return LintSeverity.NOTE if is_old or authorship is Authorship.IMPORTER else rule.severity
