"""A Celery transport over files, each of which becomes visible only when it is complete.

The transport of kombu opens a message under its final name and then writes it: a worker that looks in between reads
nothing, and ends. Here it appears by a rename, which is atomic (POSIX `rename`), and what cannot be read is
skipped: a message only wakes a worker, and beat sends another one.
"""

import os
import uuid
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
        try:
            unfinished.write_bytes(str_to_bytes(dumps(payload)))
            os.replace(unfinished, folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}: {error.strerror}.") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Return the next message. Raises Empty where there is none, or none that can be read."""
        try:
            return super()._get(queue)
        except ValueError as error:
            raise Empty from error


class Transport(filesystem.Transport):
    """The transport of `filesystem://` in this product."""

    Channel = Channel


def register_transport() -> None:
    """Let `filesystem://` mean this transport, in every process that loads the Celery application."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:{Transport.__name__}"
