"""What other people wrote and browsers load is pinned, licensed and as it was when it was taken."""

from __future__ import annotations

import hashlib
import json
import re

from django.conf import settings

VENDOR = settings.BASE_DIR / "static" / "vendor"
LISTED = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))
LICENCES = {"MIT", "0BSD"}


def test_every_file_is_as_it_was_taken():
    for package in LISTED:
        for path, sha256 in package["files"].items():
            assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == sha256, path


def test_no_file_is_unlisted():
    listed = {path for package in LISTED for path in package["files"]}
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert found == listed | {"VENDOR.json"}


def test_every_package_names_its_version_and_keeps_its_licence():
    for package in LISTED:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert package["licence"] in LICENCES
        assert any(path.endswith("/LICENSE") for path in package["files"]), package["name"]


def test_nothing_in_a_file_loads_from_another_host():
    for path in VENDOR.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8")), path
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path
