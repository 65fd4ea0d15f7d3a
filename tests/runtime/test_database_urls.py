"""Which database role a process is: the application's, or that of the owner of the tables."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.installation_state import database_urls

APPLICATION, OWNER = "postgres://shop%40app:secret@db/signalbook", "postgres://shop:other@db/signalbook"


@pytest.fixture(autouse=True)
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "DATABASE_ROLE"):
        monkeypatch.delenv(name, raising=False)


def test_two_urls_are_two_roles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", APPLICATION)
    monkeypatch.setenv("OWNER_DATABASE_URL", OWNER)
    urls = database_urls(tmp_path)
    assert (urls.application, urls.owner, urls.application_role) == (APPLICATION, OWNER, "shop@app")


def test_one_url_is_one_role_whatever_the_embedded_database_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "database-owner.url").write_text("postgres://signalbook@/signalbook\n")
    monkeypatch.setenv("DATABASE_URL", APPLICATION)
    urls = database_urls(tmp_path)
    assert (urls.application, urls.owner, urls.application_role) == (APPLICATION, APPLICATION, "")


def test_the_embedded_database_writes_both_down(tmp_path: Path) -> None:
    assert database_urls(tmp_path).application == "postgres:///signalbook"
    (tmp_path / "database.url").write_text("postgres://signalbook@/signalbook\n")
    assert database_urls(tmp_path).application_role == ""  # as an earlier version left it
    (tmp_path / "database.url").write_text("postgres://signalbook_app@/signalbook\n")
    (tmp_path / "database-owner.url").write_text("postgres://signalbook@/signalbook\n")
    urls = database_urls(tmp_path)
    assert urls.owner == "postgres://signalbook@/signalbook" and urls.application_role == "signalbook_app"


@pytest.mark.parametrize(
    ("command", "role"),
    [("showmigrations", "shop@app"), ("migrate", "shop"), ("createcachetable", "shop"), ("purge_demo", "shop@app")],
)
def test_commands_that_change_tables_are_the_owners(command: str, role: str) -> None:
    trial = (
        "import runpy, sys\n"
        "from django.core import management\n"
        "def show(arguments):\n"
        "    from django.conf import settings\n"
        "    print(settings.DATABASES['default']['USER'])\n"
        "management.execute_from_command_line = show\n"
        f"sys.argv = ['manage.py', {command!r}]\n"
        "runpy.run_path('manage.py', run_name='__main__')\n"
    )
    environment = {"DATABASE_URL": APPLICATION, "OWNER_DATABASE_URL": OWNER, "PATH": ""}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", trial], env=environment, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == role, done.stderr
