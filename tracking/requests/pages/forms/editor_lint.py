"""What the lint finds in the open change of the form, beside the property that it is about."""

from collections import defaultdict

from catalog.contract import LintIssue
from catalog.contract.json.pointers import parse_pointer
from tracking.requests.evidence.draft_lint import lint_draft, lint_issues
from tracking.requests.pages.forms.change_forms import DefinitionForm
from tracking.requests.pages.forms.editor import RequestEditor

UNNAMED = "unnamed"


def attach_lint(editor: RequestEditor) -> list[LintIssue]:
    """Put each issue at the row of its property, and return those that belong to no row."""
    form = editor.change_form
    if not isinstance(form, DefinitionForm):
        return []
    by_property: dict[str, list[LintIssue]] = defaultdict(list)
    others: list[LintIssue] = []
    rows = {str(row["name"].value() or ""): row for row in form.rows.forms} if form.rows is not None else {}
    for issue in _issues(editor, form):
        member, *steps = parse_pointer(issue.path)
        name = steps[1] if member == "schema" and len(steps) > 1 and steps[0] == "properties" else ""
        if name and name in rows:
            by_property[name].append(issue)
        else:
            others.append(issue)
    for name, issues in by_property.items():
        rows[name].lint = tuple(issues)
    return others


def _issues(editor: RequestEditor, form: DefinitionForm) -> list[LintIssue]:
    """Return the issues as they were stored; of what was sent and not saved, those of what was sent."""
    if not form.is_bound:
        return lint_issues(editor.change, is_preview=True) if editor.change is not None else []
    # What has no name yet does not compile, and its properties can be told of all the same.
    document = form.document if form.document.get("name") else form.document | {"name": UNNAMED}
    return lint_draft(document, base=editor.base, change=editor.change)
