"""Runs a piece of a test as an ordinary user, whoever runs the tests."""

import multiprocessing
import os
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

from runtime import os_accounts

IS_ROOT = os.geteuid() == 0


def run_as_ordinary_user(work: Callable[..., object], *arguments: object) -> object:
    """Call `work` in a process of an ordinary user and return what it returns.

    The process is a fork of ours: the Python that runs the tests may lie where that user cannot reach
    it. Raises AssertionError with the other process's traceback where `work` raises.
    """
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_run_in_child, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    try:
        is_done, result = ours.recv()
    finally:
        process.join(30)
    assert is_done, result
    return result


def ordinary_uid() -> int:
    """Return the user id that `run_as_ordinary_user` works under."""
    return os_accounts.unprivileged_account().uid if IS_ROOT else os.geteuid()


def _run_in_child(answer: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    try:
        if IS_ROOT:
            account = os_accounts.unprivileged_account()
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        result: tuple[bool, object] = (True, work(*arguments))
    except BaseException:
        result = (False, traceback.format_exc())
    answer.send(result)
    answer.close()
