"""Text to token ids, exactly as the model's own tokenizer does it.

cl100k_base and o200k_base come packaged (rs_bpe: the `bpe` crate's linear-time encoder, fuzzed against tiktoken); their
merges are compared with the sha256 that OpenAI publishes each time they are loaded. Cost: about 4 million tokens a
second and core for cl100k_base, 0.5 million for a `tokenizer.json`; none is quadratic in its input.
Blind spot: a `tokenizer.json` that normalises (lower case, NFKC) loses text, and nothing here says so.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.errors import RecipeError, TokenizerUnavailable
from pipelines.recipe import TokenizerConfig
from pipelines.storage import open_storage

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Tokenizer:
    """What turns documents into token ids; the same ids on every machine that has the same `digest`."""

    name: str
    """As the recipe names it."""
    digest: str
    """sha256, 64 hex digits: of the merges as a `.tiktoken` file, or of the `tokenizer.json`."""
    vocabulary: int
    """Largest id, special tokens included, plus one."""
    end_of_document: int
    """Id of the recipe's end-of-document token."""
    encode_batch: Callable[[Sequence[str]], list[Ids]] = field(repr=False)
    """The ids of each text, without an end-of-document token. What looks like a special token in a text
    (`<|endoftext|>`) is encoded as the ordinary characters it is, so that no document can end another."""


@dataclass(frozen=True)
class PackagedEncoding:
    """A tiktoken encoding whose merges rs_bpe carries: ids below `num_merges`, and the special ones."""

    num_merges: int
    sha256: str
    special_tokens: Mapping[str, int]


PACKAGED: Final[Mapping[str, PackagedEncoding]] = {
    "cl100k_base": PackagedEncoding(
        100_256,
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        {
            "<|endoftext|>": 100_257,
            "<|fim_prefix|>": 100_258,
            "<|fim_middle|>": 100_259,
            "<|fim_suffix|>": 100_260,
            "<|endofprompt|>": 100_276,
        },
    ),
    "o200k_base": PackagedEncoding(
        199_998,
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        {"<|endoftext|>": 199_999, "<|endofprompt|>": 200_018},
    ),
}
"""Sizes, digests and special tokens as openai/tiktoken states them (`tiktoken_ext/openai_public.py`)."""


@cache
def load_tokenizer(config: TokenizerConfig) -> Tokenizer:
    """The tokenizer a recipe names, loaded once per process.

    Raises TokenizerUnavailable when it, its file or its library is not there, and RecipeError when the end-of-document
    token is not one of its special tokens or an id does not fit the padded vocabulary.
    """
    if config.name in PACKAGED:
        tokenizer = _load_packaged(config)
    elif config.name.endswith(".json"):
        tokenizer = _load_hugging_face(config)
    else:
        tokenizer = _load_tiktoken(config)
    if tokenizer.vocabulary > config.padded_vocabulary:
        raise RecipeError(
            f"tokenizer {config.name}: its largest id is {tokenizer.vocabulary - 1:,}, which a vocabulary padded to "
            f"{config.padded_vocabulary:,} does not hold; set tokenizer.padded_vocabulary to at least "
            f"{tokenizer.vocabulary:,}"
        )
    return tokenizer


def _load_packaged(config: TokenizerConfig) -> Tokenizer:
    try:
        from rs_bpe.bpe import openai
    except ImportError as error:
        raise _missing(config, "rs-bpe") from error
    encoding = PACKAGED[config.name]
    encoder = getattr(openai, config.name)()
    merges = encoder.bpe()
    digest = _merges_digest((rank, bytes(merges.decode_tokens([rank]))) for rank in range(encoding.num_merges))
    if digest != encoding.sha256:
        raise TokenizerUnavailable(
            f"tokenizer {config.name}: the merges that rs_bpe carries have sha256 {digest}, not {encoding.sha256}; "
            "install the version of rs-bpe that requirements.lock names"
        )

    def encode_batch(texts: Sequence[str]) -> list[Ids]:
        ids, _num_tokens, _seconds = encoder.encode_batch(list(texts))
        return [np.array(document, dtype=np.int32) for document in ids]

    return Tokenizer(
        name=config.name,
        digest=digest,
        vocabulary=max(encoding.num_merges - 1, *encoding.special_tokens.values()) + 1,
        end_of_document=_end_of_document(config, encoding.special_tokens),
        encode_batch=encode_batch,
    )


def _load_tiktoken(config: TokenizerConfig) -> Tokenizer:
    try:
        import requests
        import tiktoken
    except ImportError as error:
        raise _missing(config, "tiktoken") from error
    if config.name not in tiktoken.list_encoding_names():
        known = ", ".join(sorted({*PACKAGED, *tiktoken.list_encoding_names()}))
        raise TokenizerUnavailable(
            f"no tokenizer {config.name!r}: it is neither one of {known} nor the path of a tokenizer.json"
        )
    try:
        encoder = tiktoken.get_encoding(config.name)
    except (requests.RequestException, OSError, ValueError) as error:
        raise TokenizerUnavailable(
            f"tokenizer {config.name}: tiktoken could not get its merges ({error}); fetch them once where there is a "
            "network with TIKTOKEN_CACHE_DIR set, copy that folder to every worker and set TIKTOKEN_CACHE_DIR there, "
            f"or use one that is packaged: {', '.join(PACKAGED)}"
        ) from error
    return tiktoken_tokenizer(config, encoder)


def tiktoken_tokenizer(config: TokenizerConfig, encoder: Any) -> Tokenizer:
    """A tokenizer from a `tiktoken.Encoding` that is already there."""
    special_tokens = {token: encoder.encode_single_token(token) for token in encoder.special_tokens_set}
    merges = sorted((encoder.encode_single_token(token), token) for token in encoder.token_byte_values())

    def encode_batch(texts: Sequence[str]) -> list[Ids]:
        return [encoder.encode_to_numpy(text, disallowed_special=()).astype(np.int32) for text in texts]

    return Tokenizer(
        name=config.name,
        digest=_merges_digest(merges),
        vocabulary=encoder.max_token_value + 1,
        end_of_document=_end_of_document(config, special_tokens),
        encode_batch=encode_batch,
    )


def _load_hugging_face(config: TokenizerConfig) -> Tokenizer:
    try:
        import tokenizers
    except ImportError as error:
        raise _missing(config, "tokenizers") from error
    content = _read_tokenizer_json(config)
    # Each Spark task is one core's worth of work, and a pool of threads does not survive the fork of Python workers.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    encoder = tokenizers.Tokenizer.from_str(content.decode())
    encoder.no_truncation()
    encoder.no_padding()
    encoder.encode_special_tokens = True  # means: as ordinary text
    special = {str(token): id_ for id_, token in encoder.get_added_tokens_decoder().items() if token.special}
    end_of_document = _end_of_document(config, special)
    if end_of_document in encoder.encode(config.end_of_document, add_special_tokens=False).ids:
        raise RecipeError(
            f"tokenizer {config.name}: a document that holds the characters {config.end_of_document!r} would end "
            "there, because its model knows them as a word; use a tokenizer that keeps special tokens apart from text"
        )

    def encode_batch(texts: Sequence[str]) -> list[Ids]:
        encodings = encoder.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(encoding.ids, dtype=np.int32) for encoding in encodings]

    return Tokenizer(
        name=config.name,
        digest=hashlib.sha256(content).hexdigest(),
        vocabulary=max(encoder.get_vocab(with_added_tokens=True).values()) + 1,
        end_of_document=end_of_document,
        encode_batch=encode_batch,
    )


def _read_tokenizer_json(config: TokenizerConfig) -> bytes:
    folder, _, file = config.name.rpartition("/")
    try:
        content = open_storage(folder or ".").read_bytes(file)
    except OSError as error:
        raise TokenizerUnavailable(
            f"tokenizer {config.name}: cannot read it ({error}); the path must be readable on every worker"
        ) from error
    try:
        is_tokenizer = "model" in json.loads(content)
    except ValueError as error:
        raise TokenizerUnavailable(f"tokenizer {config.name}: not JSON ({error})") from error
    if not is_tokenizer:
        raise TokenizerUnavailable(
            f"tokenizer {config.name}: not a tokenizer.json of Hugging Face tokenizers, which has a `model`; "
            "a tokenizer_config.json or vocab.json does not do"
        )
    return content


def _end_of_document(config: TokenizerConfig, special_tokens: Mapping[str, int]) -> int:
    if config.end_of_document not in special_tokens:
        known = ", ".join(sorted(special_tokens)) or "none"
        raise RecipeError(
            f"tokenizer {config.name}: {config.end_of_document!r} is not one of its special tokens ({known}); set "
            "tokenizer.end_of_document to the one its model was trained with"
        )
    return special_tokens[config.end_of_document]


def _merges_digest(merges: Iterable[tuple[int, bytes]]) -> str:
    """sha256 of the `.tiktoken` file of some merges: a line of `base64 rank` for each, in the order of their ranks."""
    digest = hashlib.sha256()
    for rank, token in merges:
        digest.update(base64.b64encode(token) + b" %d\n" % rank)
    return digest.hexdigest()


def _missing(config: TokenizerConfig, distribution: str) -> TokenizerUnavailable:
    return TokenizerUnavailable(f"tokenizer {config.name} needs the package {distribution}: pip install {distribution}")


def encode_documents(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[pa.Int64Array, pa.BinaryArray]:
    """`num_tokens` and `tokens` of each text as the TOKENS schema has them: with its end-of-document token.

    The texts together must have less than 2**29 tokens (2 GiB of int32).
    """
    end = np.array([tokenizer.end_of_document], dtype="<i4")
    documents = tokenizer.encode_batch(texts)
    num_tokens = np.array([len(ids) + 1 for ids in documents], dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(num_tokens * end.itemsize)))
    stream = np.concatenate([part for ids in documents for part in (ids, end)]) if documents else end[:0]
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(stream.astype("<i4", copy=False))]
    return pa.array(num_tokens), pa.BinaryArray.from_buffers(pa.binary(), len(documents), buffers)
