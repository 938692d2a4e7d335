"""What an error of PostgreSQL, or of a pooler in front of it, means for a request or a job."""

from shared.errors import InvalidRequest, OstinatoError, Unavailable

TRANSIENT_SQLSTATES = frozenset(
    {
        *("57P01", "57P02", "57P03"),  # the server shuts down, has crashed, is starting
        *("53100", "53200", "53300", "53400"),  # disk or memory is full, no connection left
        *("55P03", "57014", "25P03"),  # timeout of a lock, a statement or an idle transaction
        *("40001", "40P01"),  # serialization failure, deadlock
    }
)
"""SQLSTATEs after which a retry of the same transaction may succeed."""
NUL_SQLSTATES = frozenset({"22021", "22P05"})
"""PostgreSQL stores the character NUL neither in a text nor in a document."""
POOLER_IS_FULL = "no more connections allowed"
"""PgBouncer's error for what is 53300 in PostgreSQL; all its errors have the SQLSTATE 08P01."""
POOLER_ADVICE = {
    'prepared statement "': "If this process connects to a pooler in transaction mode, set "
    "OSTINATO_PREPARED_STATEMENTS=false.",
    "unsupported startup parameter": "Set ignore_startup_parameters and connect_query of PgBouncer "
    "as deploy/pgbouncer.ini does.",
}
"""What to do about errors that a pooler causes, by a part of their message."""


def service_error(error: BaseException) -> OstinatoError | None:
    """The error to raise instead of one that the server sent.

    None if there is no better one; the error of the server then has a note if a pooler causes it.
    """
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate in TRANSIENT_SQLSTATES or POOLER_IS_FULL in str(error):
        return Unavailable("PostgreSQL")
    if sqlstate in NUL_SQLSTATES:
        return InvalidRequest(
            "A text of the request has the character NUL (U+0000), which cannot be stored; "
            "remove it.",
            field="body",
        )
    for message, advice in POOLER_ADVICE.items():
        if message in str(error):
            error.add_note(advice)
    return None
