"""`make restore`: a new clone is filled from a backup, and starts with that alone."""

from __future__ import annotations

from tests.runtime.sample_clone import SampleClone


def restore(clone: SampleClone, text: str) -> tuple[int, str]:
    """Restore a backup and return the exit code, and what was said."""
    (clone.root / "said").unlink(missing_ok=True)
    (clone.root / "backup").write_text(text)
    code = clone.start("restore", "backup").wait(60)
    return code, clone.output()


def test_what_was_restored_is_started_without_the_demo(clone: SampleClone) -> None:
    code, said = restore(clone, "41")
    assert (code, "Restored: what the file says" in said) == (0, True)
    assert clone.running_processes() == set()

    supervisor = clone.start_and_wait()
    assert clone.demo_load_count() == 41  # else the demo would have counted one more
    assert not (clone.state / "demo.json").exists()
    code, said = restore(clone, "42")
    assert (code, "already runs from this folder" in said) == (1, True)
    supervisor.terminate()
    assert supervisor.wait(15) == 0

    code, said = restore(clone, "43")
    assert (code, "This installation is not empty." in said) == (1, True)
    assert clone.running_processes() == set()


def test_a_file_that_is_not_there_is_named_before_anything_starts(clone: SampleClone) -> None:
    assert clone.start("restore", "none.zip").wait(30) == 1
    assert "There is no file none.zip" in clone.output()
    assert not (clone.state / "database.url").exists()
