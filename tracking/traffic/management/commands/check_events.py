"""Checks a file of events against the catalog, for pipelines that build apps."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.choices import Environment
from catalog.contract import Reading, Severity, Unreadable, Verdict, read_json
from catalog.models import Source
from tracking.traffic.check.dry_run import CheckedPayload, check_payloads
from tracking.traffic.choices import Wire

CHUNK = 1_000
SHOWN = 200


class Command(BaseCommand):
    """`check_events FILE --source S`: a report, and exit code 1 where an event does not conform."""

    help = "Checks a file of events (one JSON object a line) against the catalog. Stores nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="NDJSON, each line as the SDK sends it; - reads standard input")
        parser.add_argument("--source", required=True, help="slug of the source that sends them")
        parser.add_argument("--environment", choices=Environment.values, default=Environment.PRODUCTION)
        parser.add_argument("--wire", choices=Wire.values, default=Wire.SEGMENT)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report. Raises CommandError where the file or the source is missing."""
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no source {options['source']!r}. Sources are: {known or 'none yet'}.")
        verdicts: Counter[str] = Counter()
        broken: Counter[tuple[str, str, str, str]] = Counter()
        first: dict[tuple[str, str, str, str], tuple[int, str, str]] = {}
        for chunk in _chunks(_lines(options["file"])):
            numbers = [number for number, _ in chunk]
            readings = [reading for _, reading in chunk]
            for checked in check_payloads(source, options["environment"], readings, wire=options["wire"]):
                verdicts[checked.judgement.verdict.value] += 1
                _note(checked, numbers[checked.index], broken, first)
        self._report(verdicts, broken, first)
        if set(verdicts) - {Verdict.CONFORMING.value}:
            sys.exit(1)

    def _report(
        self,
        verdicts: Counter[str],
        broken: Counter[tuple[str, str, str, str]],
        first: dict[tuple[str, str, str, str], tuple[int, str, str]],
    ) -> None:
        total = sum(verdicts.values())
        self.stdout.write(f"{total} events")
        for verdict, count in sorted(verdicts.items(), key=lambda item: (-item[1], item[0])):
            self.stdout.write(f"  {count:>8}  {verdict}")
        for key, count in sorted(broken.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]:
            event, path, rule, severity = key
            line, expected, came = first[key]
            self.stdout.write(f"{severity}: {event}: {path}: {rule} (line {line}, {count} in all)")
            self.stdout.write(f"  expected {expected}; came {came}")
        if len(broken) > SHOWN:
            self.stdout.write(f"and {len(broken) - SHOWN} more kinds")


def _note(
    checked: CheckedPayload,
    line: int,
    broken: Counter[tuple[str, str, str, str]],
    first: dict[tuple[str, str, str, str], tuple[int, str, str]],
) -> None:
    for violation in checked.judgement.violations:
        severity = "error" if violation.severity is Severity.ERROR else "warning"
        key = (_plain(checked.event), _plain(violation.definition_path), violation.rule, severity)
        broken[key] += 1
        first.setdefault(key, (line, _plain(violation.expected), _plain(violation.came)))


def _plain(text: str) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _lines(name: str) -> Iterator[tuple[int, Reading]]:
    if name == "-":
        yield from _read(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as lines:
            yield from _read(lines)
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error.strerror}.") from error


def _read(lines: IO[bytes]) -> Iterator[tuple[int, Reading]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, read_json(line)
        except Unreadable as error:
            yield number, Reading(f"line {number}: {error.reason}")


def _chunks(lines: Iterable[tuple[int, Reading]]) -> Iterator[list[tuple[int, Reading]]]:
    chunk = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
