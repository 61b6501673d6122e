"""Posts joined into threads by the pure function: order, marks, accounts and limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.source_config import StackExchangeOptions
from pipelines.sources.records import Row, document_id
from pipelines.sources.threads import as_post, form_threads

ALL = StackExchangeOptions(min_answer_score=None)


def post(number: int, question: int, score: int = 0, text: str = "", **more: Any) -> Row:
    kind = "question" if number == question else "answer"
    container = more.pop("container", "c")
    notes = {"post_type": kind, "post_id": number, "question_id": question, "score": score, "site": "s.com", **more}
    serial = more.pop("serial", 0)
    return Row(
        document_id("stackexchange", container, f"{number}@{serial}"),
        "stackexchange",
        "acquired",
        url=f"https://s.com/{number}",
        container=container,
        license="CC-BY-SA-3.0",
        title="T" if kind == "question" else None,
        text=text or f"text {number}",
        metadata=json.dumps(notes),
    )


def threads(*rows: Row, config: StackExchangeOptions = ALL) -> list[Row]:
    posts = sorted((found for row in rows if (found := as_post(row))), key=lambda found: found.sort_key)
    others = [row for row in rows if as_post(row) is None]
    return list(form_threads([*others, *(found.row for found in posts)], config))


def skips(rows: list[Row]) -> list[tuple[str | None, str | None, int]]:
    return [(row.skip_reason, row.skip_value, row.num_records) for row in rows if row.skip_reason]


def notes_of(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.metadata or "")
    return found


class TestThread:
    def test_answers_come_by_score_after_the_accepted_one(self) -> None:
        rows = threads(post(1, 1, accepted_answer_id=4), post(2, 1, 3), post(3, 1, 9), post(4, 1, 1), post(5, 1, 3))
        assert len(rows) == 1
        blocks = (rows[0].text or "").split("\n\n")
        assert blocks == [
            *("# T", "text 1", "## Accepted answer", "text 4", "## Answer", "text 3"),
            *("## Answer", "text 2", "## Answer", "text 5"),
        ]
        assert rows[0].num_records == 5

    def test_rules_and_attribution_find_what_they_need(self) -> None:
        (row,) = threads(
            post(1, 1, 7, tags=["a"], owner_id=5, view_count=9),
            post(2, 1, -4, owner_id=-1),
            post(3, 1, -2, owner_name="user3"),
        )
        notes = notes_of(row)
        assert (notes["question_score"], notes["best_answer_score"], notes["num_answers"]) == (7, -2, 2)
        assert (notes["has_accepted_answer"], notes["tags"], notes["view_count"]) == (False, ["a"], 9)
        question, third, second = notes["posts"]
        assert (question["user_url"], question["license"]) == ("https://s.com/users/5", "CC-BY-SA-3.0")
        assert (third["user"], second["user_id"], "user_url" in second) == ("user3", -1, False)

    def test_the_id_depends_on_the_question_alone(self) -> None:
        (alone,) = threads(post(1, 1))
        (answered,) = threads(post(1, 1, 5, text="edited", serial=8), post(2, 1))
        assert alone.doc_id == answered.doc_id

    def test_without_answers_there_is_no_best_score(self) -> None:
        notes = notes_of(threads(post(1, 1))[0])
        assert (notes["num_answers"], "best_answer_score" in notes) == (0, False)

    def test_an_accepted_answer_that_is_not_there_marks_nothing(self) -> None:
        (row,) = threads(post(1, 1, accepted_answer_id=99), post(2, 1))
        assert "Accepted" not in (row.text or "")
        assert notes_of(row)["has_accepted_answer"] is False


class TestAccounts:
    def test_answers_without_a_question_are_counted_together(self) -> None:
        rows = threads(post(2, 1), post(3, 1), post(4, 9, container="d"))
        assert skips(rows) == [("orphan_answer", "no_question", 2), ("orphan_answer", "no_question", 1)]

    def test_answers_to_a_question_that_failed_are_orphans_and_its_row_stays(self) -> None:
        failed = post(1, 1)
        failed.text, failed.error = None, "TimeLimitExceeded"
        rows = threads(failed, post(2, 1))
        assert rows[0] is failed
        assert skips(rows) == [("orphan_answer", "failed_question", 1)]

    def test_an_answer_that_failed_keeps_its_row_beside_the_thread(self) -> None:
        failed = post(2, 1)
        failed.text, failed.error = None, "TimeLimitExceeded"
        rows = threads(post(1, 1), failed)
        assert [(row.error, row.num_records) for row in rows] == [("TimeLimitExceeded", 1), (None, 1)]

    @pytest.mark.parametrize(("score", "stays"), [(-1, False), (0, True)])
    def test_answers_below_the_least_score_are_left_out(self, score: int, stays: bool) -> None:
        rows = threads(post(1, 1), post(2, 1, score), config=StackExchangeOptions(min_answer_score=0))
        assert rows[0].num_records == 1 + stays
        assert skips(rows) == ([] if stays else [("answer_score", None, 1)])

    def test_an_accepted_answer_stays_whatever_its_score(self) -> None:
        rows = threads(post(1, 1, accepted_answer_id=2), post(2, 1, -9), config=StackExchangeOptions())
        assert rows[0].num_records == 2

    @pytest.mark.parametrize(("limit", "kept"), [(30, 3), (29, 2)])
    def test_a_thread_ends_at_its_size_with_its_best_answers(self, limit: int, kept: int) -> None:
        rows = threads(
            *(post(number, 1, -number, text="x" * 10) for number in (1, 2, 3)),
            config=StackExchangeOptions(max_thread_chars=limit, min_answer_score=None),
        )
        assert rows[0].num_records == kept
        assert skips(rows) == ([] if kept == 3 else [("thread_size", None, 1)])

    def test_a_post_that_is_there_twice_counts_as_a_duplicate(self) -> None:
        rows = threads(post(1, 1), post(1, 1, -1, serial=1), post(2, 1), post(2, 1, -1, serial=1))
        assert rows[0].num_records == 2
        assert skips(rows) == [("duplicate_post", "answer", 1), ("duplicate_post", "question", 1)]

    def test_rows_that_are_no_posts_pass_unchanged(self) -> None:
        closing = Row("e", "stackexchange", "acquired", container="c", skip_reason="container_end", num_records=0)
        broken = Row("f", "stackexchange", "acquired", container="c", error="MalformedRecord")
        assert threads(closing, broken) == [closing, broken]

    def test_thousands_of_answers_are_one_thread_within_its_limit(self) -> None:
        answers = [post(number, 1, number, text="y" * 1000) for number in range(2, 3002)]
        (row, left_out) = threads(post(1, 1), *answers)
        assert len(row.text or "") < 1_050_000
        assert row.num_records + left_out.num_records == 3001


POSTS = st.lists(
    st.builds(
        lambda number, question, score, accepted: (number, question, score, accepted),
        st.integers(1, 6),
        st.integers(1, 3),
        st.integers(-3, 3),
        st.integers(1, 6),
    ),
    max_size=12,
)


@given(POSTS, st.randoms())
def test_records_are_kept_ids_differ_and_the_order_of_arrival_does_not_matter(
    drawn: list[tuple[int, int, int, int]], random: Any
) -> None:
    rows = [
        post(number, question, score, accepted_answer_id=accepted, serial=serial)
        for serial, (number, question, score, accepted) in enumerate(drawn)
    ]
    formed = threads(*rows, config=StackExchangeOptions())
    assert sum(row.num_records for row in formed) == len(rows)
    assert len({row.doc_id for row in formed}) == len(formed)
    random.shuffle(rows)
    assert threads(*rows, config=StackExchangeOptions()) == formed
