"""Everything that can go wrong while turning one document's bytes into text.

ExtractionError
├── TimeLimitExceeded      the document took longer than its limit
├── MemoryLimitExceeded    the process ran out of memory on the document
├── InputTooLarge          more bytes than the limit; the text of the first part is kept
├── NestingTooDeep         deeper than the parser or the walk may go
├── UndecodableInput       no charset makes text of the bytes
├── NoMainFile             a submission without a file that TeX would start from
├── ExpansionLimitExceeded macros that expand, or grow, without end; the text up to there is kept
├── OutputTooLarge         more text than the limit; the text up to there is kept
└── ExtractorBug           anything else: a defect of ours, with its traceback

An extractor returns these inside an `Extraction`; it never raises them on input. `code` is the name stored in
the `error` column and never reworded once released.
"""


class ExtractionError(Exception):
    """One document's extraction failed; `code` is the stable name of the cause."""

    @property
    def code(self) -> str:
        return type(self).__name__


class TimeLimitExceeded(ExtractionError):
    """The document took longer than `Limits.time_s`."""


class MemoryLimitExceeded(ExtractionError):
    """The process ran out of memory on the document."""


class InputTooLarge(ExtractionError):
    """The document has more than `Limits.input_bytes` bytes."""


class NestingTooDeep(ExtractionError):
    """Elements are nested deeper than the walk may go."""


class UndecodableInput(ExtractionError):
    """No charset turns the bytes into text."""


class NoMainFile(ExtractionError):
    """No file of the submission is one that TeX would start from."""


class ExpansionLimitExceeded(ExtractionError):
    """Macros expand, or grow, beyond the limit."""


class OutputTooLarge(ExtractionError):
    """The extractor writes more text than the limit."""


class ExtractorBug(ExtractionError):
    """An unforeseen exception inside an extractor: a defect of ours."""
