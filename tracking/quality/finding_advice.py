"""What would do instead of what a finding tells of, as the check of the API says it of one event."""

from collections.abc import Iterator

from catalog.contract import Event, InvalidDefinition, Severity, Violation
from catalog.contract.examples.advice import advise
from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, format_pointer, parse_pointer
from catalog.resolution.contract_cache import get_contract
from tracking.quality.counted_version import newest_counted_version
from tracking.quality.models import Finding
from tracking.traffic.check.stored_events import event_from_stored

MAX_ADVICE = 3
"""How many different sentences a page shows: samples of one finding break one rule in one place."""

MAX_KEYS = 5


def advice_on(finding: Finding, *, sees_samples: bool) -> list[str]:
    """Return what is missing and what would do, in sentences; none where there is nothing beyond what was expected.

    It follows from the newest version that the finding counts and from the kept samples. Who may not see these is told
    what the definition alone says. At most two queries.
    """
    version = newest_counted_version(finding)
    if version is None:
        return []
    try:
        contract = get_contract(version.pk, finding.source)
    except InvalidDefinition:
        return []
    sentences: dict[str, None] = {}
    for path, event in _places(finding, sees_samples=sees_samples):
        part = next(iter(parse_pointer(path)), "")
        violation = Violation(
            path=path,
            definition_path=finding.path,
            rule=finding.rule,
            severity=Severity(finding.severity),
            expected=finding.expected,
            came=finding.came,
        )
        sentences[advise(violation, event, contract.schema_of(part), is_masked=True)] = None
    return [sentence for sentence in sentences if sentence][:MAX_ADVICE]


def _places(finding: Finding, *, sees_samples: bool) -> Iterator[tuple[str, Event]]:
    """Yield each place of an event that broke the rule, with that event, or an empty one."""
    call = finding.seen_name.call
    tokens = parse_pointer(finding.path)
    if sees_samples:
        for sample in finding.samples:
            # Samples that an older release kept do not say where in the event it was.
            path = sample.get("path") or ("" if _is_pattern(tokens) else finding.path)
            if path:
                yield path, event_from_stored(sample["event"], call)
    elif tokens and tokens[-1] == UNKNOWN_KEY and not _is_pattern(tokens[:-1]):
        for key in list(finding.unknown_keys)[:MAX_KEYS]:
            yield format_pointer((*tokens[:-1], key)), Event(call=call)
    elif not _is_pattern(tokens):
        yield finding.path, Event(call=call)


def _is_pattern(tokens: list[str]) -> bool:
    """Tell whether steps name many places: any entry of a list, or any key."""
    return ANY_INDEX in tokens or UNKNOWN_KEY in tokens
