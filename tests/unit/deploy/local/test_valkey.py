"""Valkey: what reached the disk survives a crash, nothing is evicted, no stranger enters."""

import stat

import pytest
import redis

from deploy.local.errors import NeverReady
from deploy.local.log import Log
from deploy.local.process import Keeper
from deploy.local.state_dir import Folder
from deploy.local.valkey import Valkey


@pytest.fixture
def valkey(folder: Folder) -> Valkey:
    folder.choose_ports(valkey=0)
    valkey = Valkey(folder)
    valkey.prepare()
    return valkey


def test_what_reached_the_disk_survives_a_crash(valkey: Valkey, keeper: Keeper, log: Log) -> None:
    process = valkey.start(keeper, log)
    with redis.Redis.from_url(valkey.url) as client:
        for number in range(200):
            client.xadd("stream", {"number": number})
        assert client.waitaof(1, 0, 5000)[0] == 1  # a second of writes may still wait for the disk
    process.kill()
    process = valkey.start(keeper, log)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.xlen("stream") == 200
    process.stop(patience=5)
    assert process.returncode == 0


def test_it_keeps_what_the_services_rely_on(valkey: Valkey, keeper: Keeper, log: Log) -> None:
    process = valkey.start(keeper, log)
    with redis.Redis.from_url(valkey.url) as client:
        names = ("appendonly", "appendfsync", "maxmemory-policy", "bind")
        assert [client.config_get(name)[name] for name in names] == [
            *("yes", "everysec", "noeviction", "127.0.0.1")
        ]
    process.stop(patience=5)


def test_a_stranger_is_refused(valkey: Valkey, folder: Folder, keeper: Keeper, log: Log) -> None:
    process = valkey.start(keeper, log)
    url = f"redis://127.0.0.1:{folder.port('valkey')}"
    stranger = redis.Redis.from_url(url, retry=None)
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    process.stop(patience=5)


def test_only_its_owner_reads_the_configuration(valkey: Valkey, folder: Folder) -> None:
    mode = (folder.path / "valkey" / "valkey.conf").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_server_that_cannot_start_is_given_up_at_once(
    valkey: Valkey, folder: Folder, keeper: Keeper, log: Log
) -> None:
    (folder.path / "valkey" / "valkey.conf").write_text("no-such-setting yes\n")
    with pytest.raises(NeverReady, match="the log says why"):
        valkey.start(keeper, log)
    assert "no-such-setting" in (folder.path / "log").read_text()
