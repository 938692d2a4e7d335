"""Valkey: written data survive a crash, nothing is evicted, a password is required."""

import stat

import pytest
import redis

from deploy.local.errors import StartupFailed
from deploy.local.log import Log
from deploy.local.process import ProcessSpawner
from deploy.local.state_dir import StateDir
from deploy.local.valkey import Valkey


@pytest.fixture
def valkey(state_dir: StateDir) -> Valkey:
    state_dir.allocate_ports(valkey=0)
    valkey = Valkey(state_dir)
    valkey.prepare()
    return valkey


def test_data_on_disk_survive_a_crash(valkey: Valkey, spawner: ProcessSpawner, log: Log) -> None:
    process = valkey.start(spawner, log)
    with redis.Redis.from_url(valkey.url) as client:
        for number in range(200):
            client.xadd("stream", {"number": number})
        assert client.waitaof(1, 0, 5000)[0] == 1  # the last second of writes may not be on disk
    process.kill()
    process = valkey.start(spawner, log)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.xlen("stream") == 200
    process.stop(timeout=5)
    assert process.returncode == 0


def test_data_that_cannot_be_loaded_are_kept_elsewhere_and_the_server_starts_empty(
    valkey: Valkey, state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    process = valkey.start(spawner, log)
    with redis.Redis.from_url(valkey.url) as client:
        for number in range(200):
            client.set(f"key-{number}", "value")
    process.stop(timeout=5)
    folder = state_dir.path / "valkey"
    [file] = (folder / "appendonlydir").glob("*.incr.aof")
    written = file.read_bytes()
    damaged = written[:1000] + b"no command" + written[1010:]
    file.write_bytes(damaged)
    for _ in range(2):
        process = valkey.start(spawner, log)
        with redis.Redis.from_url(valkey.url) as client:
            assert client.dbsize() == 0
        process.stop(timeout=5)
        kept = folder / "appendonlydir.damaged"
        assert (kept / file.name).read_bytes() == damaged
    logged = (state_dir.path / "log").read_text()
    assert logged.count("started empty. No job is lost") == 1
    assert f"is kept in {kept}" in logged


def test_data_stay_where_they_are_if_something_else_is_wrong(
    valkey: Valkey, state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    process = valkey.start(spawner, log)
    with redis.Redis.from_url(valkey.url) as client:
        client.set("key", "value")
    process.stop(timeout=5)
    configuration = state_dir.path / "valkey" / "valkey.conf"
    valid = configuration.read_text()
    configuration.write_text(valid + "no-such-setting yes\n")
    with pytest.raises(StartupFailed):
        valkey.start(spawner, log)
    configuration.write_text(valid)
    process = valkey.start(spawner, log)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("key") == b"value"
    process.stop(timeout=5)


def test_it_has_the_configuration_that_the_services_rely_on(
    valkey: Valkey, spawner: ProcessSpawner, log: Log
) -> None:
    process = valkey.start(spawner, log)
    with redis.Redis.from_url(valkey.url) as client:
        names = ("appendonly", "appendfsync", "maxmemory-policy", "bind")
        assert [client.config_get(name)[name] for name in names] == [
            *("yes", "everysec", "noeviction", "127.0.0.1")
        ]
    process.stop(timeout=5)


def test_a_client_without_the_password_is_rejected(
    valkey: Valkey, state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    process = valkey.start(spawner, log)
    url = f"redis://127.0.0.1:{state_dir.port('valkey')}"
    client = redis.Redis.from_url(url, retry=None)
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()
    process.stop(timeout=5)


def test_only_its_owner_can_read_the_configuration(valkey: Valkey, state_dir: StateDir) -> None:
    mode = (state_dir.path / "valkey" / "valkey.conf").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_server_that_cannot_start_raises_at_once(
    valkey: Valkey, state_dir: StateDir, spawner: ProcessSpawner, log: Log
) -> None:
    (state_dir.path / "valkey" / "valkey.conf").write_text("no-such-setting yes\n")
    with pytest.raises(StartupFailed, match="the log has the reason"):
        valkey.start(spawner, log)
    assert "no-such-setting" in (state_dir.path / "log").read_text()
