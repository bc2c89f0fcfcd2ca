"""One broken article breaks no feed (HTTP-21): it is left out, and the operator is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from service.telemetry import log, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = TypeVar("Value")
Made = TypeVar("Made")

_FLAWS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)  # not of the database


def spared(
    make: Callable[[Sequence[Value]], Sequence[Made]],
    values: Sequence[Value],
    *,
    otherwise: Made,
    named: Callable[[Value], object],
) -> list[Made]:
    """What is made of these values, in their order; `otherwise` of each that cannot be made.

    They are made together, and one by one only where that fails.
    """
    if not values:
        return []
    try:
        return list(make(values))
    except _FLAWS as error:
        if len(values) == 1:
            metrics.ARTICLES_LEFT_OUT.inc()
            told = f"{type(error).__name__}: {error}"
            log().error("article cannot be shown", article=named(values[0]), reason=told)
            return [otherwise]
    alone = (spared(make, [it], otherwise=otherwise, named=named) for it in values)
    return [made for found in alone for made in found]
