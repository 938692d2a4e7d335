"""Revisions that change many rows: `backfill` changes some in each transaction.

    def backfill(connection: Connection) -> int:
        return connection.execute(NEXT_ROWS, {"limit": BATCH_ROWS}).rowcount

`migrate` calls it until it returns 0, and `upgrade` of the same revision afterwards, so each batch
is committed, and the services wait for few rows at a time. It finds the rows that are still to be
changed by an index, such as one that the previous revision has created for it.
"""

BATCH_ROWS = 5_000
"""The rows of one batch: a fraction of a second."""
