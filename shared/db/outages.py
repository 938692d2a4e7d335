"""Which errors of PostgreSQL, or of a pooler in front of it, are temporary."""

TRANSIENT_SQLSTATES = frozenset(
    {
        *("57P01", "57P02", "57P03"),  # the server shuts down, has crashed, is starting
        *("53100", "53200", "53300", "53400"),  # disk or memory is full, no connection left
        *("55P03", "57014", "25P03"),  # timeout of a lock, a statement or an idle transaction
        *("40001", "40P01"),  # serialization failure, deadlock
    }
)
"""SQLSTATEs after which a retry of the same transaction may succeed."""
POOLER_IS_FULL = "no more connections allowed"
"""PgBouncer's error for what is 53300 in PostgreSQL; all its errors have the SQLSTATE 08P01."""
POOLER_ADVICE = {
    'prepared statement "': "If this process connects to a pooler in transaction mode, set "
    "OSTINATO_PREPARED_STATEMENTS=false.",
    "unsupported startup parameter": "Set ignore_startup_parameters and connect_query of PgBouncer "
    "as deploy/pgbouncer.ini does.",
}
"""What to do about errors that a pooler causes, by a part of their message."""


def is_transient(error: BaseException | None) -> bool:
    """Whether a retry of the same transaction may succeed after this error of the server."""
    return getattr(error, "sqlstate", None) in TRANSIENT_SQLSTATES or POOLER_IS_FULL in str(error)


def add_pooler_advice(error: BaseException) -> None:
    """Add a note to an error that a pooler causes."""
    for message, advice in POOLER_ADVICE.items():
        if message in str(error):
            error.add_note(advice)
