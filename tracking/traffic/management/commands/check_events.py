"""Checks a file of events against the catalog, for pipelines that build apps."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.choices import Environment
from catalog.contract import ParsedJson, Severity, UnparsableBody, Verdict, parse_json
from catalog.models import Source
from tracking.traffic.check.dry_run import DryRunResult, dry_run_events
from tracking.traffic.choices import WireChoice

CHUNK_SIZE = 1_000
MAX_KINDS_SHOWN = 200


class Command(BaseCommand):
    """`check_events FILE --source S`: a report, and exit code 1 where an event does not conform."""

    help = "Checks a file of events (one JSON object a line) against the catalog. Stores nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="NDJSON, each line as the SDK sends it; - reads standard input")
        parser.add_argument("--source", required=True, help="slug of the source that sends them")
        parser.add_argument("--environment", choices=Environment.values, default=Environment.PRODUCTION)
        parser.add_argument("--wire", choices=WireChoice.values, default=WireChoice.SEGMENT)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report. Raises CommandError where the file or the source is missing."""
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            source_slugs = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no source {options['source']!r}. Sources are: {source_slugs or 'none yet'}.")
        verdicts: Counter[str] = Counter()
        violation_counts: Counter[tuple[str, str, str, str]] = Counter()
        first_occurrence: dict[tuple[str, str, str, str], tuple[int, str, str]] = {}
        for chunk in _chunks(_read_lines(options["file"])):
            numbers = [number for number, _ in chunk]
            payloads = [payload for _, payload in chunk]
            for result in dry_run_events(source, options["environment"], payloads, wire=options["wire"]):
                verdicts[result.result.verdict.value] += 1
                _count_violations(result, numbers[result.index], violation_counts, first_occurrence)
        self._report(verdicts, violation_counts, first_occurrence)
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
        for key, count in sorted(broken.items(), key=lambda item: (-item[1], item[0]))[:MAX_KINDS_SHOWN]:
            event, path, rule, severity = key
            line, expected, came = first[key]
            self.stdout.write(f"{severity}: {event}: {path}: {rule} (line {line}, {count} in all)")
            self.stdout.write(f"  expected {expected}; came {came}")
        if len(broken) > MAX_KINDS_SHOWN:
            self.stdout.write(f"and {len(broken) - MAX_KINDS_SHOWN} more kinds")


def _count_violations(
    result: DryRunResult,
    line: int,
    violation_counts: Counter[tuple[str, str, str, str]],
    first_occurrence: dict[tuple[str, str, str, str], tuple[int, str, str]],
) -> None:
    for violation in result.result.violations:
        severity = "error" if violation.severity is Severity.ERROR else "warning"
        key = (_printable(result.event), _printable(violation.definition_path), violation.rule, severity)
        violation_counts[key] += 1
        first_occurrence.setdefault(key, (line, _printable(violation.expected), _printable(violation.came)))


def _printable(text: str) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _read_lines(name: str) -> Iterator[tuple[int, ParsedJson]]:
    if name == "-":
        yield from _parse_lines(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as lines:
            yield from _parse_lines(lines)
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error.strerror}.") from error


def _parse_lines(lines: IO[bytes]) -> Iterator[tuple[int, ParsedJson]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, parse_json(line)
        except UnparsableBody as error:
            yield number, ParsedJson(f"line {number}: {error.reason}")


def _chunks(lines: Iterable[tuple[int, ParsedJson]]) -> Iterator[list[tuple[int, ParsedJson]]]:
    chunk = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK_SIZE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
