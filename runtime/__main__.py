"""The commands of the runtime: `up` runs Signalbook, `web` its web server, `workers` what works behind it.

`health` asks whether workers live, `restore` fills a new clone from a backup, `db` makes a database for tests, `forget`
removes data elsewhere.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from runtime.clone import ROOT, Clone
from runtime.database.temporary_database import run_with_database
from runtime.files import is_disk_full
from runtime.startup.startup_sequence import restore_installation, run_installation
from runtime.startup.worker_children import WORKERS
from runtime.startup.worker_commands import print_health, run_workers, worker_names
from runtime.startup_errors import StartupError
from runtime.terminal import print_error
from runtime.uninstall import uninstall
from runtime.web_server import serve, web_server_options


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code for the shell: 1 where it cannot be run."""
    parser = argparse.ArgumentParser(prog="python -m runtime", description="Runs Signalbook on one machine.")
    commands = parser.add_subparsers(dest="name", required=True)
    commands.add_parser("up", help="run Signalbook until Ctrl-C")
    restore = commands.add_parser("restore", help="fill the empty database of this clone from a backup")
    restore.add_argument("file", type=Path, help="what `manage.py backup` wrote")
    commands.add_parser("forget", help="end what is left running, and remove root's database of this clone")
    commands.add_parser("web", help="run the web server alone, at HOST and PORT")
    workers = commands.add_parser("workers", help="run worker processes, and replace those that end, hang or are deaf")
    workers.add_argument("names", nargs="*", metavar="NAME", help=f"which; without any, {' '.join(WORKERS)}")
    health = commands.add_parser("health", help="say whether the workers of this machine live; 1 where one does not")
    health.add_argument("names", nargs="*", metavar="NAME", help=f"which; without any, {' '.join(WORKERS)}")
    db = commands.add_parser("db", help="run a command with a database of its own; without one, print its URL and wait")
    db.add_argument("--durable", action="store_true", help="keep what is committed, as an installation does: slower")
    db.add_argument("command", nargs=argparse.REMAINDER, help="the command, after --")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.name == "db":
            command = chosen.command[chosen.command[:1] == ["--"] :]
            return run_with_database(command, is_durable=chosen.durable)
        if chosen.name == "web":
            return serve(web_server_options(os.environ))
        clone = Clone(ROOT)
        if chosen.name == "workers":
            return run_workers(clone, worker_names(chosen.names))
        if chosen.name == "health":
            return print_health(clone, worker_names(chosen.names))
        if chosen.name == "restore":
            return restore_installation(clone, chosen.file)
        return run_installation(clone) if chosen.name == "up" else uninstall(clone)
    except StartupError as error:
        print_error(str(error))
        return 1
    except OSError as error:
        if not is_disk_full(error):
            raise
        print_error(f"There is no room to write {error.filename or 'what it needs'}: the disk is full.")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
