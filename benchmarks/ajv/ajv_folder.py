"""The folder that ajv runs in: its package, and the schemas that it compiles."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FILES = Path(__file__).parent


class AjvIsMissing(Exception):
    """ajv cannot be measured here; the text says why."""


def node() -> str:
    """Return the path of Node. Raises AjvIsMissing."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise AjvIsMissing("ajv was left out: Node is not here (apt-get install nodejs npm).")
    return found


@contextmanager
def ajv_folder(schemas: Mapping[str, Any]) -> Iterator[Path]:
    """Install ajv into a temporary folder beside these schemas. Raises AjvIsMissing."""
    node()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(_FILES, folder, dirs_exist_ok=True)
        (folder / "schemas.json").write_text(json.dumps(schemas))
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--no-package-lock"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AjvIsMissing(f"ajv was left out: npm could not install it ({done.stderr.strip()[-200:]}).")
        yield folder
