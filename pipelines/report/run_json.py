"""`run.json`: what a run did, in figures, for people and for the programs after it.

Everything but `started`, `finished`, `seconds` and `per_second` depends only on the input, the recipe and the code.
`run_json_schema()` gives the JSON Schema with a description of each field.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

FORMAT = 1
"""Version of this layout."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Records(_Entry):
    """Input records and where they ended; `input` = `kept` + `dropped` + `failed`."""

    input: int
    """Records read from the dumps, those that are no documents (requests, redirects, images) included."""
    kept: int
    """Records whose document went on to the tokenizer."""
    dropped: int
    """Records that a rule took out; `ingest.…` rules are those of the reader (not HTML, not 200, …)."""
    failed: int
    """Records that a typed error ended."""


class RuleCount(_Entry):
    """Records that one rule dropped."""

    rule: str
    """Name as in the recipe; `ingest.` + cause for what the reader passed over."""
    records: int
    """Records for which this was the first rule to drop them."""
    expression: str | None = None
    """The comparison that is true of what it drops, as in the recipe; null for the reader's causes."""


class BooksEntry(_Entry):
    """Rows and records at the end of one stage."""

    stage: str
    rows: int
    records: int


class Books(_Entry):
    """Whether every record is accounted for."""

    boundaries: tuple[BooksEntry, ...]
    """After ingest, measure and judge: the records must be the same at each."""
    balanced: bool
    """The records are the same at each boundary, and input = kept + dropped + failed."""


class CategoryTokens(_Entry):
    """Tokens of one category of the mixture, end-of-document tokens included."""

    category: str
    share_target: float
    """Part of all tokens that the recipe asks for, 0 to 1."""
    share_planned: float
    """Part of the planned tokens, 0 to 1."""
    available_documents: int
    """Kept documents of this category."""
    available_tokens: int
    """Their tokens, each document counted once."""
    target_tokens: int
    """Tokens the share asks for within the budget."""
    planned_tokens: int
    """Tokens the plan takes; less than the target where the cap on epochs does not allow more."""
    written_tokens: int
    """Tokens in the shards."""
    epochs: float
    """Times the available tokens are seen: planned / available."""
    max_epochs: float
    """The recipe's cap, inclusive."""
    shortfall_tokens: int
    """target - planned, never negative."""


class ShardEntry(_Entry):
    """One shard: a `.bin` of tokens and its `.idx`."""

    name: str
    """Path of the shard in the `shards` dataset, without suffix."""
    category: str
    tokens: int
    documents: int
    """Sequences in the shard; a document seen in several epochs counts each time."""
    bytes: int
    """Of the `.bin` file."""
    sha256: str
    """Of the `.bin` file, hexadecimal."""
    idx_sha256: str
    """Of the `.idx` file."""


class StageTiming(_Entry):
    """What one stage made, and how long it took when it last ran."""

    stage: str
    """Name of the command that makes it."""
    dataset: str
    rows: int
    bytes: int
    """Of its files; those of Parquet depend a little on the partitioning."""
    started: str
    """UTC, ISO 8601."""
    seconds: float
    """Wall-clock seconds."""
    per_second: float
    """Rows a second."""
    code: str
    """Digest of the source files the stage depends on."""


class RunSummary(_Entry):
    """A whole run."""

    format: int = FORMAT
    """Version of this layout."""
    name: str
    """Name of the recipe."""
    recipe_digest: str
    """Sixteen hexadecimal digits that change with anything in the recipe."""
    seed: int
    """Seed of the shuffle and of every sample."""
    started: str
    """When the first stage began; UTC, ISO 8601."""
    finished: str
    """When the last stage ended; UTC, ISO 8601."""
    versions: dict[str, str]
    """Versions of Gristmill and of what its bytes may depend on."""
    records: Records
    dropped_by_rule: tuple[RuleCount, ...]
    """In the order in which the rules are asked, the reader's causes first."""
    failed_by_error: dict[str, int]
    """Records by the code of the error, most first."""
    by_source: dict[str, Records]
    by_category: dict[str, Records]
    containers: int
    """Dump files read to their end."""
    tokens_planned: int
    tokens_written: int
    tokens_budget: int | None
    """`mixture.total_tokens` of the recipe; null: as much as shares and caps allow."""
    mixture: tuple[CategoryTokens, ...]
    """In the order of the mixture; empty before the plan is made."""
    mixture_notes: tuple[str, ...] = ()
    """What the plan says of shortfalls and caps, one sentence each."""
    tokenizer: str | None
    """Name of the tokenizer of the shards; null before they are written."""
    shards: tuple[ShardEntry, ...]
    stages: tuple[StageTiming, ...]
    books: Books


def run_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `run.json`."""
    return RunSummary.model_json_schema(mode="serialization")
