"""Cards of versions for the tests of the report."""

from ostinato.schemas.cards import (
    BaseRecord,
    DataLeakageRecord,
    DataRecord,
    DatasetRecord,
    EvaluationRecord,
    HeldOutCounts,
    LikelihoodRecord,
    TrainingRecord,
    ValidationRecord,
)
from ostinato.schemas.models import Capabilities, ModelCard
from ostinato.schemas.recipes.recipe_records import (
    DecoderShapeRecord,
    ExampleRecord,
    OptimizationRecord,
    RecipeRecord,
)
from tests.unit.ostinato.payloads import a_sample_evaluation

SAMPLES = a_sample_evaluation()
COUNTS = HeldOutCounts(num_pieces=22, num_notes=100, num_tokens=200)
LEAKAGE = DataLeakageRecord(
    leaky_validation_nats_per_token=0.5,
    held_out_nats_per_token=2.0,
    gap_nats_per_token=1.5,
    num_tokens=12_288_000,
    num_training_windows=98_765,
    seed=7,
)


def dataset(name: str) -> DatasetRecord:
    return DatasetRecord(
        name=name,
        description="For a test.",
        license="none",
        weight=1.0,
        num_tokens=1,
        found=1,
        skipped={},
        used=1,
        duplicate_groups=1,
        train=1,
        held_out=0,
        num_notes=1,
    )


def likelihood(nats_per_note: float) -> LikelihoodRecord:
    return LikelihoodRecord(
        nats_per_note=nats_per_note, bits_per_second=30.5, nats_per_token=1.0, held_out=COUNTS
    )


def recipe(tokenizer: str) -> RecipeRecord:
    return RecipeRecord(
        version="tiny",
        description="For a test.",
        tokenizer=tokenizer,
        examples=ExampleRecord(context=32),
        network=DecoderShapeRecord(layers=1, heads=1, d_model=8, d_ff=8),
        optimization=OptimizationRecord(
            batch_size=1, learning_rate=0.1, weight_decay=0, max_grad_norm=1, warmup_ratio=0
        ),
        steps=1,
        validate_every=1,
        patience=1,
        seed=7,
    )


def version(
    name: str,
    nats: float,
    *,
    datasets: tuple[str, ...] = ("a", "b"),
    tokenizer: str = "remi",
    base: BaseRecord | None = None,
    **evaluation: object,
) -> ModelCard:
    curve = tuple(
        ValidationRecord(
            step=step,
            tokens=1_000_000 * step,
            seconds=step,
            train_nats_per_token=1.0,
            held_out_nats_per_note=nats + 3 / step,
        )
        for step in (1, 2, 3)
    )
    return ModelCard(
        version=name,
        sha256="ab" * 32,
        description="For a test.",
        capabilities=Capabilities(max_bars=64, primer=True, velocity=True),
        license="none",
        data=DataRecord(
            datasets=tuple(dataset(dataset_name) for dataset_name in datasets),
            tokens_per_note=2.5,
            vocab_size=512,
        ),
        training=TrainingRecord(
            num_parameters=33_800_000,
            tokens=3_000_000,
            seconds=3600.0,
            stop_reason="budget spent",
            learning_curve=curve,
            recipe=recipe(tokenizer),
            base=base,
        ),
        evaluation=EvaluationRecord(
            nats_per_note=nats, bits_per_second=30.5, held_out=COUNTS
        ).model_copy(update=evaluation),
    )


CARDS = [version("v6", 4.5, samples=SAMPLES), version("v7", 3.25)]
