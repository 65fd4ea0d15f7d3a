"""Starts, recognises and ends processes, so that none outlives its supervisor unnoticed."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from runtime.os_accounts import Account, subprocess_user

PROC_FOLDER = Path("/proc")
PR_SET_PDEATHSIG = 1
POLL_INTERVAL = 0.05
KILL_TIMEOUT = 5.0

# Loaded before any fork: the child may only call what is already there.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    *,
    log: IO[bytes],
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    account: Account | None = None,
    orphan_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output going to `log`.

    `account` is the OS user to become (root only), None to stay who we are. On Linux the kernel
    sends `orphan_signal` to the process when we die, however we die; elsewhere the next start
    takes over what was left. Raises OSError where the command cannot be executed.
    """
    parent = os.getpid()

    def follow_parent() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died between the fork and the line above
                os._exit(1)

    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(env) if env is not None else None,
        cwd=folder,
        start_new_session=True,
        preexec_fn=follow_parent,
        **subprocess_user(account),
    )


def stop_process(
    process: subprocess.Popen[bytes],
    *,
    timeout: float,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> None:
    """Ask `process` to stop with `first`; after `patience` seconds kill it and whatever is left of its group."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
    kill_group(process.pid)
    process.wait()


def kill_group(leader: int) -> None:
    """Kill every process of the group led by `leader`, and wait until their ports and memory are free."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
        deadline = time.monotonic() + KILL_TIMEOUT
        while _has_living_member(leader) and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)


def process_identity(pid: int) -> str | None:
    """Return what distinguishes this process from a later one with the same PID; None where it is gone or a zombie."""
    if not PROC_FOLDER.joinpath("self/stat").exists():
        command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    found = _stat_fields(pid)
    if found is None:
        return None
    boot = PROC_FOLDER.joinpath("sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{found[19]}"


def _has_living_member(leader: int) -> bool:
    """Return whether a process of the group lives; false where the system has no /proc."""
    numbers = (int(entry.name) for entry in PROC_FOLDER.glob("[0-9]*"))
    return any(found is not None and int(found[2]) == leader for found in map(_stat_fields, numbers))


def _stat_fields(pid: int) -> list[str] | None:
    """Return the fields of `/proc/<pid>/stat` from the state on; None where the process is gone or a zombie."""
    try:
        text = PROC_FOLDER.joinpath(str(pid), "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name is in parentheses and may itself contain spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields


def wait_until_gone(pid: int, identity: str, timeout: float) -> bool:
    """Wait until the process is gone. Return False where it still lives after `patience` seconds."""
    deadline = time.monotonic() + timeout
    while process_identity(pid) == identity:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_INTERVAL)
    return True


def processes_in_folder(folder: Path) -> Iterator[int]:
    """Yield the processes whose working folder is `folder`: none where the system has no /proc."""
    for entry in PROC_FOLDER.glob("[0-9]*"):
        with suppress(OSError):
            if os.path.samefile(entry / "cwd", folder):
                yield int(entry.name)
