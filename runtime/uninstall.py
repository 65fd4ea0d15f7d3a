"""`python -m runtime forget`: removes what a clone keeps outside its own folder."""

import shutil
from pathlib import Path

from runtime.clone import Clone
from runtime.database.postgres_home import CLONE, NOTE, Home
from runtime.database.postgres_server import Postgres
from runtime.supervision.instance_lock import only_one
from runtime.supervision.process_registry import Record


def forget(clone: Clone) -> int:
    """End what is left running of `clone`, and remove root's database of it. Return 0.

    Raises CannotStart while Signalbook runs from this clone.
    """
    clone.open_state()
    with only_one(clone.state / "lock", "being removed"):
        Record(clone.state / "processes.json").end_left()
        note = clone.state / NOTE
        folder = Path(note.read_text().strip()) if note.is_file() else clone.state / "postgres"
        Postgres(Home(folder, folder / "run", folder, None), clone.log("postgres")).take_over()
        named = folder / CLONE
        if named.is_file() and named.read_text().strip() == str(clone.root):
            shutil.rmtree(folder)
            note.unlink()
    return 0
