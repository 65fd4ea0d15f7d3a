"""A Celery transport over files, each of which becomes visible only when it is complete.

The transport of kombu opens a message under its final name and then writes it: a worker that looks in between reads
nothing, and ends. Here it appears by a rename, which is atomic (POSIX `rename`), and what cannot be read is
skipped: a message only wakes a worker, and beat sends another one. The same goes for the file that says which queues
an exchange has: several processes write it when they start.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel whose messages become visible only when they are complete."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu has it
        """Write a message and only then give it the name by which it is found. Raises ChannelError where it cannot."""
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.part"
        content = str_to_bytes(dumps(payload))
        try:
            try:
                unfinished.write_bytes(content)
            except FileNotFoundError:
                self._restore_folders()
                unfinished.write_bytes(content)
            os.replace(unfinished, folder / name)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink()  # a full disk leaves an empty one
            raise ChannelError(f"Cannot add a message to {folder}: {error.strerror}.") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Return the next message. Raises Empty where there is none, or none that can be read.

        Folders that somebody removed are made again, by whoever misses them, with the queues that its process has
        bound: a worker would end.
        """
        try:
            return super()._get(queue)
        except ValueError as error:
            raise Empty from error
        except FileNotFoundError as error:
            self._restore_folders()
            raise Empty from error

    def _size(self, queue: str) -> int:
        """Return how many messages wait."""
        try:
            count: int = super()._size(queue)
        except FileNotFoundError:
            self._restore_folders()
            return 0
        return count

    def _restore_folders(self) -> None:
        for folder in (self.data_folder_in, self.processed_folder):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        for bound, arguments in list(self.state.bindings.items()):
            names = (bound.queue, bound.exchange, bound.routing_key)
            self._queue_bind(bound.exchange, *self.typeof(bound.exchange).prepare_bind(*names, arguments))

    def get_table(self, exchange: str) -> list[Any]:
        """Return the queues of an exchange: none where its file cannot be read, which whoever needs it writes anew."""
        try:
            table: list[Any] = super().get_table(exchange)
        except ValueError:
            return []
        return table

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Add a queue to an exchange, in one step. Raises ChannelError where it cannot."""
        file = self._exchange_file(exchange)
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        try:
            with self._lock_control_folder():
                table = self.get_table(exchange)
                if entry not in table:
                    unfinished = file.with_suffix(".part")
                    unfinished.write_bytes(str_to_bytes(dumps([entry, *table])))
                    os.replace(unfinished, file)
        except OSError as error:
            raise ChannelError(f"Cannot write {file}: {error.strerror}.") from error

    def _delete(self, queue: str, *arguments: Any, **options: Any) -> None:
        with self._lock_control_folder():
            super()._delete(queue, *arguments, **options)

    @contextmanager
    def _lock_control_folder(self) -> Iterator[None]:
        """Let one process at a time change which queues there are. The system frees the lock of one that ends."""
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """The transport of `filesystem://` in this product."""

    Channel = Channel


def register_transport() -> None:
    """Let `filesystem://` mean this transport, in every process that loads the Celery application."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:{Transport.__name__}"
