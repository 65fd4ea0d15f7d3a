"""The SQL that keeps the audit log: rows are written once, only count up, and go by age.

Frozen beside the migration that runs it. The application's role deletes no row itself, and not through
`signalbook_purge_rows` either, which takes tables whose trigger is named `written_once`: an intruder could else erase
what it says of them. `signalbook_expire_audit` runs as the owner, leaves what is younger than a week, and writes into
history what it deleted.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARD = "signalbook_refuse_change"
COUNT_UP = "signalbook_count_up"
EXPIRE = "signalbook_expire_audit"
TABLE = "accounts_auditentry"

PROTECT = f"""
CREATE FUNCTION {COUNT_UP}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF NEW.times < OLD.times THEN
        RAISE EXCEPTION 'a count of % only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER audit_written_once BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {GUARD}('times');
CREATE TRIGGER counts_up BEFORE UPDATE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION {COUNT_UP}();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION {GUARD}();
"""


def expire_function(schema: str) -> str:
    """Return the SQL of the expiry for tables of `schema`, an identifier that is quoted where it must be."""
    return f"""
CREATE FUNCTION {EXPIRE}(before timestamptz, actor bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $body$
DECLARE
    flag_before text := coalesce(current_setting('signalbook.purge', true), '');
    removed bigint;
BEGIN
    IF before IS NULL OR before > clock_timestamp() - interval '7 days' THEN
        RAISE EXCEPTION 'entries of the audit log are kept for a week at least'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('signalbook.purge', 'on', true);
    DELETE FROM {TABLE} WHERE at < before;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('signalbook.purge', flag_before, true);
    IF removed > 0 THEN
        INSERT INTO accounts_historyentry
            (at, actor_id, subject_type, subject_id, action, from_state, to_state, message, evidence)
        VALUES (
            clock_timestamp(), actor, 'purge', '{TABLE}', 'rows expired', '', '', 'Past the time they are kept.',
            jsonb_build_object('rows', removed, 'before', before, 'database_role', session_user)
        );
    END IF;
    RETURN removed;
END
$body$;
REVOKE ALL ON FUNCTION {EXPIRE}(timestamptz, bigint) FROM PUBLIC;
"""  # noqa: S608  names of this file and of the database


UNPROTECT = f"""
DROP FUNCTION {EXPIRE}(timestamptz, bigint);
DROP TRIGGER never_emptied ON {TABLE};
DROP TRIGGER counts_up ON {TABLE};
DROP TRIGGER audit_written_once ON {TABLE};
DROP FUNCTION {COUNT_UP}();
"""


def guard_audit_log(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Protect the table, and create its expiry for the schema that it lies in."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(PROTECT)
        cursor.execute(expire_function(schema))


def unguard_audit_log(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the table as any other."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(UNPROTECT)
