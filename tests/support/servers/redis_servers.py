"""Redis servers of the distribution: a primary behind Sentinel, and a Cluster.

The tests skip without Debian's packages redis-server and redis-sentinel; with CI=true they fail.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from deploy.local.log import Log
from deploy.local.machine.ports import LOOPBACK
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
from deploy.local.state_dir import StateDir

PASSWORD = "p@ss;w%rd/1"
SENTINEL_PASSWORD = "sentinels+1"
LOGIN = f":{quote(PASSWORD, safe='')}@"
MASTER_NAME = "ostinato-primary"
NUM_SLOTS = 16_384
TIMEOUT = 30.0
COMMON = f"""\
bind {LOOPBACK}
dir .
save ""
requirepass {PASSWORD}
masterauth {PASSWORD}
repl-diskless-sync-delay 0
"""
SENTINEL = f"""\
bind {LOOPBACK}
dir .
requirepass {SENTINEL_PASSWORD}
sentinel sentinel-pass {SENTINEL_PASSWORD}
sentinel monitor {MASTER_NAME} {LOOPBACK} {{primary}} 2
sentinel auth-pass {MASTER_NAME} {PASSWORD}
sentinel down-after-milliseconds {MASTER_NAME} {{down_after}}
sentinel failover-timeout {MASTER_NAME} 3000
"""
CLUSTER = "cluster-enabled yes\ncluster-node-timeout {down_after}\ncluster-port {bus}\n"
FAST_FAILOVER = 700
"""Milliseconds until a server that does not answer counts as down."""
NO_FAILOVER = 20_000
"""The same where a test stops no server: a busy machine must not cause a failover."""


def require_redis() -> None:
    """Skip the test if a binary is missing; in CI, which installs the packages, fail it."""
    missing = [name for name in ("redis-server", "redis-sentinel") if shutil.which(name) is None]
    if missing:
        reason = f"{missing[0]} is missing: apt-get install {missing[0]}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; with CI=true the tests of Sentinel and Cluster must run")
        pytest.skip(f"THE TESTS OF SENTINEL AND CLUSTER DID NOT RUN: {reason}")


class RedisServers:
    """Several servers in one folder; leaving the block stops them."""

    def __init__(self, folder: Path, *, down_after: int) -> None:
        require_redis()
        self._down_after = down_after
        with ExitStack() as resources:
            self._state_dir = StateDir.create(folder)
            lock = self._state_dir.lock()
            resources.callback(self._state_dir.unlock, lock)
            self._log = resources.enter_context(Log(folder / "log"))
            self._spawner = resources.enter_context(ProcessSpawner(lock))
            self._resources = resources.pop_all()
        self._processes: dict[str, Process] = {}

    def __enter__(self) -> Self:
        with ExitStack() as cleanup:
            cleanup.push(self)
            self.start_all()
            cleanup.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        for process in self._processes.values():
            process.kill()
        self._resources.close()

    @property
    def redis_url(self) -> str:
        """The URL of these servers, as OSTINATO_REDIS_URL has it."""
        raise NotImplementedError

    def start_all(self) -> None:
        """Start the servers, and wait until they know each other."""
        raise NotImplementedError

    def start(self, name: str, configuration: str, program: str = "redis-server") -> None:
        """Start a server of this configuration, on the port that is allocated to it."""
        folder = self._state_dir.path / name
        folder.mkdir()
        (folder / "redis.conf").write_text(f"port {self.port(name)}\n{configuration}")
        command = [str(shutil.which(program)), "redis.conf"]
        spec = ProgramSpec(name=name, command=command, env={}, cwd=folder)
        process = self._processes[name] = Process(spec, self._spawner, self._log)
        password = SENTINEL_PASSWORD if program == "redis-sentinel" else PASSWORD
        while not _answers(self.client(name, password=password)):
            assert process.running, process.last_line
            time.sleep(0.02)

    def allocate_ports(self, names: Iterable[str]) -> None:
        self._state_dir.allocate_ports(**dict.fromkeys(names, 0))

    def port(self, name: str) -> int:
        return self._state_dir.port(name)

    def client(self, name: str, *, password: str = PASSWORD) -> "Redis":
        """A client of one server; connections are closed with it."""
        url = f"redis://{LOOPBACK}:{self.port(name)}"
        return Redis.from_url(url, password=password, decode_responses=True, retry=None)

    def ask(self, name: str, *command: str | int, password: str = PASSWORD) -> Any:  # noqa: ANN401
        """The answer of one server to one command."""
        with self.client(name, password=password) as client:
            return client.execute_command(*command)

    def info(self, name: str, section: str, *, password: str = PASSWORD) -> dict[str, Any]:
        with self.client(name, password=password) as client:
            info: dict[str, Any] = client.info(section)
            return info

    def kill(self, name: str) -> None:
        """Send SIGKILL to a server, and wait for its end."""
        self._processes.pop(name).kill()


class SentinelServers(RedisServers):
    """A primary, a replica, and three sentinels, two of which agree on a failover.

    The sentinels find each other in a fraction of the usual seconds.
    """

    SENTINELS = ("sentinel_0", "sentinel_1", "sentinel_2")

    def start_all(self) -> None:
        """Start the servers, and wait until every sentinel knows all of them."""
        self.allocate_ports(("redis_0", "redis_1", *self.SENTINELS))
        self.start("redis_0", COMMON)
        self.start("redis_1", f"{COMMON}replicaof {LOOPBACK} {self.port('redis_0')}\n")
        for name in self.SENTINELS:
            configuration = SENTINEL.format(
                primary=self.port("redis_0"), down_after=self._down_after
            )
            self.start(name, configuration, "redis-sentinel")
            periods = ("PUBLISH-PERIOD", 100, "INFO-PERIOD", 100)
            self.ask(name, "SENTINEL", "DEBUG", *periods, password=SENTINEL_PASSWORD)
        wait_until(lambda: all(map(self._knows_all, self.SENTINELS)))

    @property
    def redis_url(self) -> str:
        sentinels = ";".join(
            f"sentinel://{LOGIN if name == self.SENTINELS[0] else ''}{LOOPBACK}:{self.port(name)}"
            for name in self.SENTINELS
        )
        password = quote(SENTINEL_PASSWORD, safe="")
        return f"{sentinels}/0?master_name={MASTER_NAME}&sentinel_password={password}"

    def primary(self) -> str:
        """The server that most sentinels regard as the primary."""
        ports = [
            int(
                self.ask(
                    name,
                    "SENTINEL",
                    "GET-MASTER-ADDR-BY-NAME",
                    MASTER_NAME,
                    password=SENTINEL_PASSWORD,
                )[1]
            )
            for name in self.SENTINELS
        ]
        port = sorted(ports)[1]
        return next(name for name in ("redis_0", "redis_1") if self.port(name) == port)

    def _knows_all(self, name: str) -> bool:
        with self.client(name, password=SENTINEL_PASSWORD) as client:
            state = client.sentinel_master(MASTER_NAME)
        return (state["num-slaves"], state["num-other-sentinels"]) == (1, 2)


class ClusterServers(RedisServers):
    """Three primaries, the first of which has a replica."""

    PRIMARIES = ("node_0", "node_1", "node_2")
    REPLICA = "node_3"

    def start_all(self) -> None:
        """Start the servers, and wait until the replica is complete."""
        nodes = (*self.PRIMARIES, self.REPLICA)
        self.allocate_ports([*nodes, *(f"{name}_bus" for name in nodes)])
        for name in nodes:
            bus = self.port(f"{name}_bus")
            self.start(name, COMMON + CLUSTER.format(bus=bus, down_after=self._down_after))
        size = NUM_SLOTS // 3
        for number, name in enumerate(self.PRIMARIES):
            last = NUM_SLOTS - 1 if number == 2 else (number + 1) * size - 1
            self.ask(name, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            self.ask(name, "CLUSTER", "ADDSLOTSRANGE", number * size, last)
        for name in nodes[1:]:
            address = (LOOPBACK, self.port(name), self.port(f"{name}_bus"))
            self.ask("node_0", "CLUSTER", "MEET", *address)
        wait_until(lambda: all(map(self._knows_all, nodes)))
        wait_until(self._replicate)
        wait_until(lambda: self.info(self.REPLICA, "replication")["master_link_status"] == "up")

    @property
    def redis_url(self) -> str:
        nodes = [f"{LOOPBACK}:{self.port(name)}" for name in self.PRIMARIES]
        return ";".join(f"redis+cluster://{LOGIN}{node}" for node in nodes)

    def node_id(self, name: str) -> str:
        return str(self.ask(name, "CLUSTER", "MYID"))

    def slot_of(self, key: str) -> int:
        return int(self.ask("node_0", "CLUSTER", "KEYSLOT", key))

    def owner_of(self, key: str) -> str:
        """The primary that has the slot of a key, as the second node knows it."""
        slot = self.slot_of(key)
        for first, last, primary, *_ in self.ask("node_1", "CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(
                    name
                    for name in (*self.PRIMARIES, self.REPLICA)
                    if self.port(name) == primary[1]
                )
        raise AssertionError(f"no node has slot {slot}")

    def move_slot(self, key: str, target: str) -> None:
        """Move the slot of a key to another primary, as `redis-cli --cluster reshard` does."""
        source, slot = self.owner_of(key), self.slot_of(key)
        self.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", self.node_id(source))
        self.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", self.node_id(target))
        keys = self.ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 100)
        with self.client(source) as client:
            client.migrate(LOOPBACK, self.port(target), keys, 0, 1000, auth=PASSWORD)
        for name in (target, *self.PRIMARIES):
            self.ask(name, "CLUSTER", "SETSLOT", slot, "NODE", self.node_id(target))

    def _knows_all(self, name: str) -> bool:
        with self.client(name) as client:
            info = client.cluster("info")
        return (info["cluster_state"], info["cluster_known_nodes"]) == ("ok", "4")

    def _replicate(self) -> bool:
        """Make the last node a replica of the first one, which it may not know yet."""
        try:
            self.ask(self.REPLICA, "CLUSTER", "REPLICATE", self.node_id("node_0"))
        except ResponseError:
            return False
        return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "the servers are not ready"
        time.sleep(0.02)


def _answers(client: "Redis") -> bool:
    with client:
        try:
            return bool(client.ping())
        except RedisConnectionError:
            return False
