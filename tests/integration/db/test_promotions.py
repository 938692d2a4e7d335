"""Promotions are requested, decided by a worker, and replaced by later requests."""

import pytest

from ostinato.schemas.models import ModelVersion, PromotionState
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions, Request, WantedWeights
from shared.errors import NotFound
from shared.ids import new_id
from tests.support.versions import a_card, promote

PENDING, PROMOTED, REFUSED = PromotionState


class Version:
    """A version with the weights a, b and c, which were registered in this order."""

    def __init__(self, database: Database) -> None:
        self.name = f"v-{new_id()}"
        self._database = database

    async def register(self, *weights: str, nats: float = 3.0) -> None:
        for sha256 in weights:
            async with self._database.transaction() as connection:
                await ModelVersions(connection).register(a_card(self.name, sha256, nats))

    async def request(self, sha256: str | None = None) -> ModelVersion:
        async with self._database.transaction() as connection:
            return await Promotions(connection).request(self.name, sha256)

    async def wanted(self) -> WantedWeights:
        async with self._database.transaction() as connection:
            [found] = [
                it for it in await Promotions(connection).wanted() if it.version == self.name
            ]
        return found

    async def pending(self) -> Request:
        request = (await self.wanted()).request
        assert request is not None
        return request

    async def complete(self, request: Request) -> bool:
        async with self._database.transaction() as connection:
            return await Promotions(connection).complete(self.name, request)

    async def refuse(self, request: Request) -> None:
        async with self._database.transaction() as connection:
            await Promotions(connection).refuse(self.name, request, "not finite")

    async def states(self) -> dict[str, PromotionState | None]:
        async with self._database.transaction() as connection:
            found = await ModelVersions(connection).list_versions()
        return {model.sha256: model.promotion for model in found if model.version == self.name}

    async def is_requestable(self) -> bool:
        async with self._database.transaction() as connection:
            return (await ModelVersions(connection).capabilities())[None][self.name] is not None


@pytest.fixture
async def version(database: Database) -> Version:
    version = Version(database)
    await version.register("c", "b", "a")
    return version


async def test_the_newest_weights_are_pending_until_a_worker_has_tested_them(
    version: Version,
) -> None:
    assert not await version.is_requestable()
    requested = await version.request()
    assert (requested.sha256, requested.promotion, requested.promoted_at) == ("a", PENDING, None)
    assert await version.is_requestable()
    assert (await version.wanted()).promoted is None
    assert await version.complete(await version.pending())
    assert await version.states() == {"a": PROMOTED, "b": None, "c": None}
    assert await version.wanted() == WantedWeights(version=version.name, promoted="a")


async def test_promoted_weights_stay_until_others_have_passed_and_after_a_refusal(
    version: Version,
) -> None:
    await version.request("a")
    await version.complete(await version.pending())
    await version.request("b")
    assert await version.states() == {"a": PROMOTED, "b": PENDING, "c": None}
    await version.refuse(await version.pending())
    assert await version.states() == {"a": PROMOTED, "b": REFUSED, "c": None}
    assert (await version.wanted()).promoted == "a"
    assert (await version.pending()).refusal == "not finite"
    again = await version.request("b")
    assert (again.promotion, again.promotion_detail) == (PENDING, None)
    assert await version.complete(await version.pending())
    assert await version.states() == {"a": None, "b": PROMOTED, "c": None}


async def test_a_new_card_does_not_make_weights_newer(version: Version) -> None:
    await version.register("b", nats=2.0)
    assert (await version.request()).sha256 == "a"


async def test_a_refused_version_without_promoted_weights_cannot_be_requested(
    version: Version,
) -> None:
    await version.request("a")
    await version.refuse(await version.pending())
    assert not await version.is_requestable()


async def test_a_request_that_was_replaced_changes_nothing(version: Version) -> None:
    await version.request("a")
    replaced = await version.pending()
    await version.request("b")
    assert not await version.complete(replaced)
    await version.refuse(replaced)
    assert await version.states() == {"a": None, "b": PENDING, "c": None}


async def test_a_repeated_request_is_the_same_one(version: Version) -> None:
    await version.request("a")
    first = await version.pending()
    await version.request("a")
    assert await version.pending() == first


async def test_promoting_the_promoted_weights_ends_the_request_for_others(
    version: Version,
) -> None:
    await version.request("a")
    await version.complete(await version.pending())
    await version.request("b")
    assert (await version.request("a")).promotion is PROMOTED
    assert await version.states() == {"a": PROMOTED, "b": None, "c": None}


async def test_workers_fall_back_to_the_weights_that_were_served_last(
    version: Version, database: Database
) -> None:
    async with database.transaction() as connection:
        promotions = Promotions(connection)
        await promote(promotions, version.name, "b")
    async with database.transaction() as connection:
        promotions = Promotions(connection)
        await promote(promotions, version.name, "a")
        assert await promotions.tested_weights(version.name) == ["a", "b"]


async def test_unknown_versions_and_weights_are_reported_with_the_registered_ones(
    version: Version, database: Database
) -> None:
    async with database.transaction() as connection:
        promotions = Promotions(connection)
        with pytest.raises(NotFound, match="'polka'") as caught:
            await promotions.request("polka")
        assert version.name in caught.value.extra["models"]  # type: ignore[operator]
        with pytest.raises(NotFound, match=f"{version.name} with weights d") as caught:
            await promotions.request(version.name, "d")
    assert caught.value.extra["weights"] == ["a", "b", "c"]
