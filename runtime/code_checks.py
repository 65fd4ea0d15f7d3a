"""`make check`: everything that reads the code rather than running it, each with one line of output."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.clone import ROOT
from runtime.terminal import print_status, print_text

LOCK_FILES = ("requirements/run.lock", "requirements/dev.lock")
TESTING = {"DJANGO_SETTINGS_MODULE": "config.settings.testing"}
# Settings of a production installation that is never run: enough for Django's deployment checks.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "not-a-secret-but-long-and-varied-enough-to-be-looked-at-0123456789",
    "ALLOWED_HOSTS": "signalbook.example",
    "DATABASE_URL": "postgres://application@/not_connected_to",
    "OWNER_DATABASE_URL": "postgres://owner@/not_connected_to",
    "BROKER_URL": "redis://not-connected-to.example/0",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A command that exits with 0 where it finds nothing."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def manage(*arguments: str) -> tuple[str, ...]:
    """Return one of Django's commands."""
    return ("manage.py", *arguments)


CHECKS = (
    Check("lint", ("-m", "ruff", "check", "--quiet", ".")),
    Check("format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    Check("templates", ("-m", "djlint", "--lint", "--quiet", "--allow-empty-input", "templates")),
    Check("imports", ("-c", "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo'])")),
    Check("types", ("-m", "mypy"), TESTING),
    Check("migrations", manage("makemigrations", "--check", "--dry-run"), TESTING),
    Check("deployment", manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
    Check("API", manage("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull), TESTING),
)


def lock_file_problems(root: Path) -> list[str]:
    """Return the problems of the lock files: a URL in one, a line without a hash, or two that disagree."""
    problems = []
    pins: dict[str, set[str]] = {}
    for name in LOCK_FILES:
        text = (root / name).read_text()
        blocks = text.replace("\\\n", " ").splitlines()
        pins[name] = {line.split()[0] for line in blocks if "==" in line}
        problems += [f"{name} names an address: {line.strip()}" for line in blocks if "://" in line]
        problems += [f"{name} has no hash for {line}" for line in blocks if "==" in line and "--hash=" not in line]
    run, dev = (pins[name] for name in LOCK_FILES)
    problems += [f"{pin} is in {LOCK_FILES[0]} but not in {LOCK_FILES[1]}" for pin in sorted(run - dev)]
    return problems


def main() -> int:
    """Run every check and print the output of those that fail. Return 1 where one failed."""
    failed = []
    for check in CHECKS:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *check.command],
            cwd=ROOT,
            env=os.environ | check.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print_status(check.name, f"{'FAILED' if done.returncode else 'ok'} ({time.monotonic() - began:.1f} s)")
        if done.returncode:
            failed.append(check.name)
            print_text(done.stdout)
    if problems := lock_file_problems(ROOT):
        failed.append("locks")
        print_text("\n".join(problems))
    print_status("locks", "FAILED" if problems else "ok")
    if failed:
        print_text(f"\nNot in order: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
