"""procrastinate on PostgreSQL: `python procrastinate_jobs.py in|out N` prints seconds.

`in` submits N jobs that do nothing, one statement each on 16 connections; `out` runs them in one
worker with 16 concurrent jobs, until none is left. It runs without the packages of the project.
"""

import asyncio
import os
import sys
import time

import procrastinate  # type: ignore[import-not-found]  # a peer, not a dependency

CONCURRENCY = 16

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(
        conninfo=os.environ["DATABASE_URL"], min_size=CONCURRENCY, max_size=CONCURRENCY + 4
    )
)


@app.task(queue="jobs")  # type: ignore[untyped-decorator]
async def do_nothing(number: int) -> None:
    """The job."""


async def submit_all(jobs: int) -> None:
    """Submit jobs, each in a call of its own."""
    numbers = iter(range(jobs))

    async def submit() -> None:
        for number in numbers:
            await do_nothing.defer_async(number=number)

    await asyncio.gather(*(submit() for _ in range(CONCURRENCY)))


async def main(direction: str, jobs: int) -> None:
    """Measure one direction."""
    async with app.open_async():
        if direction == "in":
            await app.schema_manager.apply_schema_async()
        start = time.perf_counter()
        if direction == "in":
            await submit_all(jobs)
        else:
            await app.run_worker_async(
                queues=["jobs"],
                concurrency=CONCURRENCY,
                wait=False,
                listen_notify=False,
                install_signal_handlers=False,
            )
        sys.stdout.write(f"{time.perf_counter() - start}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
