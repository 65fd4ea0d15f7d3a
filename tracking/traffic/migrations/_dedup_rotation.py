"""The SQL by which the two tables of dedup keys change places, and their settings.

Frozen beside the migration that runs it. The application's role changes no table, so `signalbook_rotate_dedup_keys`
runs as the owner. It forgets nothing that is younger than it was told to keep, an hour at least.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROTATE = "signalbook_rotate_dedup_keys"
CURRENT, EARLIER, ROTATION = "traffic_dedupkey", "traffic_earlierdedupkey", "traffic_deduprotation"

# Rows are added, and go all at once: a vacuum would read them for nothing, and stand in the way of the rotation.
NEVER_VACUUMED = f"""
ALTER TABLE {CURRENT} SET (autovacuum_enabled = false);
ALTER TABLE {EARLIER} SET (autovacuum_enabled = false);
"""


def rotate_function(schema: str) -> str:
    """Return the SQL of the rotation for tables of `schema`, an identifier that is quoted where it must be."""
    # The caller keeps everybody from adding rows. Whoever reads the tables, such as a backup, is waited for.
    return f"""
CREATE FUNCTION {ROTATE}(kept interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $body$
BEGIN
    INSERT INTO {ROTATION} (id, rotated_at) VALUES (1, clock_timestamp()) ON CONFLICT (id) DO NOTHING;
    UPDATE {ROTATION} SET rotated_at = clock_timestamp()
    WHERE rotated_at <= clock_timestamp() - greatest(kept, interval '1 hour');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    TRUNCATE {EARLIER};
    ALTER TABLE {CURRENT} RENAME TO {CURRENT}_rotated;
    ALTER TABLE {EARLIER} RENAME TO {CURRENT};
    ALTER TABLE {CURRENT}_rotated RENAME TO {EARLIER};
    RETURN true;
END
$body$;
REVOKE ALL ON FUNCTION {ROTATE}(interval) FROM PUBLIC;
"""  # noqa: S608  names of this file and of the database


def create_rotation(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set the tables up, and create the rotation for the schema that they lie in."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NEVER_VACUUMED)
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(rotate_function(schema))


def drop_rotation(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the tables as any other."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"DROP FUNCTION {ROTATE}(interval)")
