"""Anybody can read and try the core in a bare interpreter: no Django, no queue, no database, no HTTP."""

import subprocess
import sys

PROGRAM = """
import sys

class Refuse:
    blocked = {"django", "rest_framework", "celery", "psycopg", "requests", "httpx", "urllib3", "kombu"}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.blocked:
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Refuse())
from catalog.contract import *
from catalog.contract import Event, __all__, compile_contract, infer_definition, parse_json
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.versions import app_version_order
import catalog.contract

assert all(hasattr(catalog.contract, name) for name in __all__)
reading = parse_json(b'{"total": "27.50"}')
document = infer_definition([Event(call="track", event="Order Completed", properties={"total": 27.5})]).document
judgement = compile_contract(document).check(Event(call="track", event="Order Completed", properties=reading.value))
fast = FastContract(compile_contract(document))
body = b'{"batch": [{"type": "track", "event": "Order Completed", "properties": {"total": 27.5}}]}'
assert read_batch(body, max_events=1).accept(lambda outline: fast)[0].properties == {"total": 27.5}
print(judgement.verdict, judgement.violations[0].path, app_version_order.sort_key("1.2", "semver") is not None)
"""


def test_the_core_runs_with_everything_else_blocked():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""
    assert done.stdout.split() == ["nonconforming", "/properties/total", "True"]
