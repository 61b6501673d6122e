"""The plan sums to the token, keeps the caps, and says what is missing."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipelines.mixture import Available, Plan, plan_mixture
from pipelines.recipe import MixtureConfig, MixtureShare
from pipelines.schemas import CATEGORIES

PHI4 = {
    "web": Available(1_300_000_000_000, 1_000_000_000),
    "web_rewrites": Available(290_000_000_000, 200_000_000),
    "synthetic": Available(290_000_000_000, 200_000_000),
    "code": Available(820_000_000_000, 400_000_000),
    "acquired": Available(580_000_000_000, 90_000_000),
}

counts = st.one_of(st.just(Available(0, 0)), st.integers(1, 10**13).map(lambda tokens: Available(tokens, 1)))
available = st.fixed_dictionaries(dict.fromkeys(CATEGORIES, counts))


@st.composite
def mixtures(draw: st.DrawFn, total: bool | None = None) -> MixtureConfig:
    """Any shares in steps of a thousandth, any caps, with or without a budget."""
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=4, max_size=4)))
    thousandths = [end - start for start, end in zip([0, *cuts], [*cuts, 1000], strict=True)]
    epochs = st.floats(0.01, 20, allow_nan=False)
    shares = {
        name: MixtureShare(share=part / 1000, max_epochs=draw(epochs))
        for name, part in zip(CATEGORIES, thousandths, strict=True)
    }
    budgets = st.integers(1, 10**14)
    budget = draw(st.none() | budgets if total is None else budgets if total else st.none())
    shortfall = draw(st.sampled_from(["keep_budget", "keep_shares"]))
    return MixtureConfig(total_tokens=budget, on_shortfall=shortfall, **shares)


def test_the_plan_of_phi4_has_the_epochs_of_its_table_5() -> None:
    plan = plan_mixture(PHI4, MixtureConfig(total_tokens=10**13))
    assert [round(category.epochs or 0, 1) for category in plan.categories] == [1.2, 5.2, 13.8, 2.4, 1.7]
    assert [category.planned_tokens for category in plan.categories] == [
        share * 10**11 for share in (15, 15, 40, 20, 10)
    ]
    assert plan.messages() == ()


def test_full_passes_and_the_last_one_add_up_to_what_is_planned() -> None:
    web = plan_mixture({"web": Available(1000, 10)}, MixtureConfig(total_tokens=16_000)).by_category()["web"]
    assert (web.planned_tokens, web.full_passes, web.remainder_tokens, web.num_passes) == (2400, 2, 400, 3)


def test_a_category_planned_to_a_whole_number_of_passes_has_no_partial_one() -> None:
    web = plan_mixture({"web": Available(1000, 10)}, MixtureConfig(total_tokens=20_000)).by_category()["web"]
    assert (web.planned_tokens, web.full_passes, web.remainder_tokens, web.num_passes) == (3000, 3, 0, 3)


def test_a_category_at_its_cap_is_not_short_and_one_token_beyond_it_is() -> None:
    at_cap = plan_mixture({"code": Available(50, 1)}, MixtureConfig(total_tokens=1000)).by_category()["code"]
    assert (at_cap.planned_tokens, at_cap.shortfall_tokens) == (200, 0)
    beyond = plan_mixture({"code": Available(50, 1)}, MixtureConfig(total_tokens=1005)).by_category()["code"]
    assert (beyond.planned_tokens, beyond.shortfall_tokens) == (200, 1)


def test_shortfalls_are_said_plainly() -> None:
    plan = plan_mixture({"web": Available(1000, 2)}, MixtureConfig(total_tokens=100_000))
    assert plan.messages() == (
        "web: short by 11,000 tokens: 4 epochs of 1,000 tokens are all its cap allows",
        "web_rewrites: short by 15,000 tokens: no documents",
        "synthetic: short by 40,000 tokens: no documents",
        "code: short by 20,000 tokens: no documents",
        "acquired: short by 10,000 tokens: no documents",
    )


def test_keep_shares_lowers_the_budget_until_every_share_holds() -> None:
    config = MixtureConfig(total_tokens=100_000, on_shortfall="keep_shares")
    plan = plan_mixture({name: Available(1000, 2) for name in CATEGORIES}, config)
    assert [category.planned_tokens for category in plan.categories] == [3000, 3000, 8000, 4000, 2000]
    assert plan.messages() == ("mixture: lowered by 80,000 to 20,000 tokens, as much as code can fill its share of",)


def test_without_a_budget_the_first_category_to_run_out_sets_it_and_empty_ones_are_short() -> None:
    plan = plan_mixture({"web": Available(100_000, 10), "code": Available(300_000, 10)}, MixtureConfig())
    assert plan.budget_tokens == int(400_000 / Fraction("0.15"))
    assert plan.by_category()["web"].planned_tokens == 400_000
    assert plan.by_category()["code"].shortfall_tokens == 0
    assert "synthetic: short by 1,066,666 tokens: no documents" in plan.messages()
    assert plan.messages()[-1] == "mixture: a budget of 2,666,666 tokens, as much as web can fill its share of"


@pytest.mark.parametrize("total", [None, 1000])
def test_nothing_available_is_a_plan_of_nothing_that_says_so(total: int | None) -> None:
    plan = plan_mixture({}, MixtureConfig(total_tokens=total))
    assert plan.planned_tokens == 0
    assert plan.messages()[-1] == "mixture: nothing will be written: no category has documents"


def test_keep_shares_with_an_empty_category_writes_nothing_and_names_it() -> None:
    plan = plan_mixture({"web": Available(1000, 1)}, MixtureConfig(on_shortfall="keep_shares"))
    assert plan.planned_tokens == 0
    assert plan.messages() == ("mixture: nothing will be written: web_rewrites cannot fill its share",)


def test_a_category_without_a_share_is_left_out_and_not_short() -> None:
    shares = {name: MixtureShare(share=0, max_epochs=4) for name in CATEGORIES}
    config = MixtureConfig(total_tokens=1000, **(shares | {"web": MixtureShare(share=1, max_epochs=4)}))
    plan = plan_mixture({"web": Available(1000, 1), "code": Available(1000, 1)}, config)
    assert plan.by_category()["code"].num_passes == 0
    assert plan.messages() == ()


def test_rounding_favours_the_largest_remainder_and_then_the_first_category() -> None:
    plan = plan_mixture(PHI4, MixtureConfig(total_tokens=3))  # exact: 0.45 0.45 1.2 0.6 0.3
    assert [category.target_tokens for category in plan.categories] == [1, 0, 1, 1, 0]


@given(available=available, config=mixtures())
def test_sums_are_exact_and_caps_hold(available: dict[str, Available], config: MixtureConfig) -> None:
    plan = plan_mixture(available, config)
    assert sum(category.target_tokens for category in plan.categories) == plan.budget_tokens
    assert sum(category.planned_tokens for category in plan.categories) == plan.planned_tokens
    for category in plan.categories:
        share = Fraction(repr(category.share)) * plan.budget_tokens
        assert abs(category.target_tokens - share) < 1
        assert category.planned_tokens <= category.available_tokens * Fraction(repr(category.max_epochs))
        assert category.planned_tokens + category.shortfall_tokens == category.target_tokens
        passes = category.full_passes * category.available_tokens + category.remainder_tokens
        assert passes == category.planned_tokens
        assert category.remainder_tokens < max(1, category.available_tokens)


@given(available=available, config=mixtures(total=True))
def test_a_kept_budget_is_kept_and_a_kept_share_never_short(
    available: dict[str, Available], config: MixtureConfig
) -> None:
    plan = plan_mixture(available, config)
    if config.on_shortfall == "keep_budget":
        assert plan.budget_tokens == config.total_tokens
    else:
        assert plan.planned_tokens == plan.budget_tokens
        assert plan.budget_tokens <= (config.total_tokens or 0)


@given(available=available, config=mixtures(total=False))
def test_without_a_budget_no_category_with_documents_is_short_and_the_next_token_would_make_one(
    available: dict[str, Available], config: MixtureConfig
) -> None:
    plan = plan_mixture(available, config)
    fillable = [c for c in plan.categories if c.share and (c.cap_tokens or config.on_shortfall == "keep_shares")]
    assume(fillable)
    assert all(category.shortfall_tokens == 0 for category in fillable)
    more = plan.budget_tokens + 1
    assert any(more * Fraction(repr(c.share)) > c.cap_tokens for c in fillable)


@given(available=available, config=mixtures(total=True), name=st.sampled_from(CATEGORIES), more=st.integers(0, 10**12))
def test_more_of_a_category_never_plans_less_of_it(
    available: dict[str, Available], config: MixtureConfig, name: str, more: int
) -> None:
    before = plan_mixture(available, config)
    after = plan_mixture(available | {name: Available(available[name].tokens + more, 1)}, config)
    assert after.by_category()[name].planned_tokens >= before.by_category()[name].planned_tokens
    assert after.planned_tokens >= before.planned_tokens


@given(available=available, config=mixtures())
def test_a_plan_reads_back_as_it_was(available: dict[str, Available], config: MixtureConfig) -> None:
    plan = plan_mixture(available, config)
    assert Plan.model_validate_json(plan.to_json()) == plan


def test_a_plan_whose_sums_were_changed_by_hand_is_refused() -> None:
    text = plan_mixture(PHI4, MixtureConfig(total_tokens=10**6)).to_json()
    with pytest.raises(ValidationError, match="planned and target tokens sum to"):
        Plan.model_validate_json(text.replace('"planned_tokens": 150000', '"planned_tokens": 150001', 1))
