"""Collects the items of a batch into shards of one model each."""

import json
from dataclasses import dataclass, field
from typing import Any

from ostinato.schemas.generations import SHARD_SIZE
from shared.db.new_job import NewShard


@dataclass(slots=True)
class _OpenShard:
    """The items of a shard that is not full yet."""

    items: list[dict[str, Any]] = field(default_factory=list)
    work: float = 0.0


class ShardBuilder:
    """Closes a shard when it has `SHARD_SIZE` items."""

    def __init__(self) -> None:
        self.shards: list[NewShard] = []
        """The full shards; `finish` adds the others."""
        self._open: dict[str, _OpenShard] = {}

    def add(self, item: dict[str, Any], work: float) -> None:
        """Add an item: its index, custom_id and request. `work` is what it adds to its shard."""
        model = item["request"]["model"]
        shard = self._open.setdefault(model, _OpenShard())
        shard.items.append(item)
        shard.work += work
        if len(shard.items) == SHARD_SIZE:
            self._close(model)

    def finish(self) -> list[NewShard]:
        """Close the shards that are not full; returns all shards."""
        for model in list(self._open):
            self._close(model)
        return self.shards

    def _close(self, model: str) -> None:
        shard = self._open.pop(model)
        self.shards.append(
            NewShard(
                model=model,
                first_index=shard.items[0]["index"],
                size=len(shard.items),
                work=shard.work,
                items=json.dumps(shard.items),
            )
        )
