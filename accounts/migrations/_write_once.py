"""Migration operations that make a table's rows unchangeable in the database itself.

Frozen beside the migrations that use it: what is written here has run on every installation. A trigger that differs
gets a new module beside this one, and a migration that replaces the old one.

Used in a migration of the table's own app, after the one that creates the table:

    dependencies = [("accounts", "0002_protect_history"), ...]
    operations = [protect("catalog_version", allow_columns=("published_at",))]
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

FUNCTION = "signalbook_refuse_change"

# `signalbook.purge` opens a transaction for purge_demo (see `accounts.history.purge`).
# `signalbook.testing_truncate` lets the test runner empty tables between tests, and opens nothing else.
CREATE_FUNCTION = f"""
CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF current_setting('signalbook.purge', true) = 'on' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_setting('signalbook.testing_truncate', true) = 'on' THEN
        RETURN NULL;
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
"""


def create_function() -> RunSQL:
    """The operation that creates the shared trigger function; the first migration that protects runs it."""
    return RunSQL(CREATE_FUNCTION, f"DROP FUNCTION {FUNCTION}();")


def protect(table: str, allow_columns: Sequence[str] = ()) -> RunSQL:
    """An operation after which `table` takes INSERT alone.

    UPDATE, DELETE and TRUNCATE raise django.db.IntegrityError, but for an UPDATE that touches nothing
    beyond `allow_columns`. Rows referenced from a protected table must use PROTECT or DO_NOTHING, since
    CASCADE and SET_NULL would be refused.

    Raises ValueError where a name is not a plain identifier.
    """
    for name in (table, *allow_columns):
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not the plain name of a table or column.")
    arguments = ", ".join(f"'{column}'" for column in allow_columns)
    return RunSQL(
        f"""
        CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {FUNCTION}({arguments});
        CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}();
        """,
        f"""
        DROP TRIGGER never_emptied ON {table};
        DROP TRIGGER written_once ON {table};
        """,
    )
