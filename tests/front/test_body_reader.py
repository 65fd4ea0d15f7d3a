"""Bodies as they come: whole ones are read, and late, large and broken ones end in the sentence that says so."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from front.body_budget import BodyBudget
from front.body_errors import BodiesCrowded, BodyBrokeOff, BodyHasNoRoom, BodyOverLimit, BodyTooSlow
from front.body_reader import SMALL_BYTES, BodyLimits, BodyReader
from front.http_messages import RequestHead
from tests.full_disk import fill, small_disk

LIMITS = BodyLimits(max_bytes=200_000, idle_seconds=0.3, total_seconds=0.8)


class Stream:
    """A body in pieces, each after a pause. `pauses` repeats its last one; a piece of None never comes."""

    def __init__(self, *pieces: bytes | None, pause: float = 0.0) -> None:
        self.pieces = pieces
        self.pause = pause

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(self.pause if piece is not None else 60)
            yield piece or b""

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])


def reader(stream: Stream, promised: int | None, *, budget: BodyBudget | None = None) -> BodyReader:
    headers = {"transfer-encoding": "chunked"} if promised is None else {"content-length": str(promised)}
    return BodyReader(RequestHead("POST", "/", "", headers), stream, LIMITS, budget or BodyBudget(10**9))


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))


@pytest.mark.parametrize("promised", [6, None])
def test_a_whole_body_is_returned_and_its_bytes_are_given_back(promised: int | None) -> None:
    async def test() -> None:
        budget = BodyBudget(1000)
        body = reader(Stream(b"abc", b"def"), promised, budget=budget)
        assert await body.read() == b"abcdef"
        assert body.is_read and budget.used == 6
        body.close()
        body.close()
        assert budget.used == 0 and not budget.bodies

    run(test)


@pytest.mark.parametrize("promised", [6, SMALL_BYTES + 6, None])
def test_a_body_that_pauses_is_given_up(promised: int | None) -> None:
    async def test() -> None:
        began = time.monotonic()
        with pytest.raises(BodyTooSlow):
            await reader(Stream(b"abc", None), promised).read()
        assert time.monotonic() - began < 2

    run(test)


def test_a_body_that_trickles_is_given_up_too() -> None:
    async def test() -> None:
        began = time.monotonic()
        with pytest.raises(BodyTooSlow):
            await reader(Stream(*[b"x"] * 1000, pause=0.1), None).read()
        assert time.monotonic() - began < 3

    run(test)


@pytest.mark.parametrize("size", [20, SMALL_BYTES + 20])
def test_a_slow_line_that_never_pauses_is_read_to_its_end(size: int) -> None:
    async def test() -> None:
        pieces = [b"x" * (size // 5)] * 5
        assert await reader(Stream(*pieces, pause=0.1), len(b"".join(pieces))).read() == b"".join(pieces)

    run(test)


def test_a_length_may_have_any_number_of_zeros_in_front() -> None:
    lengths = {
        text: RequestHead("POST", "/", "", {"content-length": text}).content_length
        for text in ("0" * 5000, "0" * 5000 + "17", "")
    }
    assert list(lengths.values()) == [0, 17, None]


def test_a_task_whose_body_was_late_goes_on() -> None:
    async def test() -> None:
        with pytest.raises(BodyTooSlow):
            await reader(Stream(None), 5).read()
        await asyncio.sleep(0.01)
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0

    run(test)


def test_somebody_else_s_cancellation_is_no_late_body() -> None:
    async def test() -> None:
        task = asyncio.create_task(reader(Stream(None), 5).read())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(test)


def test_a_promise_over_the_limit_is_refused_before_anything_is_read() -> None:
    async def test() -> None:
        with pytest.raises(BodyOverLimit, match="200,000 bytes"):
            await reader(Stream(None), 200_001).read()

    run(test)


def test_chunks_over_the_limit_are_refused_when_they_pass_it() -> None:
    async def test() -> None:
        with pytest.raises(BodyOverLimit):
            await reader(Stream(*[b"x" * 50_000] * 1_000), None).read()

    run(test)


def test_less_than_was_promised_is_no_body() -> None:
    async def test() -> None:
        with pytest.raises(BodyBrokeOff):
            await reader(Stream(b"x" * 50_000), SMALL_BYTES + 1).read()

    run(test)


@pytest.mark.parametrize("size", [10, 150_000])
def test_a_body_can_be_read_into_a_file(size: int) -> None:
    async def test() -> None:
        with await reader(Stream(b"x" * (size // 2), b"y" * (size - size // 2)), size).read_into_file() as file:
            content = file.read()
        assert len(content) == size and content.endswith(b"y")

    run(test)


@pytest.mark.parametrize("piece", [1_000, 30_000, 150_000])
def test_a_body_for_which_a_full_disk_has_no_room_is_to_be_sent_again(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        body = reader(Stream(*[b"x" * piece] * (150_000 // piece)), 150_000)
        with pytest.raises(BodyHasNoRoom) as raised:
            await body.read_into_file()
        assert raised.value.status == 503 and raised.value.retry_after

    with small_disk(tmp_path, size=2**20) as disk:
        fill(disk)
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        run(test)


def test_where_bytes_run_out_the_body_that_has_been_coming_longest_goes() -> None:
    async def test() -> None:
        budget = BodyBudget(100)
        slow = [asyncio.create_task(reader(Stream(b"x" * 40, None), None, budget=budget).read()) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert budget.used == 80
        assert await reader(Stream(b"y" * 60), None, budget=budget).read() == b"y" * 60
        with pytest.raises(BodyTooSlow):
            await slow[0]
        assert not slow[1].done()
        assert budget.used == 100
        with pytest.raises(BodyTooSlow):
            await slow[1]

    run(test)


def test_a_whole_body_that_waits_for_its_answer_is_not_taken_away() -> None:
    async def test() -> None:
        budget = BodyBudget(100)
        whole = reader(Stream(b"x" * 80), None, budget=budget)
        await whole.read()
        late = reader(Stream(b"y" * 40), None, budget=budget)
        with pytest.raises(BodiesCrowded):
            await late.read()
        late.close()
        whole.close()
        assert budget.used == 0

    run(test)
