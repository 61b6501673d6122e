from __future__ import annotations

from extractors.html import train


def test_headings_and_items_weigh_more_outside_threads_and_code_everywhere() -> None:
    page = train.page_of({"html": "<h1>a</h1><h2>b</h2><ul><li>c</ul><pre>x\ny</pre><p>d"})
    assert page is not None
    assert [round(float(value), 3) for value in train.boosts(page, False)] == [1, 1.3, 1.3, 1.5, 1]
    assert [round(float(value), 3) for value in train.boosts(page, True)] == [1, 1, 1, 1.5, 1]


def test_a_page_with_posts_only_labels_what_lies_in_one() -> None:
    record = {"fragile": {"posts": ["The kettle boils. Nobody minds the rain."], "code": ["boil(kettle)\npour(tea)"]}}
    texts = ["Nobody minds the rain.", "Nobody minds", "Reply to this post", "boil(kettle)\npour(tea)"]
    label, weight = train.label_by_parts(texts, record)
    assert label.tolist() == [1, -1, -1, 1]
    assert [value > 0 for value in weight] == [True, False, False, True]
