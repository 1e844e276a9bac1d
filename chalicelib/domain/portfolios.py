"""Customer portfolios (carteiras): whose customer a company is.

A portfolio belongs to a seller (vendedor) and bears its code and name. The sources are tried in the
configured order; only sellers that we know and that are active qualify; the default takes the rest.

seller       the vendedor that the ERP names on the company
last_seller  the vendedor of the company's latest purchase
supervisor   the nearest active supervisor above that vendedor, if inactive; else above an inactive
             last_seller. An unknown vendedor has no supervisor that we could know
uf           the vendedor that the settings name for the company's state
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from .reasons import Reason, reason
from .setting_fields import SHAPE, Code, Label, State, invalid_setting, refusal
from .validation import STATES

Source = Literal["seller", "last_seller", "supervisor", "uf"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)


class DefaultPortfolio(BaseModel):
    """The portfolio of companies that no source gives to a seller."""

    model_config = SHAPE

    code: Code = "sem-carteira"
    name: Label = "Sem carteira"


class PortfolioSettings(BaseModel):
    """Which sources to try, in which order; `uf` maps states to codes of vendedores."""

    model_config = SHAPE

    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=len(SOURCES))] = (
        "seller",
        "supervisor",
        "last_seller",
    )
    uf: dict[State, Code] = Field(default_factory=dict, max_length=len(STATES))
    default: DefaultPortfolio = DefaultPortfolio()

    @model_validator(mode="after")
    def _consistent(self) -> "PortfolioSettings":
        for position, source in enumerate(self.sources):
            if source in self.sources[:position]:
                raise refusal("portfolio_source_repeated", source=source)
        if "uf" in self.sources and not self.uf:
            raise refusal("portfolio_states_missing")
        if self.uf and "uf" not in self.sources:
            raise refusal("portfolio_states_unused")
        return self


@dataclass(frozen=True, slots=True)
class Seller:
    """A vendedor; `supervisor` is the codigo of another."""

    code: str
    name: str
    active: bool = True
    supervisor: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about a company: codes of vendedores, and its state."""

    seller: str | None = None
    last_seller: str | None = None
    uf: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A company's portfolio; `why` tells, in order, which sources failed and which one decided."""

    code: str
    name: str
    source: Source | Literal["default"]
    why: tuple[Reason, ...]


Sellers = Mapping[str, Seller]
_Finding = tuple[Seller | None, Reason]


def parse_settings(raw: object) -> PortfolioSettings:
    """Validate settings as sent; InvalidSetting lists everything that is wrong with them."""
    try:
        return PortfolioSettings.model_validate(raw)
    except ValidationError as error:
        raise invalid_setting(error, under="portfolio_settings") from None


def dump_settings(settings: PortfolioSettings) -> dict[str, Any]:
    """Give settings as the JSON values that `parse_settings` takes."""
    return settings.model_dump(mode="json")


def assign(facts: Facts, sellers: Sellers, settings: PortfolioSettings) -> Assignment:
    """Put a company into exactly one portfolio and say why; `sellers` are all known ones by code."""
    why: list[Reason] = []
    for source in settings.sources:
        seller, because = _FINDERS[source](facts, sellers, settings)
        why.append(because)
        if seller:
            return Assignment(seller.code, seller.name, source, tuple(why))
    default = settings.default
    why.append(reason("portfolio_default", name=default.name))
    return Assignment(default.code, default.name, "default", tuple(why))


def _by_seller(facts: Facts, sellers: Sellers, _: PortfolioSettings) -> _Finding:
    return _named("portfolio_seller", facts.seller, sellers)


def _by_last_seller(facts: Facts, sellers: Sellers, _: PortfolioSettings) -> _Finding:
    return _named("portfolio_last_seller", facts.last_seller, sellers)


def _named(stem: str, code: str | None, sellers: Sellers) -> _Finding:
    """Take the vendedor with this code, or tell why not."""
    if not code:
        return None, reason(f"{stem}_none")
    seller = sellers.get(code)
    if seller is None:
        return None, reason(f"{stem}_unknown", code=code)
    if not seller.active:
        return None, reason(f"{stem}_inactive", code=code, name=seller.name)
    return seller, reason(stem, code=code, name=seller.name)


def _by_supervisor(facts: Facts, sellers: Sellers, _: PortfolioSettings) -> _Finding:
    for code in (facts.seller, facts.last_seller):
        below = sellers.get(code) if code else None
        if below and not below.active and (above := _active_above(below, sellers)):
            return above, reason("portfolio_supervisor", code=above.code, name=above.name, below=below.name)
    return None, reason("portfolio_supervisor_none")


def _active_above(seller: Seller, sellers: Sellers) -> Seller | None:
    """Climb to the nearest active supervisor; a circle of supervisors has no top and gives None."""
    seen = {seller.code}
    while seller.supervisor and seller.supervisor not in seen:
        seen.add(seller.supervisor)
        above = sellers.get(seller.supervisor)
        if above is None or above.active:
            return above
        seller = above
    return None


def _by_state(facts: Facts, sellers: Sellers, settings: PortfolioSettings) -> _Finding:
    state = (facts.uf or "").strip().upper()
    if not state:
        return None, reason("portfolio_uf_none")
    code = settings.uf.get(state)
    if code is None:
        return None, reason("portfolio_uf_unmapped", uf=state)
    seller = sellers.get(code)
    if seller is None or not seller.active:
        return None, reason("portfolio_uf_unavailable", code=code, uf=state)
    return seller, reason("portfolio_uf", code=code, name=seller.name, uf=state)


_FINDERS: Final[Mapping[Source, Callable[[Facts, Sellers, PortfolioSettings], _Finding]]] = {
    "seller": _by_seller,
    "last_seller": _by_last_seller,
    "supervisor": _by_supervisor,
    "uf": _by_state,
}
