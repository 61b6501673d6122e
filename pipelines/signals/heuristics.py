"""All heuristic signals of one document, from one tokenization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipelines.signals.c4 import c4_signals
from pipelines.signals.characters import character_signals, compression_ratio, structure_signals
from pipelines.signals.lines import line_signals, non_blank_lines, ratio
from pipelines.signals.repetition import Ints, ngram_signals
from pipelines.signals.words import LETTER, WORD, Vocabulary

STOP_WORDS: Final = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Gopher's eight (arXiv 2112.11446, A.1.1), of which English prose has two; case counts, as in datatrove."""

Signals = Mapping[str, float | int | bool | None]


def heuristic_signals(text: str, lower: str, words: Ints, vocabulary: Vocabulary) -> Signals:
    """Every column of Gopher, C4, FineWeb, characters and structure.

    `words` are the vocabulary's numbers of the text's tokens in order, `lower` the text in lower case.
    """
    encoded = text.encode()
    lines = non_blank_lines(text)
    return {
        "num_chars": len(text),
        "num_bytes": len(encoded),
        **_word_signals(words, vocabulary, len(text)),
        **line_signals(text, lines, len(words)),
        **c4_signals(lower, lines),
        **character_signals(text),
        "compression_ratio": compression_ratio(encoded),
        **structure_signals(text),
    }


def _word_signals(words: Ints, vocabulary: Vocabulary, num_chars: int) -> dict[str, float | int | None]:
    lengths, kinds = vocabulary.lengths(words), vocabulary.kinds(words)
    is_word = (kinds & WORD).astype(bool)
    num_words = int(is_word.sum())
    num_alpha_words = int((kinds & LETTER).astype(bool).sum())
    present = set(words.tolist())
    return {
        "num_words": num_words,
        "mean_word_length_chars": int(lengths[is_word].sum()) / num_words if num_words else None,
        "alpha_word_ratio": ratio(num_alpha_words, num_words),
        "gopher_alpha_word_ratio": ratio(num_alpha_words, len(words)),
        "num_distinct_stop_words": sum(vocabulary.get(word, -1) in present for word in STOP_WORDS),
        **ngram_signals(words, lengths, num_chars),
    }
