"""Checks a file of events against the catalog, for pipelines that build apps."""

import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.choices import Call, Environment
from catalog.contract import Severity
from catalog.contract.rules.unknown_property import UNKNOWN_PROPERTY
from catalog.models import Source
from pages.terminal_text import printable
from tracking.traffic.check.dry_run import (
    DryRunResult,
    UnknownVersion,
    dry_run_parsed,
    is_version,
    new_batch,
    parse_line,
)
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.choices import WireChoice
from tracking.traffic.collect.bodies import BYTE_ORDER_MARK, GZIP_MAGIC

CHUNK_SIZE = 1_000
MAX_KINDS_SHOWN = 200


class ViolationKind(NamedTuple):
    """What is counted as one in the report."""

    event: str
    path: str
    rule: str
    severity: str


@dataclass(slots=True)
class ViolationCount:
    """Where a kind was first seen, in the words of that event, and how often it was."""

    line: int
    expected: str
    came: str
    advice: str
    count: int = 0


class Command(BaseCommand):
    """`check_events FILE --source S`: a report, and exit code 1 where an event does not conform, or there is none."""

    help = "Checks a file of events against the catalog, as the collector reads them. Stores nothing."

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """The parser, in which `--version` is the definition's and not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            help="NDJSON, each line an event or a batch as the SDK sends it, or one such body over many lines; gzip "
            "is known by its bytes; - reads standard input",
        )
        parser.add_argument("--source", required=True, help="slug of the source that sends them")
        parser.add_argument("--environment", choices=Environment.values, default=Environment.PRODUCTION)
        parser.add_argument("--wire", choices=WireChoice.values, default=WireChoice.SEGMENT)
        parser.add_argument("--call", choices=Call.values, default="", help="the call of events that do not say it")
        parser.add_argument(
            "--version",
            default="",
            help="what they are held against: a number, approved (the newest for the source) or newest "
            "(of all); left out, what the source is bound to",
        )
        parser.add_argument("--strict", action="store_true", help="warnings count as failures")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report. Raises CommandError where the file, the source, the version or any event is missing."""
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            source_slugs = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no source {options['source']!r}. Sources are: {source_slugs or 'none yet'}.")
        environment, version = options["environment"], options["version"]
        if version and not is_version(version):
            raise CommandError(f"{version!r} is no version: enter a number as in 1.4.0, or approved, or newest.")
        verdicts: Counter[str] = Counter()
        failures = 0
        kinds: dict[ViolationKind, ViolationCount] = {}
        for chunk in _chunks(_read_events(options["file"], source, options)):
            try:
                results = dry_run_parsed(source, environment, [parsed for _, parsed in chunk], version=version)
            except UnknownVersion as error:
                raise CommandError(str(error)) from error
            for result in results:
                verdicts[result.result.verdict.value] += 1
                failures += not result.passes(strict=options["strict"])
                _count_violations(result, chunk[result.index][0], kinds)
        if not verdicts:
            raise CommandError("No event was checked: there is none in what was given.")
        self._report(verdicts, failures, kinds)
        if failures:
            sys.exit(1)

    def _report(self, verdicts: Counter[str], failures: int, kinds: dict[ViolationKind, ViolationCount]) -> None:
        self.stdout.write(f"{sum(verdicts.values())} events, {failures} failed")
        for verdict, count in sorted(verdicts.items(), key=lambda item: (-item[1], item[0])):
            self.stdout.write(f"  {count:>8}  {verdict}")
        for kind, found in sorted(kinds.items(), key=lambda item: (-item[1].count, item[0]))[:MAX_KINDS_SHOWN]:
            self.stdout.write(
                f"{kind.severity}: {kind.event}: {kind.path}: {kind.rule} (line {found.line}, {found.count} in all)"
            )
            self.stdout.write(f"  expected {found.expected}; came {found.came}")
            if found.advice:
                self.stdout.write(f"  {found.advice}")
        if len(kinds) > MAX_KINDS_SHOWN:
            self.stdout.write(f"and {len(kinds) - MAX_KINDS_SHOWN} more kinds")


def _count_violations(result: DryRunResult, line: int, kinds: dict[ViolationKind, ViolationCount]) -> None:
    for violation, advice in zip(result.result.violations, result.advice, strict=True):
        severity = "error" if violation.severity is Severity.ERROR else "warning"
        # A key that the definition does not name is told by its name, until there are more than anybody reads.
        is_named = violation.rule == UNKNOWN_PROPERTY.code and len(kinds) < MAX_KINDS_SHOWN
        path = violation.path if is_named else violation.definition_path
        kind = ViolationKind(printable(result.event), printable(path), violation.rule, severity)
        if kind not in kinds:
            expected, came = printable(violation.expected), printable(violation.came)
            kinds[kind] = ViolationCount(line, expected, came, printable(advice))
        kinds[kind].count += 1


def _read_events(name: str, source: Source, options: dict[str, Any]) -> Iterator[tuple[int, ParsedEvent]]:
    """Yield each event with the number of its line."""
    wire, call = options["wire"], options["call"]
    for number, line in _read_lines(name):
        for parsed in parse_line(new_batch(source, options["environment"], wire=wire, call=call, body=line)):
            yield number, parsed


def _read_lines(name: str) -> Iterator[tuple[int, bytes]]:
    if name == "-":
        yield from _bodies(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as file:
            is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            file.seek(0)
            if is_packed:
                with gzip.open(file) as unpacked:
                    yield from _bodies(unpacked)
            else:
                yield from _bodies(file)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"The file cannot be read: {reason}.") from error


def _bodies(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line that holds something; the whole where the first one only opens a body that goes on."""
    numbered = ((number, line.removeprefix(BYTE_ORDER_MARK)) for number, line in enumerate(lines, 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        return
    if first[1].strip() not in (b"{", b"["):
        yield from chain([first], numbered)
        return
    text = first[1]
    for _, line in numbered:
        text += line
        if len(text) > settings.COLLECT_MAX_INFLATED_BYTES:
            raise CommandError("One body over many lines is too long. Write one event a line.")
    yield from ((first[0], body) for body in _items_of(text))


def _items_of(text: bytes) -> list[bytes]:
    """Return the items of a list that the strict parser reads, else the text itself."""
    try:
        return [bytes(item) for item in msgspec.json.decode(text, type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return [text]


def _chunks(lines: Iterable[tuple[int, ParsedEvent]]) -> Iterator[list[tuple[int, ParsedEvent]]]:
    chunk = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK_SIZE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
