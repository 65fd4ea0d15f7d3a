"""The SQL of a purge whose entry in history names each row that it deleted, and no other.

Frozen beside the migration that runs it. What `_owner_guard.py` holds wrote down the ids that it was *asked* to delete,
the first thousand: an array that begins at another index than 1, or with ids of no row, hid those that were deleted.
"""

from collections.abc import Callable

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.migrations._owner_guard import GUARD, PURGE
from accounts.migrations._owner_guard import purge_function as earlier_purge_function

# As many ids as one entry names. Who has more to purge calls it again.
MAX_ROWS = 1000


def purge_function(schema: str) -> str:
    """Return the SQL of the purge for tables of `schema`, an identifier that is quoted where it must be."""
    # What it may delete is as before. The entry takes the table's name from the catalog, since what `regclass` is as a
    # text depends on settings of the session. Rights stay, as with any function that is replaced.
    return f"""
CREATE FUNCTION {PURGE}(from_table regclass, ids bigint[], actor bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $body$
DECLARE
    flag_before text := coalesce(current_setting('signalbook.purge', true), '');
    table_name text;
    removed bigint[];
BEGIN
    SELECT relname INTO table_name FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgrelid = from_table AND tgname = 'written_once' AND tgfoid = '{GUARD}'::regproc
        AND pg_get_userbyid(relowner) = current_user;
    IF table_name IS NULL THEN
        RAISE EXCEPTION '% is no table whose rows are written once', from_table
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF cardinality(ids) > {MAX_ROWS} THEN
        RAISE EXCEPTION 'at most {MAX_ROWS} rows are purged at once, not %', cardinality(ids)
            USING ERRCODE = 'program_limit_exceeded';
    END IF;
    PERFORM set_config('signalbook.purge', 'on', true);
    EXECUTE format(
        'WITH purged AS (DELETE FROM %s WHERE id = ANY ($1) %s RETURNING id)'
        ' SELECT coalesce(array_agg(id ORDER BY id), ''{{}}'') FROM purged',
        from_table,
        CASE WHEN from_table = 'accounts_historyentry'::regclass THEN
            'AND subject_type = ANY (''{{finding,delivery,request,event,property,source,category,tag}}'')'
        END
    ) INTO removed USING ids;
    PERFORM set_config('signalbook.purge', flag_before, true);
    IF cardinality(removed) > 0 THEN
        INSERT INTO accounts_historyentry
            (at, actor_id, subject_type, subject_id, action, from_state, to_state, message, evidence)
        VALUES (
            clock_timestamp(), actor, 'purge', table_name, 'rows purged', '', '', reason,
            jsonb_build_object(
                'rows', cardinality(removed), 'ids', to_jsonb(removed), 'database_role', session_user
            )
        );
    END IF;
    RETURN cardinality(removed);
END
$body$;
"""  # noqa: S608  names of this file and of the database


def name_what_was_purged(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the purge write into history the ids of the rows that it deleted."""
    _replace(schema_editor, purge_function)


def name_what_was_asked_for(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the purge as it was before."""
    _replace(schema_editor, earlier_purge_function)


def _replace(schema_editor: BaseDatabaseSchemaEditor, function: Callable[[str], str]) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(function(schema).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
