"""Celery on Redis alone: `python celery_jobs.py in|out N` prints seconds.

`in` submits N jobs that do nothing; `out` runs them in a worker of one thread, with the default
prefetching, from the first job to the last one.
"""

import os
import sys
import threading
import time

from celery import Celery

app = Celery("jobs", broker=os.environ["REDIS_URL"])
app.conf.update(task_ignore_result=True, worker_redirect_stdouts=False)
done: list[float] = []


@app.task(name="do_nothing")  # type: ignore[untyped-decorator]
def do_nothing(number: int) -> None:
    """The job; notes when it ran."""
    done.append(time.perf_counter())


def main(direction: str, jobs: int) -> None:
    """Measure one direction."""
    if direction == "in":
        start = time.perf_counter()
        with app.producer_pool.acquire() as producer:
            for number in range(jobs):
                app.send_task("do_nothing", (number,), producer=producer)
        sys.stdout.write(f"{time.perf_counter() - start}\n")
        return
    worker = app.Worker(pool="threads", concurrency=1, loglevel="ERROR", quiet=True)
    threading.Thread(target=_exit_at_end, args=(jobs,), daemon=True).start()
    worker.start()


def _exit_at_end(jobs: int) -> None:
    while len(done) < jobs:
        time.sleep(0.01)
    sys.stdout.write(f"{done[-1] - done[0]}\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
