"""The SQL by which rows written once ask for the role that owns their table, and by which the application purges.

Frozen beside the migration that runs it, as `_write_once.py` is. The application's role owns nothing, so no flag that
it sets opens anything. What it must delete goes through `signalbook_purge_rows`, which runs as the owner and writes
into history what it did.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARD = "signalbook_refuse_change"
PURGE = "signalbook_purge_rows"

# The flag keeps the owner itself from accidents, and an installation with a single role from its application's.
REFUSE_CHANGE = f"""
CREATE OR REPLACE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        IF current_setting('signalbook.purge', true) = 'on' THEN
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'TRUNCATE' AND current_setting('signalbook.testing_truncate', true) = 'on' THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        IF to_jsonb(NEW) - TG_ARGV::text[] = to_jsonb(OLD) - TG_ARGV::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% rows are written once: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$body$;
"""  # noqa: S608  names of this file


def purge_function(schema: str) -> str:
    """Return the SQL of the purge for tables of `schema`, an identifier that is quoted where it must be."""
    # `pg_temp` stands last: named nowhere, it would be searched first. Of history only what happened to things that are
    # purged goes: never what people did to accounts, and never what a purge wrote.
    return f"""
CREATE FUNCTION {PURGE}(from_table regclass, ids bigint[], actor bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $body$
DECLARE
    flag_before text := coalesce(current_setting('signalbook.purge', true), '');
    removed bigint;
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE tgrelid = from_table AND tgname = 'written_once' AND tgfoid = '{GUARD}'::regproc
            AND pg_get_userbyid(relowner) = current_user
    ) THEN
        RAISE EXCEPTION '% is no table whose rows are written once', from_table
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('signalbook.purge', 'on', true);
    EXECUTE format(
        'DELETE FROM %s WHERE id = ANY ($1) %s',
        from_table,
        CASE WHEN from_table = 'accounts_historyentry'::regclass THEN
            'AND subject_type = ANY (''{{finding,delivery,request,event,property,source,category,tag}}'')'
        END
    ) USING ids;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('signalbook.purge', flag_before, true);
    IF removed > 0 THEN
        INSERT INTO accounts_historyentry
            (at, actor_id, subject_type, subject_id, action, from_state, to_state, message, evidence)
        VALUES (
            clock_timestamp(), actor, 'purge', from_table::text, 'rows purged', '', '', reason,
            jsonb_build_object('rows', removed, 'ids', to_jsonb(ids[1:1000]), 'database_role', session_user)
        );
    END IF;
    RETURN removed;
END
$body$;
REVOKE ALL ON FUNCTION {PURGE}(regclass, bigint[], bigint, text) FROM PUBLIC;
"""  # noqa: S608  names of this file and of the database


DROP_PURGE = f"DROP FUNCTION {PURGE}(regclass, bigint[], bigint, text);"


def create_functions(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Replace the guard, and create the purge for the schema that the tables lie in."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(REFUSE_CHANGE)
        cursor.execute(purge_function(schema))
