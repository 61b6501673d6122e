"""The plan of a mixture: how many tokens of each category, in how many passes, from exact counts of what there is.

All arithmetic is on integers and fractions (a share of 0.15 is 3/20), so that the categories sum to the budget to the
token. Method: targets by largest remainder (Hamilton), each cut at its category's cap. Reference: epochs = share x
total / available reproduces arXiv 2412.08905, table 5. Blind spot: quality within a category is not weighed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, NamedTuple, cast

from pydantic import model_validator

from pipelines.recipe import MixtureConfig
from pipelines.schemas import CATEGORIES
from pipelines.source_config import Category, Config


class Available(NamedTuple):
    """What a category has before any of it is repeated."""

    tokens: int
    """End-of-document tokens included."""
    documents: int


class CategoryPlan(Config):
    """What one category contributes; everything is counted in tokens, end-of-document tokens included."""

    category: Category
    share: float
    """Part of the budget that the recipe gives it."""
    available_tokens: int
    available_documents: int
    max_epochs: float
    """Times a document may be seen, inclusive."""
    target_tokens: int
    """Its share of the budget."""
    cap_tokens: int
    """Most that `max_epochs` allow: `max_epochs` x `available_tokens`, rounded down."""
    planned_tokens: int
    """The lesser of target and cap: what the shards will hold, to within one document."""
    shortfall_tokens: int
    """Target less planned."""
    epochs: float | None
    """Target over available: the passes the share would need; None when nothing is available."""
    full_passes: int
    """Times each document is written."""
    remainder_tokens: int
    """Tokens of the last pass, which is a seeded subset; 0: there is no such pass."""

    @property
    def num_passes(self) -> int:
        """Passes over the category, the partial last one included."""
        return self.full_passes + (1 if self.remainder_tokens else 0)


class Plan(Config):
    """A whole mixture, as `plan.json` holds it: an object with the fields below.

    `categories` has one object for each of the five categories, in their order, with the fields of CategoryPlan.
    """

    requested_tokens: int | None
    """Budget the recipe asks for; null: as much as the shares and caps allow."""
    budget_tokens: int
    """Budget the targets are shares of: what was asked for, or what `keep_shares` lowered it to, or the largest that
    every category with documents can fill."""
    planned_tokens: int
    """Sum over the categories."""
    on_shortfall: Literal["keep_shares", "keep_budget"]
    categories: tuple[CategoryPlan, ...]

    @model_validator(mode="after")
    def _sums_hold(self) -> Plan:
        planned = sum(category.planned_tokens for category in self.categories)
        target = sum(category.target_tokens for category in self.categories)
        if (planned, target) != (self.planned_tokens, self.budget_tokens):
            raise ValueError(
                f"the categories' planned and target tokens sum to {planned:,} and {target:,}, "
                f"not to {self.planned_tokens:,} and {self.budget_tokens:,}"
            )
        return self

    def by_category(self) -> dict[str, CategoryPlan]:
        return {category.category: category for category in self.categories}

    def to_json(self) -> str:
        """The text of `plan.json`; `Plan.model_validate_json` reads it back."""
        return self.model_dump_json(indent=1) + "\n"

    def messages(self) -> tuple[str, ...]:
        """What a reader has to know, one sentence each: shortfalls by category, then what set the budget."""
        messages = [message for category in self.categories if (message := _shortfall_message(category))]
        limit = _first_to_run_out(self)
        if not any(category.available_documents for category in self.categories):
            messages.append("mixture: nothing will be written: no category has documents")
        elif not self.planned_tokens:
            messages.append(f"mixture: nothing will be written: {limit} cannot fill its share")
        elif self.requested_tokens is None:
            messages.append(
                f"mixture: a budget of {self.budget_tokens:,} tokens, as much as {limit} can fill its share of"
            )
        elif self.budget_tokens < self.requested_tokens:
            messages.append(
                f"mixture: lowered by {self.requested_tokens - self.budget_tokens:,} to {self.budget_tokens:,} tokens, "
                f"as much as {limit} can fill its share of"
            )
        return tuple(messages)


def plan_mixture(available: Mapping[str, Available], config: MixtureConfig) -> Plan:
    """The plan for exact counts of what there is; categories that `available` leaves out have nothing.

    A budget of None is the largest that every category which has documents can fill within its cap; under
    `keep_shares` empty categories count too, so that a share that cannot be filled leaves nothing to write.
    """
    shares = _exact_shares(config)
    counts = {name: available.get(name, Available(0, 0)) for name in CATEGORIES}
    caps = {name: int(counts[name].tokens * _exact(share.max_epochs)) for name, share in config.by_category().items()}
    budget = _budget(shares, caps, config)
    targets = _largest_remainder(budget, shares)
    categories = tuple(
        _plan_category(name, config, counts[name], target_tokens=targets[name], cap_tokens=caps[name])
        for name in CATEGORIES
    )
    return Plan(
        requested_tokens=config.total_tokens,
        budget_tokens=budget,
        planned_tokens=sum(category.planned_tokens for category in categories),
        on_shortfall=config.on_shortfall,
        categories=categories,
    )


def _plan_category(
    name: str, config: MixtureConfig, available: Available, *, target_tokens: int, cap_tokens: int
) -> CategoryPlan:
    share = config.by_category()[name]
    planned = min(target_tokens, cap_tokens)
    full_passes, remainder = divmod(planned, available.tokens) if available.tokens else (0, 0)
    return CategoryPlan(
        category=cast(Category, name),
        share=share.share,
        available_tokens=available.tokens,
        available_documents=available.documents,
        max_epochs=share.max_epochs,
        target_tokens=target_tokens,
        cap_tokens=cap_tokens,
        planned_tokens=planned,
        shortfall_tokens=target_tokens - planned,
        epochs=target_tokens / available.tokens if available.tokens else None,
        full_passes=full_passes,
        remainder_tokens=remainder,
    )


def _exact(number: float) -> Fraction:
    """The fraction that a decimal in a recipe means: 0.15 is 3/20, not the nearest binary number."""
    return Fraction(repr(number))


def _exact_shares(config: MixtureConfig) -> dict[str, Fraction]:
    """Shares that sum to exactly one (the recipe's may miss it by 1e-9)."""
    shares = {name: _exact(share.share) for name, share in config.by_category().items()}
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _budget(shares: Mapping[str, Fraction], caps: Mapping[str, int], config: MixtureConfig) -> int:
    keep_shares = config.on_shortfall == "keep_shares"
    if config.total_tokens is not None and not keep_shares:
        return config.total_tokens
    needed = [name for name in CATEGORIES if shares[name] and (caps[name] or keep_shares)]
    largest = min((int(caps[name] / shares[name]) for name in needed), default=0)
    return largest if config.total_tokens is None else min(largest, config.total_tokens)


def _largest_remainder(total: int, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Integers in proportion to the shares that sum to `total`; of equal remainders the first category's goes up.

    A target is never more than its exact share rounded up, so a budget whose exact shares fit the caps fits them after
    rounding too.
    """
    exact = {name: total * share for name, share in shares.items()}
    rounded = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: rounded[name] - exact[name])
    for name in by_remainder[: total - sum(rounded.values())]:
        rounded[name] += 1
    return rounded


def _shortfall_message(category: CategoryPlan) -> str | None:
    if not category.shortfall_tokens:
        return None
    if not category.available_documents:
        cause = "no documents"
    else:
        cause = f"{category.max_epochs:g} epochs of {category.available_tokens:,} tokens are all its cap allows"
    return f"{category.category}: short by {category.shortfall_tokens:,} tokens: {cause}"


def _first_to_run_out(plan: Plan) -> str | None:
    """The category that sets the largest budget; None when no category can give anything."""
    counts = [c for c in plan.categories if c.share and (c.cap_tokens or plan.on_shortfall == "keep_shares")]
    return min(counts, key=lambda c: c.cap_tokens / c.share).category if counts else None
