"""Recipes: what a run does, as YAML checked by these models.

Each field carries its default, its unit, whether a limit is inclusive, and where the number comes from. Where inputs
lie is not a recipe's business but a flag's, so that one recipe serves a laptop and a cluster.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from pipelines.errors import RecipeError
from pipelines.schemas import CATEGORIES
from pipelines.source_config import Category, Config, SourceConfig


class ExtractionConfig(Config):
    """How the reader makes text of one document, and the limits of it."""

    comments: Literal["keep", "drop"] = "keep"
    """HTML: `drop` leaves readers' comments under an article out; posts of a forum or Q&A thread always stay."""

    time_limit_s: Annotated[float, Field(gt=0)] = 10.0
    """Seconds a document may take (datatrove allows trafilatura 1 s; ours needs about 10 ms)."""
    max_input_bytes: Annotated[int, Field(gt=0)] = 16 * 2**20
    """Bytes of a payload that are looked at; Common Crawl itself cuts at 1 to 5 MiB."""


class LanguageConfig(Config):
    """fastText identification into 176 languages (fasttext.cc, lid.176)."""

    model: str = "packaged"
    """`packaged`: the 917 kB lid.176.ftz; or the path of a `.ftz` or `.bin` file."""


class MinHashConfig(Config):
    """MinHash signatures; defaults are FineWeb's (arXiv 2406.17557, section 3.4)."""

    ngram_words: Annotated[int, Field(ge=1)] = 5
    """Words in a shingle."""
    bands: Annotated[int, Field(ge=1)] = 14
    rows_per_band: Annotated[int, Field(ge=1)] = 8
    """14 bands of 8 rows make a pair of Jaccard 0.80 a candidate with 92 %."""
    seed: int = 1
    """Seed of the permutations."""

    @property
    def num_hashes(self) -> int:
        return self.bands * self.rows_per_band


class DecontaminationConfig(Config):
    """phi-4's benchmark matches (arXiv 2412.08905, appendix B.1, algorithm 1)."""

    mode: Literal["phi4", "clean"] = "phi4"
    """`phi4`: the normalisation that reproduces the report's worked example; `clean`: without its empty last token."""
    min_item_words: Annotated[int, Field(ge=7)] = 13
    """Benchmark items with fewer words are not looked for: a short item hits by chance (ours; 7 is the least that can
    give a 7-gram)."""
    allowed_13grams: str | None = None
    """Path of a text file, one normalised 13-gram a line, that are never a match; None: the packaged list."""
    min_distinct_words: Annotated[int, Field(ge=1, le=13)] = 4
    """Different words of a 13-gram, inclusive; with fewer it is never a match (ours; 1 is Algorithm 1 to the letter).
    Rows of zeros are in programming problems and in any matrix; of 43,701 items none has such 13-grams alone."""


class MeasureConfig(Config):
    language: LanguageConfig = LanguageConfig()
    minhash: MinHashConfig = MinHashConfig()
    decontamination: DecontaminationConfig = DecontaminationConfig()


class DedupConfig(Config):
    """What makes two documents duplicates, and which one stays."""

    min_similarity: Annotated[float, Field(ge=0, le=1)] = 0.75
    """Estimated Jaccard to the survivor, inclusive, from which a candidate counts as its near duplicate. The estimate
    over 112 hashes has a standard error of 0.04."""
    max_bucket_documents: Annotated[int, Field(ge=2)] = 100_000
    """Larger band buckets are split by a salt before their stars are drawn (boilerplate, error pages)."""
    max_rounds: Annotated[int, Field(ge=1)] = 30
    """Rounds of large-star/small-star after which a run fails instead of going on."""
    survivor_order: tuple[str, ...] = ("num_words desc",)
    """Signal columns, each with `asc` or `desc`, that rank the documents of a cluster; ties go to the smaller id."""
    scope: tuple[Category, ...] = CATEGORIES
    """Categories whose documents are compared; across them the earlier category in this order survives."""


class RuleConfig(Config):
    """One reason to drop a document: a comparison over stored columns."""

    name: str
    """`family.what_is_wrong`, as in `gopher.too_few_words`; never reworded once released."""
    drop: str
    """A comparison `expression OP limit` that is true of documents to drop, as in `num_words < 50`."""
    when: str | None = None
    """Boolean expression over columns: the rule holds only for documents for which it is true; None: for all."""
    source: str | None = None
    """Where the number comes from."""


class TokenizerConfig(Config):
    name: str = "cl100k_base"
    """`cl100k_base` (packaged), a tiktoken encoding, or the path of a Hugging Face `tokenizer.json`."""
    padded_vocabulary: Annotated[int, Field(gt=0)] = 100_352
    """Token ids a model is built for (arXiv 2412.08905, section 3: 100,352 = 784 x 128); must hold every id."""
    end_of_document: str = "<|endoftext|>"
    """Special token put after each document; must be one of the tokenizer's."""


class MixtureShare(Config):
    share: Annotated[float, Field(ge=0, le=1)]
    """Part of all tokens of the mixture."""
    max_epochs: Annotated[float, Field(gt=0)]
    """Times a document may be seen, inclusive; fractions are a seeded subset on the last pass."""


class MixtureConfig(Config):
    """Defaults are phi-4's (arXiv 2412.08905, table 5): share of training and epochs seen, the cap being ours."""

    total_tokens: Annotated[int, Field(gt=0)] | None = None
    """Token budget of the mixture; None: as much as the shares and caps allow."""
    web: MixtureShare = MixtureShare(share=0.15, max_epochs=4)
    web_rewrites: MixtureShare = MixtureShare(share=0.15, max_epochs=8)
    synthetic: MixtureShare = MixtureShare(share=0.40, max_epochs=16)
    code: MixtureShare = MixtureShare(share=0.20, max_epochs=4)
    acquired: MixtureShare = MixtureShare(share=0.10, max_epochs=4)
    on_shortfall: Literal["keep_shares", "keep_budget"] = "keep_budget"
    """When a category cannot fill its share within its cap: `keep_budget` writes what there is and says how much is
    short; `keep_shares` lowers the budget until every share holds."""

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> MixtureConfig:
        total = sum(share.share for share in self.by_category().values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of the mixture sum to {total:g}, not to 1")
        return self

    def by_category(self) -> dict[str, MixtureShare]:
        return {name: getattr(self, name) for name in CATEGORIES}


class ShardConfig(Config):
    format: Literal["megatron"] = "megatron"
    tokens_per_shard: Annotated[int, Field(gt=0)] = 250_000_000
    """Tokens after which a new shard begins (1 GB of int32)."""


class Recipe(Config):
    """A whole run."""

    name: str
    seed: int = 0
    """Seed of the global shuffle and of every sample."""
    sources: tuple[SourceConfig, ...]
    extraction: ExtractionConfig = ExtractionConfig()
    measure: MeasureConfig = MeasureConfig()
    dedup: DedupConfig = DedupConfig()
    rules: tuple[RuleConfig, ...] = ()
    tokenizer: TokenizerConfig = TokenizerConfig()
    mixture: MixtureConfig = MixtureConfig()
    shards: ShardConfig = ShardConfig()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Recipe:
        for what, names in (
            ("source", [s.id for s in self.sources]),
            ("rule", [r.name for r in self.rules]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is there twice")
        return self


def load_recipe(name_or_path: str) -> Recipe:
    """The recipe in a YAML file, or a released one by its name (`tiny`, `phi4`, `fineweb`).

    Raises RecipeError that names the field and the cause.
    """
    return parse_recipe(_read_recipe(name_or_path), name_or_path)


def parse_recipe(text: str, name: str) -> Recipe:
    """The recipe in a YAML text; `name` is what errors call it.

    `extends: NAME` takes over a released recipe or a file: mappings are merged, other values replaced, and the key of a
    list with `+` after it (`rules+`) adds to that list.
    """
    try:
        return Recipe.model_validate(_extended(_plain(text, name), name, depth=0))
    except ValidationError as error:
        causes = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RecipeError(f"recipe {name}: {causes}") from error


def _read_recipe(name_or_path: str) -> str:
    path = Path(name_or_path)
    released = resources.files("pipelines") / "recipes" / f"{name_or_path}.yaml"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    if "/" not in name_or_path and released.is_file():
        return released.read_text(encoding="utf-8")
    raise RecipeError(f"no recipe {name_or_path!r}: neither a file nor one of {', '.join(released_recipes())}")


def _plain(text: str, name: str) -> dict[str, Any]:
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"recipe {name}: not YAML: {error}") from error
    if not isinstance(plain, dict):
        raise RecipeError(f"recipe {name}: must be a mapping of fields, is {type(plain).__name__}")
    return plain


def _extended(plain: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
    base_name = plain.pop("extends", None)
    if base_name is None:
        return plain
    if depth == MAX_EXTENDS:
        raise RecipeError(f"recipe {name}: `extends` goes in a circle, or through more than {MAX_EXTENDS} recipes")
    base = _extended(_plain(_read_recipe(str(base_name)), str(base_name)), str(base_name), depth + 1)
    return _merged(base, plain)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        here = merged.get(key.removesuffix("+"))
        if key.endswith("+") and isinstance(here, list) and isinstance(value, list):
            merged[key.removesuffix("+")] = [*here, *value]
        elif isinstance(here, dict) and isinstance(value, dict):
            merged[key] = _merged(here, value)
        else:
            merged[key] = value
    return merged


MAX_EXTENDS = 8


def released_recipes() -> list[str]:
    """Names of the recipes that come with Gristmill, sorted."""
    folder = resources.files("pipelines") / "recipes"
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def config_digest(config: object) -> str:
    """Sixteen hex digits that change when the JSON form of a config (a model, or a plain value) does."""
    plain = config.model_dump(mode="json") if isinstance(config, BaseModel) else config
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
