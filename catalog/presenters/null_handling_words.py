"""What nulls of optional properties count as, in words."""

from catalog.choices import NullHandlingChoice
from catalog.models import CompanyPolicy, Source

CONSEQUENCES: dict[str, str] = {
    NullHandlingChoice.ERROR: "are an error, as JSON Schema says",
    NullHandlingChoice.WARNING: "are a warning, and their events conform",
    NullHandlingChoice.ABSENT: "count as if the property had not come",
}
"""What follows for nulls of optional properties, to complete a sentence about them."""


def describe_null_handling() -> str:
    """Return what nulls of optional properties count as, for whoever writes a definition. Two queries."""
    policy = CompanyPolicy.objects.current()
    sentences = [f"Nulls of optional properties {CONSEQUENCES[policy.null_handling]}."]
    names: dict[str, list[str]] = {}
    for source in Source.objects.exclude(null_handling__in=("", policy.null_handling)).order_by("name", "pk"):
        names.setdefault(source.null_handling, []).append(source.name)
    sentences += [f"From {', '.join(names[choice])} they {CONSEQUENCES[choice]}." for choice in sorted(names)]
    return " ".join(sentences)
