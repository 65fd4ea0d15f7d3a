"""`python -m runtime forget`: removes what a clone has stored outside its own folder."""

import shutil
from pathlib import Path

from runtime.clone import Clone
from runtime.database.postgres_home import CLONE_POINTER_FILE, HOME_POINTER_FILE, PostgresHome
from runtime.database.postgres_server import PostgresServer
from runtime.supervision.instance_lock import instance_lock
from runtime.supervision.process_registry import ProcessRegistry


def uninstall(clone: Clone) -> int:
    """End what is left running of `clone`, and remove root's database of it. Return 0.

    Raises CannotStart while Signalbook runs from this clone.
    """
    clone.create_state_folder()
    with instance_lock(clone.state / "lock", "being removed"):
        ProcessRegistry(clone.state / "processes.json").end_leftovers()
        note = clone.state / HOME_POINTER_FILE
        folder = Path(note.read_text().strip()) if note.is_file() else clone.state / "postgres"
        PostgresServer(PostgresHome(folder, folder / "run", folder, None), clone.log("postgres")).end_leftover_server()
        named = folder / CLONE_POINTER_FILE
        if named.is_file() and named.read_text().strip() == str(clone.root):
            shutil.rmtree(folder)
            note.unlink()
    return 0
