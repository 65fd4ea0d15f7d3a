"""What the application's database role may do: read and write rows, and nothing that changes a table.

The tables belong to the role that migrates. Granting is the last step of each migration (`accounts.apps`), and reaches
tables that are created later, such as the cache's.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

# What the owner does for the application, by functions that run as the owner.
OWNER_FUNCTIONS = ("signalbook_purge_rows", "signalbook_expire_audit", "signalbook_rotate_dedup_keys")

# Which migrations ran is for the owner to say.
READ_ONLY_TABLES = ("django_migrations",)

OWNED_RELATIONS = """
SELECT relname, relkind = 'S' FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
    AND pg_get_userbyid(relowner) = current_user
ORDER BY relname
"""
OWNED_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND proname = ANY (%s) AND pg_get_userbyid(proowner) = current_user
"""
# A server set up before PostgreSQL 15 lets everybody create tables in the schema `public`, and any lets everybody
# create temporary ones. Only the owner of the schema and of the database can end that.
OPEN_TO_ALL = """
SELECT has_schema_privilege(%(role)s, nspname, 'CREATE') AND pg_has_role(nspowner, 'USAGE'),
    has_database_privilege(%(role)s, datname, 'TEMPORARY') AND pg_has_role(datdba, 'USAGE')
FROM pg_namespace, pg_database WHERE nspname = current_schema() AND datname = current_database()
"""


def grant_application_role(connection: BaseDatabaseWrapper, role: str) -> None:
    """Grant `role` what the application does with the tables of this connection's role, and with its future ones.

    Nothing happens where `role` is "" or this connection's own. Raises ImproperlyConfigured where there is no such
    role.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role, role])
        is_ours, is_known = cursor.fetchone()
        if not role or is_ours:
            return
        if not is_known:
            raise ImproperlyConfigured(
                f"The database has no role {role!r}, which DATABASE_URL names for the application. "
                f"Create it and migrate again: CREATE ROLE {role} LOGIN PASSWORD '...'"
            )
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = (sql.Identifier(name) for name in cursor.fetchone())
        to = sql.Identifier(role)
        cursor.execute(OWNED_RELATIONS)
        relations = cursor.fetchall()
        tables = [name for name, is_sequence in relations if not is_sequence and name not in READ_ONLY_TABLES]
        sequences = [name for name, is_sequence in relations if is_sequence]
        read_only = [name for name, _ in relations if name in READ_ONLY_TABLES]
        cursor.execute(OWNED_FUNCTIONS, [list(OWNER_FUNCTIONS)])
        functions = [sql.SQL(signature) for (signature,) in cursor.fetchall()]
        cursor.execute(OPEN_TO_ALL, {"role": role})
        can_create, can_create_temporary = cursor.fetchone()

        statements = [
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, to),
            *_on(tables, "GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}", schema, to),
            *_on(sequences, "GRANT USAGE, SELECT ON SEQUENCE {} TO {}", schema, to),
            *_on(read_only, "REVOKE ALL ON {} FROM {}", schema, to),
            *_on(read_only, "GRANT SELECT ON {} TO {}", schema, to),
            *(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(function, to) for function in functions),
            sql.SQL(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
            ).format(schema, to),
            sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT USAGE, SELECT ON SEQUENCES TO {}").format(schema, to),
        ]
        if can_create:
            statements.append(sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}").format(schema, to))
        if can_create_temporary:
            statements.append(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(database, to))
        for statement in statements:
            cursor.execute(statement)


def _on(names: list[str], statement: str, schema: sql.Identifier, role: sql.Identifier) -> list[sql.Composed]:
    """Return the statement for all of these relations, as a list of one; of none where there is none."""
    if not names:
        return []
    relations = sql.SQL(", ").join(sql.SQL(".").join((schema, sql.Identifier(name))) for name in names)
    return [sql.SQL(statement).format(relations, role)]
