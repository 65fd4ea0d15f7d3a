"""Lints definition documents, those of files or the newest of the catalog, for pipelines that keep definitions."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.code_snippets.literals import escape_invisible
from catalog.contract import LintSeverity, UnparsableBody, find_problems, lint_definition, parse_json
from catalog.contract.schema.rule_descriptions import pluralize
from catalog.models import Event


class Command(BaseCommand):
    """`lint_definitions [FILE …]`: a line for each issue, and exit code 1 where one is an error."""

    help = "Lints definition documents: files of JSON, or the newest version of every event. Stores nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="A definition document, or a list of them, as JSON")
        parser.add_argument("--quiet", action="store_true", help="Leave out the notes")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Print the issues and how many there are. Raises CommandError where nothing can be read."""
        counts: Counter[str] = Counter()
        total = 0
        for label, document, parent in _documents_of_files(files) if files else _newest_documents():
            total += 1
            for severity, code, sentence in _issues(document, parent):
                counts[severity] += 1
                if severity != LintSeverity.NOTE or not options["quiet"]:
                    self.stdout.write(escape_invisible(f"{severity:8}{label}: {sentence} ({code})"))
        if files and not total:
            raise CommandError("No definition was linted: there is none in what was given.")
        found = ", ".join(pluralize(counts[severity], severity.value) for severity in LintSeverity)
        self.stdout.write(f"{pluralize(total, 'definition')}: {found}")
        if counts[LintSeverity.ERROR]:
            sys.exit(1)


def _issues(document: Any, parent: dict[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    """Yield severity, code and sentence of what is wrong; what does not compile is an error, and told alone."""
    found_problems = find_problems(document)
    for problem in found_problems:
        yield LintSeverity.ERROR.value, problem.code, f"{problem.path or 'the definition'}: {problem.detail}"
    if not found_problems:
        for issue in lint_definition(document, parent=parent):
            yield issue.severity.value, issue.code, issue.sentence


def _newest_documents() -> Iterator[tuple[str, Any, None]]:
    """Yield the newest version of each event, as if somebody wrote it today."""
    events = Event.objects.filter(newest_version__isnull=False).select_related("newest_version").order_by("name", "id")
    for event in events.iterator(chunk_size=100):
        if event.newest_version is not None:
            yield f"{event} {event.newest_version.number}", event.newest_version.definition, None


def _documents_of_files(files: Iterable[Path]) -> Iterator[tuple[str, Any, dict[str, Any] | None]]:
    """Yield each document with the newest version of the event that it names, which it would be a change of."""
    for path in files:
        for document in _read_documents(path):
            name = document.get("name") if isinstance(document, dict) else None
            label = f"{path} {name}" if isinstance(name, str) else str(path)
            yield label, document, _newest_definition(document)


def _newest_definition(document: Any) -> dict[str, Any] | None:
    if find_problems(document):
        return None
    named = Event.objects.named(document.get("call", "track"), document["name"]).select_related("newest_version")
    event = named.first()
    return event.newest_version.definition if event is not None and event.newest_version is not None else None


def _read_documents(path: Path) -> list[Any]:
    try:
        parsed = parse_json(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnparsableBody as error:
        raise CommandError(f"{path} is no JSON: {error}") from error
    if parsed.parse_errors:
        raise CommandError(f"{path} is no JSON: {parsed.parse_errors[0].reason}.")
    return parsed.value if isinstance(parsed.value, list) else [parsed.value]
