"""Options of the commands: their bounds and notation, and errors that name them.

>>> scale("F# harmonic minor", strictness=1.0)
Scale(tonic='F#', mode=<Mode.HARMONIC_MINOR: 'harmonic minor'>, strictness=1.0)
>>> bars("2-4,7")
[1, 2, 3, 6]
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, Mode, Scale
from ostinato.schemas.jobs import JobState
from ostinato.schemas.names import DatasetName

SchemaT = TypeVar("SchemaT", bound=BaseModel)

MAX_BAR = 256
"""The highest bar number that `--regenerate` accepts; no request has more bars."""
STATES = ", ".join(JobState)
ID_EXAMPLE = "an id has 36 characters, such as 019ad3f0-5c1e-7a54-9d3e-0f8e6d1c2b3a"
SCALE_EXAMPLES = 'such as "D dorian", "F# minor" or "Bb major"'
CHORD_EXAMPLES = 'such as "Am7 Dm G7 C"'
OPTION_NAMES = {
    "recipe": "RECIPE",
    "version": "VERSION",
    "name": "NAME",
    "primer_id": "--primer",
    "job_id": "",
}
"""How the commands name fields of requests that are not options of the same name."""
_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_FIELDS = re.compile(r"(\w+(?:, \w+)*): (.+)", re.DOTALL)
"""An error of a validator of several fields: their names, and the message."""


def option_name(field: str) -> str:
    """The option or argument that sets a field, such as `sampling.top_p`; empty if none does."""
    last = field.rpartition(".")[2]
    return OPTION_NAMES.get(last, "--" + last.replace("_", "-"))


def number(schema: type[BaseModel], field: str, help_text: str) -> Any:  # noqa: ANN401 - typer's type is private
    """An option for a number, with the bounds that the schema has for the field."""
    rule = _rule(schema, field)
    low, high = rule["minimum" if "minimum" in rule else "exclusiveMinimum"], rule["maximum"]
    kind, noun = (int, "whole number") if rule["type"] == "integer" else (float, "number")
    bounds = f"from {low} to {high}" if "minimum" in rule else f"above {low} and up to {high}"

    def parse(value: object) -> int | float:
        with suppress(ValueError):
            parsed = kind(str(value))
            if low <= parsed <= high and parsed != rule.get("exclusiveMinimum"):
                return parsed
        raise typer.BadParameter(f"{str(value)!r} is not a {noun} {bounds}")

    return typer.Option(parser=parse, metavar=f"{low}..{high}", help=help_text)


def _rule(schema: type[BaseModel], field: str) -> dict[str, Any]:
    """The JSON schema of a field; of an optional one without its null."""
    rule: dict[str, Any] = _json_schema(schema)["properties"][field]
    optional: list[dict[str, Any]] = rule.get("anyOf", [rule])
    return optional[0]


@lru_cache
def _json_schema(schema: type[BaseModel]) -> dict[str, Any]:
    return schema.model_json_schema()


def parse_limit(value: object) -> int:
    """A number of rows.

    Raises:
        typer.BadParameter: the text is not a number, or less than 1.
    """
    with suppress(ValueError):
        if (limit := int(str(value))) >= 1:
            return limit
    raise typer.BadParameter(f"{str(value)!r} is not a whole number from 1")


def parse_id(value: object) -> UUID:
    """The id of an object.

    Raises:
        typer.BadParameter: the text is not an id.
    """
    try:
        return UUID(str(value))
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is not an id; {ID_EXAMPLE}") from error


def parse_state(value: object) -> JobState:
    """The state of a job.

    Raises:
        typer.BadParameter: the text is not a state.
    """
    try:
        return JobState(str(value))
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is not a state: write one of {STATES}") from error


def validated(schema: type[SchemaT], **fields: object) -> SchemaT:
    """Validate the options of a command, and return them as a request.

    Raises:
        typer.BadParameter: an option is invalid; the message names it.
    """
    try:
        return schema.model_validate(fields)
    except ValidationError as error:
        raise _bad_parameter(error) from error


def _bad_parameter(errors: ValidationError) -> typer.BadParameter:
    error = errors.errors()[0]
    message = error["msg"].removeprefix("Value error, ")
    of_fields = _FIELDS.fullmatch(message)
    if error["type"] == "value_error" and of_fields:
        names = ", ".join(map(option_name, of_fields[1].split(", ")))
        return typer.BadParameter(of_fields[2], param_hint=names)
    if error["type"] != "value_error":
        message = f"{error['input']!r}: {message[0].lower()}{message[1:]}"
    return typer.BadParameter(message, param_hint=option_name(str(error["loc"][-1])))


def metadata(texts: Sequence[str]) -> dict[str, str]:
    """Names and values, each written as `name=value`.

    Raises:
        typer.BadParameter: a text has no `=`, or a name occurs twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise typer.BadParameter(
                f"{text!r} is not a name and a value, such as project=album",
                param_hint="--metadata",
            )
        if name in found:
            raise typer.BadParameter(f"{name!r} occurs twice", param_hint="--metadata")
        found[name] = value
    return found


def dataset_name(text: str) -> str:
    """The name of a data set.

    Raises:
        typer.BadParameter: the text is not a name.
    """
    try:
        return TypeAdapter(DatasetName).validate_python(text)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise typer.BadParameter(message, param_hint="NAME") from error


def scale(text: str, strictness: float) -> Scale:
    """A note, optionally followed by a mode; default: major.

    Raises:
        typer.BadParameter: the text is not a scale; the message says which part is wrong.
    """
    note, _, words = text.strip().partition(" ")
    mode = " ".join(words.lower().split()) or Mode.MAJOR
    fields = {"tonic": note[:1].upper() + note[1:], "mode": mode, "strictness": strictness}
    try:
        return Scale.model_validate(fields)
    except ValidationError as error:
        if error.errors()[0]["loc"] == ("tonic",):
            message = (
                f"{note!r} is not a note: write A to G, optionally with # or b, and then a mode, "
                f"{SCALE_EXAMPLES}"
            )
        else:
            message = (
                f"{words.strip()!r} is not a mode: write one of {', '.join(Mode)}, {SCALE_EXAMPLES}"
            )
        raise typer.BadParameter(message, param_hint="--scale") from error


def chords(text: str, strictness: float) -> Chords:
    """Chord names separated by spaces.

    Raises:
        typer.BadParameter: a name is not a chord, or there are too few or too many.
    """
    names = text.split()
    try:
        return Chords.model_validate({"progression": names, "strictness": strictness})
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "value_error":
            message = first["msg"].removeprefix("Value error, ")
        else:
            message = f"{len(names)} chords: {first['msg'].lower()}"
        raise typer.BadParameter(f"{message}; {CHORD_EXAMPLES}", param_hint="--chords") from error


def bars(text: str) -> list[int]:
    """Bar numbers and ranges, counted from 1, as sorted indexes from 0.

    Raises:
        typer.BadParameter: the text is not a list of bars.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= MAX_BAR:
            raise typer.BadParameter(
                f"{part.strip()!r} is neither a bar from 1 to {MAX_BAR} nor a range of bars; write "
                "bars such as 3-4,7",
                param_hint="--regenerate",
            )
        found.update(range(first - 1, last))
    return sorted(found)


DEFAULTS = GenerationRequest()
"""The API's defaults, which --help shows."""
