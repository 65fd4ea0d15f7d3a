"""Work in bounded threads: what waits too long or takes too long is told so, and its thread comes back."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from front.work_pool import PoolBusy, WorkPool, WorkTooSlow


def test_work_returns_and_raises_through_it() -> None:
    async def run() -> None:
        pool = WorkPool("test", 1, max_waiting=1, wait_seconds=1)
        assert await pool.run(lambda: 5, seconds=5) == 5
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0, seconds=5)
        assert await asyncio.gather(*(pool.run(lambda: 1, seconds=5) for _ in range(2))) == [1, 1]
        pool.stop()

    asyncio.run(run())


def test_slow_work_is_given_up_and_its_thread_serves_again_when_it_ends() -> None:
    async def run() -> None:
        pool = WorkPool("test", 1, max_waiting=5, wait_seconds=0.2)
        held = threading.Event()
        began = time.monotonic()
        with pytest.raises(WorkTooSlow):
            await pool.run(lambda: held.wait(20), seconds=0.2)
        with pytest.raises(PoolBusy):  # the thread is still at it
            await pool.run(lambda: 1, seconds=5)
        assert time.monotonic() - began < 3
        held.set()
        assert await pool.run(lambda: 2, seconds=5) == 2
        pool.stop()

    asyncio.run(run())


def test_more_than_may_wait_are_told_at_once() -> None:
    async def run() -> None:
        pool = WorkPool("test", 1, max_waiting=1, wait_seconds=30)
        held = threading.Event()
        first = asyncio.create_task(pool.run(lambda: held.wait(20), seconds=20))
        await asyncio.sleep(0)
        second = asyncio.create_task(pool.run(lambda: 2, seconds=20))
        await asyncio.sleep(0)
        began = time.monotonic()
        with pytest.raises(PoolBusy):
            await pool.run(lambda: 3, seconds=20)
        assert time.monotonic() - began < 2
        held.set()
        assert await second == 2
        await first
        pool.stop()

    asyncio.run(run())


def test_hopeless_work_is_not_waited_for() -> None:
    async def run() -> None:
        pool = WorkPool("test", 1, max_waiting=1, wait_seconds=1)
        held = threading.Event()
        began = time.monotonic()
        with pytest.raises(WorkTooSlow):
            await pool.run(lambda: held.wait(20), seconds=30, is_hopeless=lambda: True)
        assert time.monotonic() - began < 3
        held.set()
        pool.stop()

    asyncio.run(run())
