"""The metrics that processes record.

Every process defines all of them and records its own; the gateway serves those of all processes.
The values of a label are few and known: routes, queues, model versions; never an owner or an id.
docs/operations.md explains each metric.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

RECORDED = CollectorRegistry()
"""The metrics of this process."""

RESPONSE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
WAIT_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)
COMMIT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)

HTTP_REQUESTS = Counter(
    "ostinato_http_requests",
    "Requests, by the template of their route.",
    ["method", "route", "status"],
    registry=RECORDED,
)
HTTP_RESPONSE_SECONDS = Histogram(
    "ostinato_http_response_seconds",
    "Time until a response begins; an event stream may last longer.",
    ["method", "route"],
    buckets=RESPONSE_BUCKETS,
    registry=RECORDED,
)
EVENT_STREAMS = Gauge("ostinato_event_streams", "Open event streams of clients.", registry=RECORDED)
QUEUE_WAIT_SECONDS = Histogram(
    "ostinato_queue_wait_seconds",
    "Time from a submission to the first claim of each of its shards.",
    ["queue", "model"],
    buckets=WAIT_BUCKETS,
    registry=RECORDED,
)
FIRST_NOTE_SECONDS = Histogram(
    "ostinato_first_note_seconds",
    "Time from the submission of an interactive job until its first notes are published.",
    ["model"],
    buckets=WAIT_BUCKETS,
    registry=RECORDED,
)
COMMIT_LAG_SECONDS = Histogram(
    "ostinato_commit_lag_seconds",
    "Time from the last token of a melody to its commit.",
    buckets=COMMIT_BUCKETS,
    registry=RECORDED,
)
COMMITTED_ITEMS = Counter(
    "ostinato_committed_items",
    "Melodies that ended, by result: succeeded, failed, cancelled.",
    ["model", "result"],
    registry=RECORDED,
)
LEASE_EXPIRIES = Counter(
    "ostinato_lease_expiries",
    "Leases that the reaper revoked because they had expired.",
    registry=RECORDED,
)
LEASES_LOST = Counter(
    "ostinato_leases_lost",
    "Shards that a worker discarded because it had lost their leases.",
    registry=RECORDED,
)
DEVICE_MEMORY_BYTES = Gauge(
    "ostinato_device_memory_bytes",
    "Memory of the device of a worker; kind is used or total.",
    ["device", "kind"],
    registry=RECORDED,
)
