"""An upload: the files of a folder, a zip or a single file, read within bounds."""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

MAX_FILES = 20_000
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_TOTAL_BYTES = 128 * 1024 * 1024
MAX_COMPRESSION_RATIO = 200
RATIO_EXEMPT_BYTES = 1024 * 1024  # a small file may shrink as well as it likes
MAX_PATH_LENGTH = 1_000

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_CHUNK_BYTES = 64 * 1024


class UploadError(ValueError):
    """The upload as a whole cannot be read; the text says what happened and what to do next."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Files by their path (slashes, no leading slash), and what was left out with the reason."""

    files: Mapping[str, bytes]
    skipped_files: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Paths with their bytes, sorted by path, so that one upload is always read in the same order."""
        return iter(sorted(self.files.items()))

    @classmethod
    def from_path(cls, path: Path) -> "Upload":
        """A folder (links are left out, never followed), a zip or a single file. Raises UploadError."""
        if path.is_dir():
            return _from_folder(path)
        if not path.is_file():
            raise UploadError(f"There is no file or folder at {path}. Check the path.")
        if path.stat().st_size > MAX_TOTAL_BYTES:
            raise UploadError(_too_large_message("The file"))
        return cls.from_bytes(path.name, path.read_bytes())

    @classmethod
    def from_bytes(cls, file_name: str, content: bytes) -> "Upload":
        """An uploaded file: unpacked if it is a zip, else one file by its name. Raises UploadError."""
        if not content:
            raise UploadError(f"{file_name} is empty. Choose the file again.")
        if content.startswith(_ZIP_SIGNATURES):
            return _from_zip(content)
        if file_name.lower().endswith(".zip"):
            raise UploadError(f"{file_name} is not a zip, whatever its name says. Pack the folder again.")
        if len(content) > MAX_FILE_BYTES:
            raise UploadError(f"{file_name} is larger than {MAX_FILE_BYTES // 2**20} MB. Split it, or send a zip.")
        return cls(MappingProxyType({safe_path(file_name): content}))


def safe_path(name: str) -> str:
    """A path inside the upload with plain slashes. Raises UploadError if it could point outside of it."""
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\x00" in path or (parts and parts[0].endswith(":")):
        raise UploadError(f"The upload holds {name[:100]!r}, a path outside of it. Pack the folder again.")
    if not parts or len(path) > MAX_PATH_LENGTH:
        raise UploadError(
            f"The upload holds a path of {len(path)} characters ({name[:60]!r}…). Use 1 to {MAX_PATH_LENGTH}."
        )
    return "/".join(parts)


def _too_large_message(what: str) -> str:
    return f"{what} holds more than {MAX_TOTAL_BYTES // 2**20} MB. Import it in parts."


def _from_folder(root: Path) -> Upload:
    files: dict[str, bytes] = {}
    skipped_files: list[tuple[str, str]] = []
    total = 0
    for folder, folders, names in os.walk(root):
        for name in [*folders, *names]:
            if os.path.islink(os.path.join(folder, name)):
                skipped_files.append(
                    (Path(folder, name).relative_to(root).as_posix(), "A link; links are not followed.")
                )
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink():
                continue
            path = file.relative_to(root).as_posix()
            size = file.stat().st_size
            if not file.is_file() or size > MAX_FILE_BYTES:
                skipped_files.append((path, f"Not a plain file of at most {MAX_FILE_BYTES // 2**20} MB."))
                continue
            total += size
            _enforce_limits(len(files) + 1, total, "The folder")
            files[path] = file.read_bytes()
    if not files:
        raise UploadError("The folder holds no file. Choose the folder that the definitions lie in.")
    return Upload(MappingProxyType(files), tuple(skipped_files))


def _from_zip(content: bytes) -> Upload:
    files: dict[str, bytes] = {}
    skipped_files: list[tuple[str, str]] = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _enforce_limits(len(members), 0, "The zip")
            for member in members:
                path = safe_path(member.filename)
                if stat.S_ISLNK(member.external_attr >> 16):
                    skipped_files.append((path, "A link; links are not followed."))
                    continue
                if member.flag_bits & 0x1:
                    raise UploadError("The zip is encrypted. Pack it again without a password.")
                if path in files:
                    raise UploadError(f"The zip holds {path!r} twice. Pack the folder again.")
                files[path] = _decompress(archive, member, MAX_TOTAL_BYTES - total)
                total += len(files[path])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, UploadError):
            raise
        raise UploadError(f"The zip is damaged ({error}). Pack the folder again.") from error
    if not files:
        raise UploadError("The zip holds no file. Pack the folder that the definitions lie in.")
    return Upload(MappingProxyType(files), tuple(skipped_files))


def _decompress(archive: zipfile.ZipFile, member: zipfile.ZipInfo, remaining_bytes: int) -> bytes:
    """One member, stopped as soon as it passes a bound, whatever size its header claims."""
    max_bytes_by_ratio = max(RATIO_EXEMPT_BYTES, member.compress_size * MAX_COMPRESSION_RATIO)
    chunks: list[bytes] = []
    size = 0
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > remaining_bytes:
                raise UploadError(_too_large_message("The zip"))
            if size > MAX_FILE_BYTES or size > max_bytes_by_ratio:
                raise UploadError(f"{member.filename[:100]!r} in the zip inflates too far. Pack the files themselves.")
            chunks.append(chunk)
    return b"".join(chunks)


def _enforce_limits(count: int, total: int, what: str) -> None:
    if count > MAX_FILES:
        raise UploadError(f"{what} holds more than {MAX_FILES:,} files. Import it in parts.")
    if total > MAX_TOTAL_BYTES:
        raise UploadError(_too_large_message(what))
