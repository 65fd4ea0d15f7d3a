"""Print what an import would do: `python -m catalog.exchange FORMAT PATH`."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from catalog.exchange.import_plan import Action, Plan, plan
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload, UploadError


def main(arguments: list[str] | None = None) -> int:
    """Print the counts, what failed and what was noted; answers 0, 1 where something failed, 2 for no upload."""
    parser = argparse.ArgumentParser(prog="catalog.exchange", description=__doc__)
    parser.add_argument("format", choices=sorted(IMPORTERS))
    parser.add_argument("path", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        upload = Upload.from_path(chosen.path)
    except UploadError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    made = plan(IMPORTERS[chosen.format].read(upload), {})
    sys.stdout.writelines(f"{line}\n" for line in _lines(made))
    return 1 if made.counts["failed"] or made.counts["conflict"] else 0


def _lines(made: Plan) -> Iterator[str]:
    yield "  ".join(f"{action}: {count}" for action, count in made.counts.items())
    for step in made.steps:
        if step.action in (Action.FAILED, Action.CONFLICT):
            yield f"{step.action.value}  {step.entry.path!r}  {step.detail}"
    for code, count in Counter(note.code for step in made.steps for note in step.entry.notes).most_common():
        yield f"noted  {code}: {count}"


if __name__ == "__main__":
    raise SystemExit(main())
