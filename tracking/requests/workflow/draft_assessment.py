"""What a draft's definition comes to, stored when it is edited so that no list or page has to compile it."""

from catalog.contract import find_problems, fold_name
from tracking.requests.evidence.draft_lint import lint_change
from tracking.requests.evidence.replay import is_breaking
from tracking.requests.models import Change


def assess_draft(change: Change) -> None:
    """Store what keeps a definition from compiling, what the lint finds, whether it breaks, and how its name folds.

    The one writer of `Change.problems`, `Change.lint`, `Change.is_breaking` and `Change.folded_name`: whoever writes
    the definition, the base or the sources of a change calls it afterwards. They are what pages and lists show, and by
    which other requests find the name; a step checks the definition anew.
    """
    change.problems = [found.as_json() for found in find_problems(change.definition)] if change.is_defining else []
    change.lint = [] if change.problems else [issue.as_json() for issue in lint_change(change)]
    change.is_breaking = not change.problems and is_breaking(change)
    change.folded_name = fold_name(change.name) if change.gives_name else ""
    change.save(update_fields=["problems", "lint", "is_breaking", "folded_name"])
