"""Accepting melodies: what is checked before a job is promised, and the promise.

Refuses to know routes, and how a request came in.
"""

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import MAX_SEED, GenerationRequest
from ostinato.schemas.jobs import Job
from ostinato.schemas.models import Capabilities
from services.gateway.app_state import State
from shared.broker.queues import QUEUE_OF
from shared.db.jobs import Jobs
from shared.db.models import Models
from shared.db.new_job import Order
from shared.db.primers import Primers
from shared.errors import Conflict, InvalidRequest, NotFound, TooManyRequests

RETRY_AFTER = 30
"""Seconds after which a full queue is worth another look."""
WISHES = (
    ("regenerate", "infill", "write bars of a MIDI file anew"),
    ("primer_id", "primer", "go on from a MIDI file"),
    ("scale", "scale", "keep to a scale"),
    ("chords", "chords", "follow chords"),
)
"""Fields that not every version can heed: its capability, and what the field asks for."""


def order_of(
    posted: GenerationRequest,
    owner: str,
    idempotency_key: str | None,
    traceparent: str | None,
    batch_sha256: bytes = b"",
) -> Order[GenerationRequest]:
    """The order of a request, with everything that was left open decided."""
    seed = posted.seed
    if seed is None:
        seed = secrets.randbelow(MAX_SEED - posted.count)
    return Order(
        owner=owner,
        posted=posted,
        request=posted.model_copy(update={"seed": seed, "priority": posted.effective_priority}),
        queue=QUEUE_OF[posted.effective_priority],
        idempotency_key=idempotency_key,
        traceparent=traceparent,
        batch_sha256=batch_sha256,
    )


async def accept(gateway: State, orders: Sequence[Order[GenerationRequest]]) -> list[Job]:
    """Check and write all in one transaction; publishing does not delay the answer.

    What was accepted before is not checked again: it is there, whatever has become of the rest.
    """
    async with gateway.database.transaction() as connection:
        repository = Jobs(connection)
        before = [await repository.accepted_before(order) for order in orders]
        pairs = list(zip(orders, before, strict=True))
        new = [order for order, job in pairs if job is None]
        await _check(connection, new, gateway.settings.max_unfinished_melodies)
        jobs = [job or await repository.accept(order) for order, job in pairs]
    for job in jobs:
        gateway.publisher.soon(job.id)
    return jobs


async def _check(
    connection: AsyncConnection, new: Sequence[Order[GenerationRequest]], most: int
) -> None:
    if not new:
        return
    await _check_quota(connection, new, most)
    able = await Models(connection).capabilities()
    for order in new:
        _check_model(order.request, able)
        await _check_primer(connection, order)


async def _check_quota(
    connection: AsyncConnection, orders: Sequence[Order[GenerationRequest]], most: int
) -> None:
    waiting = await Jobs(connection).unfinished_melodies(orders[0].owner)
    asked = sum(order.request.count for order in orders)
    if waiting + asked > most:
        raise TooManyRequests(
            f"You wait for {waiting:,} melodies and may wait for {most:,}: these {asked:,} are too "
            "many now.",
            retry_after=RETRY_AFTER,
        )


def _check_model(request: GenerationRequest, versions: Mapping[str, Capabilities | None]) -> None:
    able = {version: what for version, what in versions.items() if what is not None}
    model = able.get(request.model)
    if model is None and request.model in versions:
        detail = f"{request.model} waits for somebody to promote it"
        raise Conflict(f"model: {detail}: POST /v1/models/{request.model}/promote.", field="model")
    if model is None:
        raise NotFound("model", request.model, models=sorted(able))
    most = model.max_bars
    if request.num_bars > most:
        raise InvalidRequest(
            f"bars: {request.model} writes 1 to {most} bars.",
            field="bars",
            minimum=1,
            maximum=most,
        )
    for field, capability, what in WISHES:
        if getattr(request, field) is not None and not getattr(model, capability):
            others = sorted(name for name, it in able.items() if getattr(it, capability))
            raise InvalidRequest(
                f"{field}: {request.model} cannot {what}; these can: {others}.",
                field=field,
                models=others,
            )


async def _check_primer(connection: AsyncConnection, order: Order[GenerationRequest]) -> None:
    primer_id, again = order.request.primer_id, order.request.regenerate
    if primer_id is None:
        return
    bars = await Primers(connection).num_bars(primer_id, order.owner)
    if bars is None:
        raise NotFound("primer", primer_id)
    if again is not None and again[-1] >= bars:
        raise InvalidRequest(
            f"regenerate: the primer has {bars} bars, counted from 0.",
            field="regenerate",
            maximum=bars - 1,
        )
