"""Appends tokens to a vocabulary, so that its model can learn a newer format.

The ids of all other tokens stay, and so does the encoding of music that the vocabulary has tokens
for.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from miditok.constants import CHR_ID_START

from ostinato.schemas.notes import Metre
from shared.tokenizers.remi import FILE, WORD_START
from shared.tokenizers.symbols import SymbolKind


def extend_vocabulary(
    folder: Path, metres: Sequence[Metre] = (), special_tokens: Sequence[str] = ()
) -> None:
    """Append what the tokenizer.json in a folder lacks: lines of bars in metres, special tokens.

    A line gets two tokens, as in a vocabulary that was trained with it: alone, and with the marker
    of a bar.
    """
    content: dict[str, Any] = json.loads((folder / FILE).read_bytes())
    vocabulary = _Vocabulary(content)
    for metre in metres:
        if metre is not Metre.FOUR_FOUR:
            vocabulary.add_bar_line(f"{SymbolKind.BAR}_{metre}")
    for name in special_tokens:
        vocabulary.add_special_token(name)
    if vocabulary.num_added:
        extended = content | {"_model": json.dumps(vocabulary.model)}
        (folder / FILE).write_text(json.dumps(extended, indent=4), encoding="utf-8")


class _Vocabulary:
    """The vocabulary in the content of tokenizer.json, which it changes."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.model: dict[str, Any] = json.loads(content["_model"])
        """The byte pair encoder, in the format of Hugging Face's `tokenizers`."""
        self._ids: dict[str, int] = self.model["model"]["vocab"]
        self._content = content
        self.num_added = 0
        """Number of base tokens that were added."""

    def add_bar_line(self, name: str) -> None:
        if character := self._add(name):
            self._ids[WORD_START + character] = len(self._ids)
            self.model["model"]["merges"].append([WORD_START, character])

    def add_special_token(self, name: str) -> None:
        if character := self._add(name):
            added: list[dict[str, Any]] = self.model["added_tokens"]
            added.append(added[0] | {"id": self._ids[character], "content": character})
            self._content["config"]["special_tokens"].append(name)

    def _add(self, name: str) -> str | None:
        """The character of a new base token; None if there is a token of this name."""
        base: dict[str, int] = self._content["_vocab_base"]
        if name in base:
            return None
        token = len(self._ids)
        character = chr(CHR_ID_START + token)
        base[name] = self._ids[character] = token
        self._content["_vocab_base_byte_to_token"][character] = name
        self.num_added += 1
        return character
