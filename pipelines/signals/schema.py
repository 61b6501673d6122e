"""The Arrow schema of `signals`: what `measure` stores for each document, and what rules may compare.

Names say what is measured, never a verdict. Counts are int64, ratios float64; a column is null where the row has no
text, where the measurement failed (`error` is set) or where its comment says so. Where two published definitions
differ, the column with a prefix (`c4_`, `fineweb_`, `fineweb_c4_`) is the one of that paper's released code.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from pipelines.schemas import EXACT_DIGEST, IDENTITY, MINHASH_BANDS, MINHASH_SKETCH, SIGNALS_OUTCOME

LANGUAGE: Final = (
    pa.field("language", pa.string()),  # lid.176 code (`en`, `zh`, `arz`); null: no letters to go by
    pa.field("language_score", pa.float64()),  # softmax probability of it, 0 to 1, uncalibrated
)

SIZES: Final = (
    pa.field("num_chars", pa.int64()),  # code points
    pa.field("num_bytes", pa.int64()),  # UTF-8
    pa.field("num_lines", pa.int64()),  # lines that hold more than white space and marks of quotation
    pa.field("num_paragraphs", pa.int64()),  # blocks between blank lines
    pa.field("num_sentences", pa.int64()),
    pa.field("num_words", pa.int64()),  # tokens that are not only punctuation (Gopher's count)
)

GOPHER_QUALITY: Final = (
    pa.field("mean_word_length_chars", pa.float64()),  # of the `num_words` words; null when there are none
    pa.field("hash_to_word_ratio", pa.float64()),  # `#` per token; may exceed 1
    pa.field("ellipsis_to_word_ratio", pa.float64()),  # `...` and `…` per token
    pa.field("bullet_line_ratio", pa.float64()),  # lines that begin with `•` or `-`
    pa.field("ellipsis_line_ratio", pa.float64()),  # lines that end with `...` or `…`
    pa.field("alpha_word_ratio", pa.float64()),  # of the `num_words` words, those with a letter in them
    pa.field("gopher_alpha_word_ratio", pa.float64()),  # of all tokens, punctuation marks too, as datatrove counts
    pa.field("num_distinct_stop_words", pa.int64()),  # of the, be, to, of, and, that, have, with
)

GOPHER_REPETITION: Final = (
    pa.field("duplicate_line_ratio", pa.float64()),
    pa.field("duplicate_line_char_ratio", pa.float64()),  # of all characters of the document, as the rest here
    pa.field("duplicate_paragraph_ratio", pa.float64()),
    pa.field("duplicate_paragraph_char_ratio", pa.float64()),
    *(pa.field(f"top_{n}gram_char_ratio", pa.float64()) for n in (2, 3, 4)),
    *(pa.field(f"duplicate_{n}gram_char_ratio", pa.float64()) for n in range(5, 11)),
)

C4: Final = (
    # with every line rule of C4's released code
    pa.field("c4_num_sentences", pa.int64()),  # in the lines that its line rules leave
    pa.field("c4_removed_line_ratio", pa.float64()),
    pa.field("c4_has_lorem_ipsum", pa.bool_()),
    pa.field("c4_has_curly_bracket", pa.bool_()),
    # as FineWeb runs it: lines need no terminal punctuation
    pa.field("fineweb_c4_num_sentences", pa.int64()),
    pa.field("fineweb_c4_removed_line_ratio", pa.float64()),
    pa.field("fineweb_c4_has_lorem_ipsum", pa.bool_()),
    pa.field("fineweb_c4_has_curly_bracket", pa.bool_()),
    pa.field("num_policy_lines", pa.int64()),  # lines with one of C4's six cookie and privacy phrases
    pa.field("num_javascript_lines", pa.int64()),  # lines that speak of javascript
)

FINEWEB: Final = (
    pa.field("line_end_punctuation_ratio", pa.float64()),  # lines that end in terminal punctuation of any script
    pa.field("line_end_punctuation_char_ratio", pa.float64()),  # characters of those lines, of all lines' characters
    pa.field("short_line_ratio", pa.float64()),  # lines of at most 30 characters
    pa.field("fineweb_duplicate_line_char_ratio", pa.float64()),  # of the characters that are not newlines
    pa.field("newline_to_word_ratio", pa.float64()),  # newlines per token; may exceed 1
)

CHARACTERS: Final = (
    pa.field("compression_ratio", pa.float64()),  # raw/compressed bytes, corrected for length; prose: 2 to 3
    pa.field("control_char_ratio", pa.float64()),  # U+FFFD, control and private-use characters
    pa.field("digit_char_ratio", pa.float64()),  # of the characters that are not white space
    pa.field("alpha_char_ratio", pa.float64()),  # letters and their marks, of the same
    pa.field("uppercase_letter_ratio", pa.float64()),  # of the letters that have case; 0 without any
)

STRUCTURE: Final = (
    # the Markdown of the extractors; what a rule for prose must spare
    pa.field("code_char_ratio", pa.float64()),  # characters in fenced code and code spans
    pa.field("math_char_ratio", pa.float64()),  # characters in `$…$` and `$$…$$`
    pa.field("table_line_ratio", pa.float64()),  # lines that are rows of a pipe table
    pa.field("heading_line_ratio", pa.float64()),  # lines that are `#` headings
    pa.field("has_prose_curly_bracket", pa.bool_()),  # `{` outside code and mathematics
)

THREAD: Final = (
    # of source `stackexchange` only, null elsewhere; from metadata
    pa.field("question_score", pa.int64()),  # votes up less votes down
    pa.field("best_answer_score", pa.int64()),  # null without an answer
    pa.field("num_answers", pa.int64()),  # those in the text
    pa.field("has_accepted_answer", pa.bool_()),  # among those
    pa.field("is_closed_question", pa.bool_()),  # as off topic, unclear, a duplicate, …
)

CODE: Final = (
    # of category `code` only, null elsewhere; the first nine from metadata, null where the source does not say
    pa.field("code_language", pa.string()),  # Linguist's name (`Python`, `C++`)
    pa.field("code_kind", pa.string()),  # programming, markup, data or prose
    pa.field("is_generated", pa.bool_()),  # by name, by its first lines, minified or a lock file
    pa.field("is_vendored", pa.bool_()),  # a copy of somebody else's code, by its path
    pa.field("is_minified", pa.bool_()),
    pa.field("is_lockfile", pa.bool_()),
    pa.field("is_test", pa.bool_()),
    pa.field("license_permissive", pa.bool_()),  # null: no licence found
    pa.field("num_masked", pa.int64()),  # secrets and e-mail addresses that the reader replaced
    pa.field("code_has_kept_text_name", pa.bool_()),  # one of the names under which The Stack v2 keeps plain text
    pa.field("code_num_lines", pa.int64()),  # blank ones too
    pa.field("code_max_line_chars", pa.int64()),
    pa.field("code_mean_line_chars", pa.float64()),
    pa.field("code_alnum_char_ratio", pa.float64()),  # of all characters, white space too
    pa.field("code_alpha_char_ratio", pa.float64()),  # letters, likewise
    pa.field("code_alpha_chars_per_token", pa.float64()),  # a token: a run of word characters, or any other character
    pa.field("code_encoded_char_ratio", pa.float64()),  # in runs of base64, hexadecimal or \u escapes
    pa.field("code_max_encoded_chars", pa.int64()),  # longest such run
    pa.field("code_has_xml_declaration", pa.bool_()),  # `<?xml version=` in the first 100 characters
    pa.field("code_says_generated", pa.bool_()),  # the first lines do
    pa.field("code_visible_chars", pa.int64()),  # text outside tags and scripts; null but for HTML and its kin
    pa.field("code_visible_char_ratio", pa.float64()),  # of all characters
)

BENCHMARKS: Final = (
    # phi-4's Algorithm 1; all null when the run has no benchmarks
    pa.field("benchmark_13gram_item", pa.string()),  # `file_stem/index` that the longest run of matches is of
    pa.field("benchmark_13gram_span", pa.string()),  # that run as the document has it, up to 1,000 characters
    pa.field("benchmark_13gram_matches", pa.int64()),  # distinct 13-grams of the document that are a benchmark's
    pa.field("benchmark_7gram_ratio", pa.float64()),  # largest overlap / min(7-grams of document, of item)
    pa.field("benchmark_7gram_item", pa.string()),  # item with that ratio; null when it is 0
    pa.field("benchmark_7gram_span", pa.string()),  # longest run that the document shares with it, likewise
)

DIGESTS: Final = (EXACT_DIGEST, MINHASH_BANDS, MINHASH_SKETCH)

MEASURED: Final = (
    *LANGUAGE,
    *SIZES,
    *GOPHER_QUALITY,
    *GOPHER_REPETITION,
    *C4,
    *FINEWEB,
    *CHARACTERS,
    *STRUCTURE,
    *THREAD,
    *CODE,
    *BENCHMARKS,
    *DIGESTS,
)
"""Everything that is measured from the text of one document."""

SIGNALS: Final = pa.schema([*IDENTITY, *SIGNALS_OUTCOME, *MEASURED])
