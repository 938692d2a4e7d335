"""Turns the lines of a batch into items, and items into shards of one model each."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from ostinato.schemas.batches import MAX_ITEMS, BatchLine, CustomId, InvalidLines
from ostinato.schemas.generations import DEFAULT_TEMPO, MAX_SEED, Priority
from ostinato.schemas.jobs import JobError
from services.gateway import validation_messages
from services.gateway.serving.owned_capabilities import Versions
from services.gateway.submission.batch_lines import Line
from services.gateway.submission.capability_checks import (
    check_capabilities,
    check_primer,
    check_primer_bytes,
    with_sampling_defaults,
)
from shared.db.job_queue.results import ItemError
from shared.db.job_queue.shard_builder import ShardBuilder
from shared.db.new_job import NewShard
from shared.db.primers import PrimerFacts
from shared.errors import InvalidRequest, NotFound, UserError, code_of

MAX_REPORTED_LINES = 20
NO_OBJECT = 'It is not a JSON object, such as {"bars": 4}.'
NUL = "\0"
"""A character that PostgreSQL does not store."""
UNKNOWN_NAMES = {"model": "model", "primer": "primer_id"}
"""The field that names what does not exist, by the noun of the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidLine:
    """A line that is not a request."""

    custom_id: str | None
    error: InvalidRequest


ParsedLine = tuple[int, BatchLine | InvalidLine]


class BatchItems:
    """The items of one batch, which `add` collects from its lines.

    Each method is called in a thread: validation would delay other requests.
    """

    def __init__(self, default_model: str, invalid_lines: InvalidLines) -> None:
        self.errors: list[ItemError] = []
        """Invalid lines that are reported as failed items."""
        self._default_model = default_model
        self._invalid_lines = invalid_lines
        self._rejected: list[dict[str, Any]] = []
        self._custom_ids: dict[str, int] = {}
        self._builder = ShardBuilder()
        self._num_items = 0
        self._primer_bytes = 0

    def parse(self, lines: Sequence[Line]) -> list[ParsedLine]:
        """The lines as requests, or as errors."""
        return [(number, _parse(text)) for number, text in lines]

    def add(
        self, parsed: Sequence[ParsedLine], versions: Versions, primers: Mapping[UUID, PrimerFacts]
    ) -> None:
        """Check these lines, and add their items.

        Raises:
            InvalidRequest: the batch has too many items.
        """
        for number, line in parsed:
            try:
                if isinstance(line, InvalidLine):
                    raise line.error
                self._check(number, line, versions, primers)
            except UserError as error:
                self._add_error(number, line.custom_id, error)
            else:
                self._add_items(line, versions)

    def _check(
        self,
        number: int,
        line: BatchLine,
        versions: Versions,
        primers: Mapping[UUID, PrimerFacts],
    ) -> None:
        if line.priority is Priority.INTERACTIVE:
            raise InvalidRequest("priority: a batch is never interactive.", field="priority")
        if line.deadline_seconds is not None:
            raise InvalidRequest(
                "deadline_seconds: it is a parameter of the whole batch.", field="deadline_seconds"
            )
        if line.webhook is not None:
            raise InvalidRequest("webhook: it is a parameter of the whole batch.", field="webhook")
        if line.custom_id is not None:
            first = self._custom_ids.setdefault(line.custom_id, number)
            if first != number:
                raise InvalidRequest(f"custom_id: line {first} has it, too.", field="custom_id")
        resolved = line.model_copy(update={"model": line.model or self._default_model})
        check_capabilities(resolved, versions, is_default_model=line.model is None)
        if line.primer_id is not None:
            primer = check_primer(resolved, primers.get(line.primer_id), versions)
            copies = line.count if line.include_primer else 0
            check_primer_bytes(self._primer_bytes + copies * primer.num_bytes)
            self._primer_bytes += copies * primer.num_bytes

    def _add_items(self, given: BatchLine, versions: Versions) -> None:
        model = given.model or self._default_model
        line = with_sampling_defaults(given.model_copy(update={"model": model}), versions)
        seed = line.seed if line.seed is not None else secrets.randbelow(MAX_SEED - line.count)
        for position in range(line.count):
            request = line.model_dump(mode="json", exclude={"custom_id"}) | {
                "model": model,
                "count": 1,
                "seed": seed + position,
                "priority": Priority.BATCH,
            }
            if line.primer_id is None:
                request.setdefault("tempo", DEFAULT_TEMPO)
            index = self._next_index()
            item = {"index": index, "custom_id": line.custom_id, "request": request}
            self._builder.add(item, line.bars_to_generate)

    def _next_index(self) -> int:
        if self._num_items == MAX_ITEMS:
            raise InvalidRequest(
                f"A batch has at most {MAX_ITEMS:,} melodies; split it.", field="body"
            )
        self._num_items += 1
        return self._num_items - 1

    def _add_error(self, number: int, custom_id: str | None, error: UserError) -> None:
        if self._invalid_lines is InvalidLines.REPORT:
            detail = f"Line {number}: {_without_nul(error.detail)}"
            failure = JobError(code=code_of(error), detail=detail)
            self.errors.append(
                ItemError(index=self._next_index(), custom_id=custom_id, error=failure)
            )
        elif len(self._rejected) < MAX_REPORTED_LINES:
            self._rejected.append(
                {
                    "line": number,
                    "custom_id": custom_id,
                    "field": _without_nul(_field(error)),
                    "message": _without_nul(error.detail) + _available_models(error),
                }
            )

    @property
    def shards(self) -> list[NewShard]:
        """The shards; `finish` completes them."""
        return self._builder.shards

    def finish(self) -> None:
        """Complete the shards.

        Raises:
            InvalidRequest: a line is invalid, or there is no valid one.
        """
        if self._rejected:
            first = self._rejected[0]
            name = f" ({first['custom_id']})" if first["custom_id"] else ""
            raise InvalidRequest(
                f"Line {first['line']}{name}: {first['message']}",
                field=first["field"],
                line=first["line"],
                errors=self._rejected,
            )
        if not self._builder.finish():
            reason = f" {self.errors[0].error.detail}" if self.errors else ""
            raise InvalidRequest(f"The batch has no valid line.{reason}", field="body")


def _field(error: UserError) -> str:
    noun = str(error.extra.get("noun"))
    return str(error.extra.get("field", UNKNOWN_NAMES.get(noun, "body")))


def _available_models(error: UserError) -> str:
    """The models that can be requested, if the line names one that does not exist."""
    models = error.extra.get("models")
    if not isinstance(error, NotFound) or not isinstance(models, list) or not models:
        return ""
    return f" Available models: {', '.join(models)}."


def _without_nul(text: str) -> str:
    return text.replace(NUL, r"\u0000")


def _parse(text: bytes) -> BatchLine | InvalidLine:
    try:
        line = BatchLine.model_validate_json(text)
    except ValidationError as error:
        return InvalidLine(custom_id=_custom_id(text), error=_invalid_line(error))
    if line.custom_id is not None and NUL in line.custom_id:
        message = "it has the character NUL (U+0000), which cannot be stored; remove it."
        invalid = InvalidRequest(f"custom_id: {message}", field="custom_id")
        return InvalidLine(custom_id=None, error=invalid)
    return line


def _invalid_line(error: ValidationError) -> InvalidRequest:
    """The error in terms of a line: it has no headers, and columns but no lines of its own."""
    if error.error_count() > 1:
        return validation_messages.invalid_body(error, BatchLine)
    [entry] = error.errors(include_url=False, include_context=False, include_input=False)
    message = entry["msg"].removeprefix("Value error, ")
    if entry["type"] == "json_invalid":
        return InvalidRequest(message.replace("at line 1 column", "at column"), field="body")
    if entry["type"] == "model_type":
        return InvalidRequest(NO_OBJECT, field="body")
    if not entry["loc"]:  # of several fields; the message begins with the first of them
        return InvalidRequest(message, field=message.partition(":")[0])
    return validation_messages.invalid_body(error, BatchLine)


def _custom_id(text: bytes) -> str | None:
    """The name of an invalid line, if it can be read and stored."""
    try:
        custom_id = _Named.model_validate_json(text).custom_id
    except ValidationError:
        return None
    return None if custom_id is not None and NUL in custom_id else custom_id


class _Named(BaseModel):
    """The only field that is read of an invalid line."""

    custom_id: CustomId | None = None
