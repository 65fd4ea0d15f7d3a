"""What a draft's definition comes to, stored when it is edited so that no list or page has to compile it."""

from catalog.contract import find_problems
from tracking.requests.evidence.replay import is_breaking
from tracking.requests.models import Change


def assess_draft(change: Change) -> None:
    """Store what keeps a change's definition from compiling, and whether it is breaking.

    The one writer of `Change.problems` and `Change.is_breaking`: whoever writes the definition, the base or the
    sources of a change calls it afterwards. They are what pages and lists show; a step checks the definition anew.
    """
    change.problems = [found.as_json() for found in find_problems(change.definition)] if change.is_defining else []
    change.is_breaking = not change.problems and is_breaking(change)
    change.save(update_fields=["problems", "is_breaking"])
