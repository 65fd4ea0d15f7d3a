"""A module's name says which one is meant: no two share one, but for the names that every app uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from tests.conventions.source_files import files_of_tests, source_files

STANDARD_NAMES = {
    "__init__", "__main__", "admin", "api", "apps", "base", "choices", "conftest", "filters", "forms", "managers",
    "middleware",
    "models", "querysets", "serializers", "services", "tasks", "urls", "views",
}  # fmt: skip
"""The files in which Django, Celery and pytest look, and those that every app has beside them."""

# Tests say by their folder what they are of: each app may have tests of its admin site, its API and its pages.
STANDARD_TEST_NAMES = STANDARD_NAMES | {"test_admin", "test_api", "test_pages"}


def repeated_names(paths: Iterable[Path], standard_names: set[str]) -> dict[str, list[str]]:
    paths_by_name: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.stem not in standard_names:
            paths_by_name[path.stem].append(str(path.relative_to(settings.BASE_DIR)))
    return {name: found for name, found in paths_by_name.items() if len(found) > 1}


def test_no_two_modules_share_a_name() -> None:
    assert repeated_names(source_files(), STANDARD_NAMES) == {}, (
        "Name each by what it is of, as in `event_presenter`: whoever reads a traceback should find "
        "one module by it. A name that every app will have belongs into STANDARD_NAMES."
    )


def test_no_two_modules_of_tests_share_a_name() -> None:
    assert repeated_names(files_of_tests(), STANDARD_TEST_NAMES) == {}, (
        "Name each by what it tests, as in `test_request_drafting`: pytest and people tell them apart by that."
    )


def test_a_repeated_name_would_be_found() -> None:
    folder = settings.BASE_DIR
    paths = [folder / "catalog/helpers.py", folder / "tracking/helpers.py", folder / "catalog/urls.py"]
    assert repeated_names([*paths, folder / "home/urls.py"], STANDARD_NAMES) == {
        "helpers": ["catalog/helpers.py", "tracking/helpers.py"]
    }
