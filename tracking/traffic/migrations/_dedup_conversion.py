"""How the ids that are known become keys of one number, so that what was seen before the migration stays seen.

Frozen beside the migration that runs it.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EPOCH = 1_577_836_800  # the beginning of 2020

# The first content of an id has the key of the id, each other one a key of its own. `#` is the exclusive or. An id
# without a content, of a release before there were any, stands for all of them.
CONVERT = f"""
INSERT INTO traffic_dedupkey (key, content, seen_at)
SELECT CASE WHEN place = 1 THEN id_key ELSE id_key # content_hash END,
    (((content_hash & 4294967295) # 2147483648) - 2147483648)::int,
    (floor(extract(epoch FROM seen_at)) - {EPOCH})::int
FROM (
    SELECT id_hash # scope_hash AS id_key, content_hash, seen_at,
        row_number() OVER (
            PARTITION BY source_id, environment, id_hash ORDER BY content_hash IS NOT NULL, seen_at, id
        ) AS place
    FROM traffic_dedupkeybefore
    JOIN unnest(%s::bigint[], %s::text[], %s::bigint[]) AS scope (source_id, environment, scope_hash)
        USING (source_id, environment)
) AS numbered
WHERE place = 1 OR content_hash IS NOT NULL
ORDER BY 1
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608  a number of this file


def scope_hash(source_id: int, environment: str) -> int:
    """Return what makes an id of one source and environment another one than the same id elsewhere."""
    key = hashlib.blake2b(b"event scope", key=hashlib.sha256(settings.SECRET_KEY.encode()).digest()).digest()
    text = f"{source_id} {environment}".encode()
    return int.from_bytes(hashlib.blake2b(text, key=key, digest_size=8).digest(), "big", signed=True)


def convert_known_ids(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the keys of all ids that are known. Sorted, so that the index grows at its end."""
    before = apps.get_model("traffic", "DedupKeyBefore")
    scopes = before.objects.order_by("source_id", "environment").values_list("source_id", "environment").distinct()
    known = [(source_id, environment, scope_hash(source_id, environment)) for source_id, environment in scopes]
    if not known:
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(CONVERT, [list(column) for column in zip(*known, strict=True)])


def forget_known_ids(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Go back without them: a key does not say of which source it is."""
