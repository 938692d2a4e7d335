"""Model versions in the database, without weights."""

from uuid import UUID, uuid4

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from shared.db.database import Database
from shared.db.model_versions import ModelVersions

SHA256 = "a"


async def add_version(
    database: Database,
    *,
    promoted: bool = True,
    name: str | None = None,
    job_id: UUID | None = None,
) -> str:
    """Register a version, which a training may have produced, and promote it; returns its name."""
    name = name or f"v-{uuid4()}"
    card = ModelCard(
        version=name,
        sha256=SHA256,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        license="none",
        data=DataRecord(),
        training=TrainingRecord(job_id=job_id),
        evaluation=EvaluationRecord(),
    )
    async with database.transaction() as connection:
        await ModelVersions(connection).register(card)
        if promoted:
            await ModelVersions(connection).promote(name)
    return name
