"""Try the sample of mutations: each is written into a copy of the checkout, and its tests have to fail.

    make mutants                                     the whole sample
    make mutants ARGS="privacy evidence/proof"       what begins so
    make mutants ARGS=--check                        only whether each still finds its place in the code

It ends with 0 where the share of killed ones is the target at least, with 1 where it is not, and with 2 where the
sample itself is to be corrected: a text that is not found exactly once, a test that fails or does not end without any
mutation.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.mutations import MUTATIONS
from benchmarks.mutations.mutation import Mutation, MutationError

ROOT = Path(__file__).parent.parent
TARGET_SHARE = 0.85
TEST_SECONDS = 900
PYTEST_OPTIONS = ("-x", "-q", "--no-header", "--reuse-db", "-p", "no:cacheprovider")
TESTS_PASSED, TESTS_FAILED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the chosen mutations, print one line each, and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.mutants", description="Try the sample of mutations.")
    parser.add_argument("names", nargs="*", help="beginnings of names; all where none is given")
    parser.add_argument("--check", action="store_true", help="only look whether each mutation finds its place")
    options = parser.parse_args(arguments)
    chosen = [each for each in MUTATIONS if not options.names or each.name.startswith(tuple(options.names))]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        copy_checkout(ROOT, copy)
        try:
            check_places(chosen, copy)
            if options.check:
                print(f"{len(chosen)} mutations find their place.")
                return 0
            check_unmutated(chosen, copy)
            survivors = [mutation for mutation in chosen if not try_mutation(mutation, copy)]
        except MutationError as error:
            print(error, file=sys.stderr)
            return 2
    killed = len(chosen) - len(survivors)
    share = killed / len(chosen) if chosen else 1.0
    print(f"{killed} of {len(chosen)} killed, {share:.0%}")
    return 0 if share >= TARGET_SHARE else 1


def copy_checkout(root: Path, target: Path) -> None:
    """Copy what git knows of a checkout, as it now stands, and what is new in it and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)


def check_places(mutations: Iterable[Mutation], root: Path) -> None:
    """Raise MutationError, naming all of them, where mutations do not find their place exactly once."""
    problems = []
    for mutation in mutations:
        try:
            original = (root / mutation.file).read_text()
            mutation.apply(root)
            (root / mutation.file).write_text(original)
        except (MutationError, FileNotFoundError) as error:
            problems.append(str(error))
        problems += [f"{mutation.name}: there is no {test}" for test in mutation.tests if not _exists(root, test)]
    if problems:
        raise MutationError("\n".join(problems))


def check_unmutated(mutations: Iterable[Mutation], root: Path) -> None:
    """Raise MutationError where a test of the sample fails, or does not end, by itself: it would kill everything."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    code = _run_tests(tests, root) if tests else TESTS_PASSED
    if code is None:
        raise MutationError(f"The tests of the sample did not end within {TEST_SECONDS} s without any mutation.")
    if code != TESTS_PASSED:
        raise MutationError(f"The tests of the sample fail without any mutation (pytest ended with {code}).")


def try_mutation(mutation: Mutation, root: Path) -> bool:
    """Apply one mutation to a copy, run its tests, take it back, and return whether they noticed.

    A run that does not end counts as noticed: a mutation may well loop for ever.
    """
    original, began = (root / mutation.file).read_text(), time.monotonic()
    mutation.apply(root)
    try:
        code = _run_tests(mutation.tests, root)
    finally:
        (root / mutation.file).write_text(original)
    if code not in (TESTS_PASSED, TESTS_FAILED, None):
        raise MutationError(f"{mutation.name}: its tests could not be run (pytest ended with {code}).")
    is_killed = code != TESTS_PASSED
    outcome = "killed  " if is_killed else "SURVIVED"
    print(f"{outcome} {mutation.name} ({time.monotonic() - began:.0f} s): {mutation.why}", flush=True)
    return is_killed


def _run_tests(tests: Sequence[str], root: Path) -> int | None:
    """Return pytest's exit code; None where the run did not end within TEST_SECONDS."""
    # No compiled modules: they are told apart by the second and the size, and a mutation may change neither.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", *PYTEST_OPTIONS, *tests]
    try:
        return subprocess.run(
            command, cwd=root, env=environment, timeout=TEST_SECONDS, stdout=subprocess.DEVNULL, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def _exists(root: Path, test: str) -> bool:
    return (root / test.partition("::")[0]).exists()


if __name__ == "__main__":
    raise SystemExit(main())
