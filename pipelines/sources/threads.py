"""Posts of Q&A sites to threads: a question with its answers becomes one document, and every post stays accounted for.

A pure function over posts sorted as `sort_key` says, one thread in memory at a time. `num_records` of a thread is the
number of its posts; answers that are not in it are in a skipped row of the thread, by reason. All other rows (failures,
skips, closing rows) pass. Blind spot: answers to a question in another container (none in the dumps) are orphans.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from extractors.qa import thread_licence, thread_text
from pipelines.source_config import StackExchangeOptions
from pipelines.sources.records import (
    SKIP_ANSWER_SCORE,
    SKIP_DUPLICATE_POST,
    SKIP_ORPHAN_ANSWER,
    SKIP_THREAD_SIZE,
    Row,
    document_id,
)

ThreadKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Post:
    """A row that the reader made of one post, and its notes."""

    row: Row
    notes: dict[str, Any]

    @property
    def key(self) -> ThreadKey:
        return self.row.container, self.notes.get("member", ""), self.notes["question_id"]

    @property
    def is_question(self) -> bool:
        return bool(self.notes["post_type"] == "question")

    @property
    def sort_key(self) -> tuple[str, str, int, bool, int, int, str]:
        """Threads together, the question first, answers by score, then by id."""
        return (*self.key, not self.is_question, -self.notes["score"], self.notes["post_id"], self.row.doc_id)


def as_post(row: Row) -> Post | None:
    """None for a row that is no post: a skip, a failure without notes, a closing row."""
    if row.metadata is None or row.skip_reason is not None:
        return None
    notes = json.loads(row.metadata)
    return Post(row, notes) if "question_id" in notes else None


def form_threads(rows: Iterable[Row], config: StackExchangeOptions) -> Iterator[Row]:
    """Documents and accounts of rows whose posts come in the order of `Post.sort_key`, other rows anywhere."""
    thread: _Thread | None = None
    for row in rows:
        post = as_post(row)
        if post is None:
            yield row
            continue
        if thread is None or thread.key != post.key:
            if thread is not None:
                yield from thread.close()
            thread = _Thread(post, config)
        if row.error is not None:
            yield row
        thread.add(post)
    if thread is not None:
        yield from thread.close()


class _Thread:
    """The posts of one question so far."""

    def __init__(self, first: Post, config: StackExchangeOptions) -> None:
        self.key = first.key
        self._source, self._category = first.row.source, first.row.category
        self._config = config
        self._question: Post | None = None
        self._answers: list[Post] = []
        self._chars = 0
        self._ids: set[int] = set()
        self._skipped: Counter[tuple[str, str]] = Counter()

    def add(self, post: Post) -> None:
        """Take a post in, or count it as left out."""
        if post.is_question and self._question is None:
            self._question = post
            self._chars += len(post.row.text or "")
        elif post.row.error is not None:
            return  # its own row says so
        elif reason := self._reason(post):
            self._skipped[reason] += 1
        else:
            self._answers.append(post)
            self._chars += len(post.row.text or "")
        self._ids.add(post.notes["post_id"])

    def _reason(self, post: Post) -> tuple[str, str] | None:
        """Why an answer (or a second question) is not in the thread."""
        if self._question is None:
            return SKIP_ORPHAN_ANSWER, "no_question"
        if self._question.row.error is not None:
            return SKIP_ORPHAN_ANSWER, "failed_question"
        if post.is_question or post.notes["post_id"] in self._ids:
            return SKIP_DUPLICATE_POST, post.notes["post_type"]
        if self._is_accepted(post):
            return None
        least = self._config.min_answer_score
        if least is not None and post.notes["score"] < least:
            return SKIP_ANSWER_SCORE, ""
        if self._chars + len(post.row.text or "") > self._config.max_thread_chars:
            return SKIP_THREAD_SIZE, ""
        return None

    def _is_accepted(self, post: Post) -> bool:
        return self._question is not None and self._question.notes.get("accepted_answer_id") == post.notes["post_id"]

    def close(self) -> Iterator[Row]:
        """The document, if there is a question, then a row for each reason for which answers are left out."""
        if self._question is not None and self._question.row.error is None:
            yield self._document(self._question)
        container, member, question_id = self.key
        for (reason, value), count in sorted(self._skipped.items()):
            locator = f"{thread_locator(member, question_id)}\0{reason}\0{value}"
            yield Row(
                document_id(self._source, container, locator),
                self._source,
                self._category,
                container=container,
                skip_reason=reason,
                skip_value=value or None,
                num_records=count,
            )

    def _document(self, question: Post) -> Row:
        container, member, question_id = self.key
        answers = sorted(self._answers, key=lambda post: (not self._is_accepted(post), post.sort_key))
        posts = [question, *answers]
        text = thread_text(
            question.row.title or "",
            question.row.text or "",
            ((post.row.text or "", self._is_accepted(post)) for post in answers),
        )
        return replace(
            question.row,
            doc_id=document_id(self._source, container, thread_locator(member, question_id)),
            license=thread_licence(post.row.license for post in posts),
            text=text,
            num_records=len(posts),
            metadata=json.dumps(self._notes(question, answers), ensure_ascii=False, sort_keys=True),
        )

    def _notes(self, question: Post, answers: list[Post]) -> dict[str, Any]:
        """What rules, attribution and a trace back to the dump need."""
        copied = ("site", "member", "tags", "view_count", "closed_date", "decoded_offset", "question_id")
        notes = {name: question.notes[name] for name in copied if name in question.notes}
        notes["question_score"] = question.notes["score"]
        notes["num_answers"] = len(answers)
        notes["has_accepted_answer"] = any(map(self._is_accepted, answers))
        if answers:
            notes["best_answer_score"] = max(post.notes["score"] for post in answers)
        notes["posts"] = [attribution(post, is_accepted=self._is_accepted(post)) for post in (question, *answers)]
        return notes


def thread_locator(member: str, question_id: int) -> str:
    """What identifies a thread in its container, in every dump of the site."""
    return f"{member}\0questions/{question_id}" if member else f"questions/{question_id}"


def attribution(post: Post, *, is_accepted: bool) -> dict[str, Any]:
    """Who wrote a post, where it is, and under which licence (CC BY-SA asks for it)."""
    notes, site = post.notes, post.notes.get("site")
    found: dict[str, Any] = {"id": notes["post_id"], "score": notes["score"]}
    optional = {
        "url": post.row.url,
        "date": post.row.date,
        "license": post.row.license,
        "user": notes.get("owner_name"),
        "user_id": notes.get("owner_id"),
        "user_url": f"https://{site}/users/{notes['owner_id']}" if site and notes.get("owner_id", -1) > 0 else None,
        "accepted": is_accepted or None,
    }
    found.update({name: value for name, value in optional.items() if value is not None})
    return found
