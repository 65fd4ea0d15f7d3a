"""The demo company, loaded once for all tests of this folder; each test's own changes are rolled back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from catalog.models import Source
from config.settings.demo import PROOF_CLIENT, PROOF_SERVER
from tour import simulated_visitors

URL = "http://127.0.0.1:8765"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep this folder's tests in one process of a parallel run, so that the company is loaded once."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("demo"))
            item.add_marker(pytest.mark.timeout(300))  # the first of them waits for the loading


@dataclass(frozen=True, slots=True)
class Demo:
    """What loading left behind."""

    file: Path

    @property
    def content(self) -> dict[str, Any]:
        """What `demo.json` says now."""
        return json.loads(self.file.read_text())


@pytest.fixture(scope="package")
def loaded_demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """The state folder of the loaded company, and what its file then said."""
    folder = tmp_path_factory.mktemp("state")
    environment = pytest.MonkeyPatch()
    environment.setenv("SIGNALBOOK_URL", URL)
    with django_db_blocker.unblock(), override_settings(IS_DEMO=True, STATE_DIR=folder), transaction.atomic():
        call_command("load_demo", verbosity=0)
        yield folder, (folder / "demo.json").read_text()
        transaction.set_rollback(True)
    environment.undo()


@pytest.fixture
def demo(loaded_demo: tuple[Path, str], db: None) -> Iterator[Demo]:
    """The loaded company; its file is put back afterwards."""
    folder, text = loaded_demo
    yield Demo(folder / "demo.json")
    (folder / "demo.json").write_text(text)
    (folder / "demo.json").chmod(0o600)


@pytest.fixture
def shop(demo: Demo) -> Iterator[Source]:
    """The tour's shop, in the demo."""
    proofs = {"PROOF_CLIENT": PROOF_CLIENT, "PROOF_SERVER": PROOF_SERVER}
    with override_settings(IS_DEMO=True, STATE_DIR=demo.file.parent, **proofs):
        yield Source.objects.get(slug="pocket-shop")


@pytest.fixture
def posted_bodies(shop: Source, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the visitors post: handed to the collector by Django's own client, since no server runs here."""
    bodies: list[dict[str, Any]] = []

    def post(path: str, body: dict[str, Any], *, key: str) -> tuple[int, str]:
        bodies.append(body)
        answer = Client().post(path, body | {"writeKey": key}, content_type="application/json")
        return answer.status_code, answer.content.decode()

    monkeypatch.setattr(simulated_visitors, "post_to_collector", post)
    return bodies
