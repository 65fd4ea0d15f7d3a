"""Print what an import would do: `python -m catalog.exchange FORMAT PATH`."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from catalog.exchange.import_plan import ImportAction, ImportPlan, build_import_plan
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload, UploadError


def main(arguments: list[str] | None = None) -> int:
    """Print the counts, what failed and what was noted; answers 0, 1 where something failed, 2 for no upload."""
    parser = argparse.ArgumentParser(prog="catalog.exchange", description=__doc__)
    parser.add_argument("format", choices=sorted(IMPORTERS))
    parser.add_argument("path", type=Path)
    options = parser.parse_args(arguments)
    try:
        upload = Upload.from_path(options.path)
    except UploadError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    import_plan = build_import_plan(IMPORTERS[options.format].read(upload), {})
    sys.stdout.writelines(f"{line}\n" for line in _report_lines(import_plan))
    return 1 if import_plan.counts["failed"] or import_plan.counts["conflict"] else 0


def _report_lines(import_plan: ImportPlan) -> Iterator[str]:
    yield "  ".join(f"{action}: {count}" for action, count in import_plan.counts.items())
    for planned in import_plan.entries:
        if planned.action in (ImportAction.FAILED, ImportAction.CONFLICT):
            yield f"{planned.action.value}  {planned.entry.path!r}  {planned.detail}"
    for code, count in Counter(
        note.code for planned in import_plan.entries for note in planned.entry.notes
    ).most_common():
        yield f"noted  {code}: {count}"


if __name__ == "__main__":
    raise SystemExit(main())
