"""Building the environment: what a machine may lack, and when there is nothing to do."""

import hashlib
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from runtime import bootstrap


@pytest.mark.parametrize("version", [(3, 6), (3, 10)])
def test_an_old_python_is_one_sentence(version: tuple[int, int]) -> None:
    with pytest.raises(
        bootstrap.BootstrapError, match=rf"needs Python 3\.11 or later, and python3 is 3\.{version[1]} here"
    ):
        bootstrap.require_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 14)])
def test_a_new_python_is_fine(version: tuple[int, int]) -> None:
    assert bootstrap.require_python(version) is None


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_names_debians_package(missing: str) -> None:
    def found(name: str) -> ModuleSpec | None:
        return None if name == missing else ModuleSpec(name, None)

    with pytest.raises(bootstrap.BootstrapError, match="apt-get install python3-venv"):
        bootstrap.require_venv(found)


def test_a_failing_installer_shows_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clone = _clone(monkeypatch, tmp_path, "no-such-package-of-ours==1.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(bootstrap.BootstrapError, match="no-such-package-of-ours"):
        bootstrap.install("run")
    assert not (clone / ".venv" / "installed-run").exists()


def test_what_is_installed_is_not_installed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = _clone(monkeypatch, tmp_path, "")
    assert bootstrap.main(["run"]) == 0
    assert "Installing" in capsys.readouterr().out
    assert (clone / ".venv" / "installed-run").read_text() == hashlib.sha256(b"").hexdigest()
    assert bootstrap.main(["run"]) == 0
    assert capsys.readouterr().out == ""
    (clone / "requirements" / "run.lock").write_text("# changed\n")
    assert bootstrap.main(["run"]) == 0
    assert "Installing" in capsys.readouterr().out


def _clone(monkeypatch: pytest.MonkeyPatch, folder: Path, lock: str) -> Path:
    """Return a clone whose lock says `lock`, and let the bootstrap work there."""
    (folder / "requirements").mkdir()
    (folder / "requirements" / "run.lock").write_text(lock)
    for name, value in {
        "ROOT": folder,
        "VENV": folder / ".venv",
        "PYTHON": folder / ".venv" / "bin" / "python",
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    return folder
