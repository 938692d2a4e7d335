"""How many things of a kind an owner may wait for; melodies are counted where they are accepted.

Refuses to know what they are about.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import Kind
from shared.db.job_store import Ledger
from shared.errors import TooManyRequests

ADVICE = {
    Kind.TRAINING: ("trainings", "cancel one, or wait", 600),
    Kind.EVALUATION: ("evaluations", "wait until one has ended", 60),
    Kind.READING: ("data sets to be read", "wait until one is", 30),
}
"""What they are called, what to do about too many, and the seconds that one takes, or about so."""


async def check_quota(connection: AsyncConnection, owner: str, kind: Kind, most: int) -> None:
    """Before one more of a kind is accepted.

    Raises:
        TooManyRequests: the owner waits for as many as one may.
    """
    if await Ledger(connection).unfinished(owner, kind) >= most:
        name, advice, retry_after = ADVICE[kind]
        raise TooManyRequests(
            f"You wait for {most} {name}, which is as many as you may; {advice}.",
            retry_after=retry_after,
        )
