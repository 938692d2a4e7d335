# ruff: noqa: S608 - the texts that are inserted are constants
"""Webhooks and their deliveries in the database with years of work."""

from uuid import UUID

DELIVERY_ID = "01d00000-0000-7000-8000-"


def delivery_id(number: int) -> UUID:
    """The id of a delivery, from 1; the first quarter belongs to one owner."""
    return UUID(f"{DELIVERY_ID}{number:012x}")


def webhook_statements(webhooks: int, deliveries: int, first_owner: str) -> list[str]:
    """Inserts a webhook each for `owner-1` and so on, and deliveries to them in turn.

    Half of the deliveries have ended, and a quarter are due.
    """
    return [
        f"""
        INSERT INTO webhooks (id, owner, url, secret)
        SELECT gen_random_uuid(), 'owner-' || n, 'https://host-' || n, 'whsec_AAAA'
        FROM generate_series(1, {webhooks}) AS n
        """,
        f"""
        INSERT INTO webhook_deliveries (id, owner, host, url, webhook_id, type, state,
            next_attempt_at, ended_at)
        SELECT ('{DELIVERY_ID}' || lpad(to_hex(n), 12, '0'))::uuid,
            CASE WHEN n <= {deliveries} / 4 THEN '{first_owner}' ELSE webhooks.owner END,
            webhook_host(webhooks.url), webhooks.url, webhooks.id, 'webhook.test',
            CASE WHEN n % 2 = 0 THEN 'pending' WHEN n % 10 = 1 THEN 'dead' ELSE 'delivered' END,
            now() + CASE WHEN n % 4 = 0 THEN interval '-1 hour' ELSE interval '1 hour' END,
            CASE WHEN n % 2 = 1 THEN now() - interval '1 year' + n * interval '1 second' END
        FROM generate_series(1, {deliveries}) AS n
            JOIN webhooks ON owner = 'owner-' || (n % {webhooks} + 1)
        """,
    ]
