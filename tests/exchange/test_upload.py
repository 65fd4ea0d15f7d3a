"""Uploads: folders, zips and single files, within bounds and never outside of themselves."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from catalog.exchange import upload as module
from catalog.exchange.upload import Upload, UploadError, safe_path


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            # Without today's date, so that the tests of two processes have the same names.
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def test_folder_zip_and_file_read_alike(tmp_path: Path):
    files = {"a.json": b"1", "b/c.yaml": b"x: 1", "b/ü ☃.json": b"2"}
    for name, content in files.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    (tmp_path / "all.zip").write_bytes(zipped(files))
    assert dict(Upload.from_path(tmp_path / "folder").files) == files
    assert dict(Upload.from_path(tmp_path / "all.zip").files) == files
    assert dict(Upload.from_path(tmp_path / "folder/a.json").files) == {"a.json": b"1"}
    assert [path for path, _ in Upload.from_bytes("all.zip", zipped(files))] == sorted(files)


@pytest.mark.parametrize(
    "name", ["../a", "/etc/passwd", "a/../../b", "C:\\a", "..\\a", "C:/x", "a\x00b", "", "x" * 2000]
)
def test_paths_that_could_lead_outside_are_refused(name: str):
    with pytest.raises(UploadError):
        safe_path(name)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b"])
def test_a_zip_with_such_a_path_is_refused(name: str):
    with pytest.raises(UploadError, match="outside of it"):
        Upload.from_bytes("a.zip", zipped({name: b"x"}))


def test_harmless_paths_are_made_plain():
    assert safe_path("./a//b\\c..json") == "a/b/c..json"


def test_links_are_left_out_and_never_followed(tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.json").write_text("{}")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/real.json").write_text("{}")
    os.symlink(tmp_path / "outside/secret.json", tmp_path / "in/link.json")
    os.symlink(tmp_path / "outside", tmp_path / "in/folder")
    upload = Upload.from_path(tmp_path / "in")
    assert list(upload.files) == ["real.json"]
    assert {path for path, _ in upload.skipped_files} == {"link.json", "folder"}
    member = zipfile.ZipInfo("link.json")
    member.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "/etc/passwd")
        archive.writestr("real.json", "{}")
    assert [path for path, _ in Upload.from_bytes("a.zip", buffer.getvalue()).skipped_files] == ["link.json"]


def test_a_bomb_is_stopped():
    with pytest.raises(UploadError, match="inflates too far"):
        Upload.from_bytes("bomb.zip", zipped({"a.json": b"0" * 5_000_000}))


def test_the_size_that_a_header_claims_is_not_believed():
    """A zip that says 10 bytes inflates to no more than it says, and its checksum then fails."""
    content = zipped({"a.json": os.urandom(500)})
    lying = content.replace((500).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content
    with pytest.raises(UploadError, match="damaged"):
        Upload.from_bytes("a.zip", lying)


def test_files_and_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"x" * 100)
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 250)
    with pytest.raises(UploadError, match="holds more than"):
        Upload.from_path(tmp_path)
    with pytest.raises(UploadError, match="holds more than"):
        Upload.from_bytes("a.zip", zipped(dict.fromkeys("abc", b"x" * 100)))
    monkeypatch.setattr(module, "MAX_FILES", 2)
    with pytest.raises(UploadError, match="more than 2 files"):
        Upload.from_bytes("a.zip", zipped(dict.fromkeys("abc", b"x")))
    with pytest.raises(UploadError, match="more than 2 files"):
        Upload.from_path(tmp_path)


def test_a_file_that_is_too_large_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    with pytest.raises(UploadError, match="larger than"):
        Upload.from_bytes("a.json", b"x" * 11)
    (tmp_path / "large").write_bytes(b"x" * 11)
    (tmp_path / "small").write_bytes(b"x")
    upload = Upload.from_path(tmp_path)
    assert (list(upload.files), [path for path, _ in upload.skipped_files]) == (["small"], ["large"])


def damaged(at: int) -> bytes:
    content = bytearray(zipped({"a.json": bytes(range(256)) * 20}))
    content[at] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"no zip at all", "is not a zip"),
        (zipped({}), "no file"),
        (zipped({"a.json": b"{}"})[:30], "damaged"),
        (b"PK\x03\x04" + b"\x00" * 50, "damaged"),
        (damaged(60), "damaged"),
    ],
)
def test_what_is_no_zip_says_so(content: bytes, says: str):
    with pytest.raises(UploadError, match=says):
        Upload.from_bytes("a.zip", content)


def test_an_encrypted_zip_says_so():
    content = bytearray(zipped({"a.json": b"{}"}, zipfile.ZIP_STORED))
    content[6] |= 1  # the flag of the local header and that of the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UploadError, match="encrypted"):
        Upload.from_bytes("a.zip", bytes(content))


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(UploadError, match="twice"):
        Upload.from_bytes("a.zip", zipped({"a/b.json": b"1", "a//b.json": b"2"}))


def test_nothing_there(tmp_path: Path):
    with pytest.raises(UploadError, match="no file"):
        Upload.from_path(tmp_path)
    with pytest.raises(UploadError, match="There is no file or folder"):
        Upload.from_path(tmp_path / "gone")
