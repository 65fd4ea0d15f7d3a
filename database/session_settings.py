"""What a session of the application starts with, whatever settings its database role was given.

A role may change its own settings for good: `ALTER ROLE signalbook_app SET default_transaction_read_only = on`. One
injected statement could so break every connection that comes later. What a client says as it connects goes before the
settings of the role, the database and the server. Saying it by `SET` would be too late: a `statement_timeout` of a
millisecond ends that, too, and with a `local_preload_libraries` that is not there nobody gets so far.
"""

SESSION_SETTINGS = {
    # Without these there is no connection, or one that ends by itself.
    "local_preload_libraries": "",
    "exit_on_error": "off",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "tcp_user_timeout": "0",
    # Waits are bounded by `wait_limits`, and by whoever sets a limit in a transaction.
    "statement_timeout": "0",
    "lock_timeout": "0",
    # What transactions are taken for.
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "default_transaction_isolation": "read\\ committed",
    # How values are read and written, and what statements find.
    "datestyle": "ISO,MDY",
    "intervalstyle": "postgres",
    "standard_conforming_strings": "on",
    "array_nulls": "on",
    "extra_float_digits": "1",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "gin_fuzzy_search_limit": "0",
}

# How plans are chosen. Indexes lie in memory or on disks that seek quickly; a page that asks for several processes at
# once would hold up the others; and statements are too short to be compiled.
PLANNER_SETTINGS = {
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}

# A server that does not know a setting lets nobody in who says it. PostgreSQL 17 has this one.
NEWER_SETTINGS = {"transaction_timeout": "0"}


def with_session_settings(options: str, *, is_older_server: bool) -> str:
    """Return the `options` of a connection, led by the settings of every session; what `options` says itself stays.

    For an older server they are without NEWER_SETTINGS.
    """
    settings = SESSION_SETTINGS | PLANNER_SETTINGS | ({} if is_older_server else NEWER_SETTINGS)
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    # Of two options of one name the last one holds.
    return f"{ours} {options}".rstrip()


def is_of_older_server(error: Exception) -> bool:
    """Return whether a server refused a connection for a setting that it does not know yet."""
    return any(name in str(error) for name in NEWER_SETTINGS)
