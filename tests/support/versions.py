"""Model versions in the database, without weights."""

from uuid import UUID, uuid4

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from ostinato.schemas.trainings import TrainingRequest
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions

SHA256 = "a"


def a_card(
    version: str, sha256: str, nats: float | None = None, training: TrainingRecord | None = None
) -> ModelCard:
    """The card of weights that do not exist."""
    return ModelCard(
        version=version,
        sha256=sha256,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        license="none",
        data=DataRecord(),
        training=training or TrainingRecord(),
        evaluation=EvaluationRecord(nats_per_note=nats),
    )


async def add_version(
    database: Database,
    *,
    promoted: bool = True,
    training_id: UUID | None = None,
    name: str | None = None,
    dataset: str | None = None,
) -> str:
    """Register a version, and promote it; returns its name."""
    name = name or f"v-{uuid4()}"
    training = TrainingRecord(
        job_id=training_id,
        request=dataset and TrainingRequest(recipe="mini", version=name, dataset=dataset),
    )
    async with database.transaction() as connection:
        await ModelVersions(connection).register(a_card(name, SHA256, training=training))
        if promoted:
            await promote(Promotions(connection), name)
    return name


async def promote(promotions: Promotions, version: str, sha256: str | None = None) -> None:
    """Promote weights as if a worker had tested them."""
    await promotions.request(version, sha256)
    [wanted] = [item for item in await promotions.wanted() if item.version == version]
    if wanted.request is not None:
        assert await promotions.complete(version, wanted.request)
