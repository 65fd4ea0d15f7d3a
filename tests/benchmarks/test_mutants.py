"""The sample of mutations: it is applied where it belongs or not at all, and what survives is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks import mutants
from benchmarks.mutants import ROOT, check_places, check_unmutated, try_mutation
from benchmarks.mutations import MUTATIONS
from benchmarks.mutations.mutation import Mutation, MutationError

TESTS = {
    "test_good.py": "from module import double\n\ndef test_it(): assert double(2) == 4 and double(3) == 6\n",
    "test_weak.py": "from module import double\n\ndef test_it(): assert double(2) == 4\n",
    "test_wrong.py": "def test_it(): assert False\n",
    "test_empty.py": "",
    "test_endless.py": "import time\n\ndef test_it(): time.sleep(60)\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "module.py").write_text("def double(number):\n    return number * 2\n")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    for name, text in TESTS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def mutation(test: str = "test_good.py", old: str = "number * 2", new: str = "number + 2") -> Mutation:
    return Mutation(name="a/b", file="module.py", old=old, new=new, why="", tests=(test,))


@pytest.mark.parametrize("old", ["number * 3", "number"])
def test_a_text_that_does_not_stand_there_once_is_refused(project: Path, old: str) -> None:
    before = (project / "module.py").read_text()
    with pytest.raises(MutationError, match="a/b"):
        mutation(old=old).apply(project)
    with pytest.raises(MutationError, match="a/b"):
        check_places([mutation(old=old)], project)
    assert (project / "module.py").read_text() == before


def test_each_mutation_of_the_sample_finds_its_place() -> None:
    """So that who rewords a line corrects its mutation with it, and not who measures months later."""
    check_places(MUTATIONS, ROOT)


def test_a_test_that_is_not_there_is_refused(project: Path) -> None:
    with pytest.raises(MutationError, match="test_gone"):
        check_places([mutation("test_gone.py")], project)


def test_it_is_killed_by_a_test_that_fails_and_taken_back(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    before = (project / "module.py").read_text()
    assert try_mutation(mutation("test_good.py"), project)
    assert not try_mutation(mutation("test_weak.py"), project)
    assert (project / "module.py").read_text() == before
    assert [line.split()[0] for line in capfd.readouterr().out.splitlines()] == ["killed", "SURVIVED"]


def test_tests_that_fail_by_themselves_or_hold_nothing_are_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    with pytest.raises(MutationError, match="without any mutation"):
        check_unmutated([mutation("test_wrong.py")], project)
    with pytest.raises(MutationError, match="could not be run"):
        try_mutation(mutation("test_empty.py"), project)


def test_tests_that_do_not_end_by_themselves_are_told_as_that_and_kill_a_mutation(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    monkeypatch.setattr(mutants, "TEST_SECONDS", 1)
    with pytest.raises(MutationError, match="did not end within 1 s"):
        check_unmutated([mutation("test_endless.py")], project)
    assert try_mutation(mutation("test_endless.py"), project)
    assert capfd.readouterr().out.startswith("killed")


def test_the_sample_has_its_five_areas_and_names_each_once() -> None:
    assert len(MUTATIONS) >= 60
    assert len({each.name for each in MUTATIONS}) == len(MUTATIONS)
    areas = Counter(each.name.partition("/")[0] for each in MUTATIONS)
    assert set(areas) == {"contract", "workflow", "check", "privacy", "evidence"}
    assert min(areas.values()) >= 10
    assert all(each.why and each.tests and each.old != each.new for each in MUTATIONS)
