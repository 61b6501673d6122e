"""Arguments of a template: positional by number, named by name."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_POSITION = 200


@dataclass(slots=True)
class Arguments:
    """Values of one call, white space around them taken off."""

    positional: dict[int, str] = field(default_factory=dict)
    """From 1 on."""
    named: dict[str, str] = field(default_factory=dict)
    """By name in lower case."""

    @classmethod
    def of(cls, parts: list[tuple[str | None, str]]) -> Arguments:
        made = cls()
        position = 0
        for name, value in parts:
            if name is None:
                position += 1
                made.positional[position] = value.strip()
            elif name.isdecimal() and len(name) <= 6 and 0 < int(name) <= MAX_POSITION:
                made.positional[int(name)] = value.strip()
            else:
                made.named[name.lower()] = value.strip()
        return made

    def get(self, *keys: int | str) -> str:
        """The first of these that has text, else ""."""
        for key in keys:
            value = self.positional.get(key) if isinstance(key, int) else self.named.get(key)
            if value:
                return value
        return ""

    def values(self, start: int = 1) -> list[str]:
        """Positional values that have text, in order of number."""
        return [value for number, value in sorted(self.positional.items()) if number >= start and value]

    def is_set(self, *names: str) -> bool:
        return any(self.named.get(name, "").lower() in ("y", "yes", "1", "true", "on") for name in names)
