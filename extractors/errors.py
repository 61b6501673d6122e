"""Everything that can go wrong while turning one document's bytes into text.

ExtractionError
├── TimeLimitExceeded      the document took longer than its limit
├── MemoryLimitExceeded    the process ran out of memory on the document
├── InputTooLarge          more bytes than the limit; the text of the first part is kept
├── NestingTooDeep         deeper than the parser or the walk may go
├── UndecodableInput       no charset makes text of the bytes
├── DamagedInput           not the format it is said to be, or broken beyond what its reader mends
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


class DamagedInput(ExtractionError):
    """The bytes are not the format they are said to be, or are broken beyond what its reader mends."""


class ExtractorBug(ExtractionError):
    """An unforeseen exception inside an extractor: a defect of ours."""
