"""What the docs name is there: a reader who follows them ends at a file."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = re.compile(r"`([\w.-]+(?:/[\w.*{},-]+)*/?)`")
BASES = {
    "requests.md": ("tracking/requests",),
    "tour.md": ("tour", "templates/tour", "tests/demo"),
    "pages.md": ("pages",),
}
"""The folders that the paths of a page may be relative to, besides the project's own."""

PLACEHOLDERS = ("APP", "NNNN")


def paths_in(text: str) -> set[str]:
    """The backticked words of a page that name a file or folder: those with a slash, and the names of Python files."""
    found = {match.group(1) for match in PATH.finditer(text)}
    return {
        path for path in found if (path.endswith(".py") or "/" in path) and not any(p in path for p in PLACEHOLDERS)
    }


def is_there(path: str, bases: tuple[Path, ...]) -> bool:
    """Whether a path leads to something from one of these folders, or its last part names a file below one of them."""
    if any((base / path).exists() or (base / path.rstrip("/")).exists() for base in bases):
        return True
    return "/" not in path.rstrip("/") and any(next(base.rglob(path.rstrip("/")), None) is not None for base in bases)


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/requests.md", "docs/tour.md", "README.md"])
def test_each_path_in_a_page_leads_somewhere(page):
    bases = (ROOT, *(ROOT / base for base in BASES.get(Path(page).name, ())))
    folders = {entry.name for entry in ROOT.iterdir()} | {entry.name for base in bases[1:] for entry in base.iterdir()}
    named = {
        path for path in paths_in((ROOT / page).read_text()) if path.split("/")[0] in folders or path.endswith(".py")
    }
    assert named, "the pattern finds no path, so this test would hold nothing"
    assert sorted(path for path in named if "{" not in path and "*" not in path and not is_there(path, bases)) == []
