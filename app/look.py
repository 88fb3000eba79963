"""How one visitor has light curves drawn; the same for every view that draws one."""

from collections.abc import Sequence

import param

from astra.data.light_curves import LightCurve

QUANTITIES = ("magnitude", "flux", "asinh")
EVENTS = ("by shape", "maximum", "minimum")
DAYS = ("MJD", "peak", "first detection")
BINS = (0, 20, 40, 80)


class Look(param.Parameterized):
    """Quantity, errors, limits, flags, bands and fold of light curves on screen."""

    quantity = param.Selector(
        default="magnitude", objects=list(QUANTITIES), doc="Of total fluxes: what is drawn."
    )
    difference = param.Selector(
        default="flux", objects=list(QUANTITIES), doc="Of difference fluxes: what is drawn."
    )
    days = param.Selector(
        default=DAYS[0], objects=list(DAYS), doc="Of total fluxes: what days are counted from."
    )
    difference_days = param.Selector(
        default=DAYS[0], objects=list(DAYS), doc="The same of difference fluxes."
    )
    errors = param.Boolean(default=True, doc="With error bars.")
    limits = param.Boolean(default=True, doc="With upper limits, where magnitudes are drawn.")
    flags = param.Boolean(default=True, doc="With flagged observations, hollow.")
    hidden = param.ClassSelector(class_=frozenset, default=frozenset(), doc="Names of bands off.")
    bins = param.Selector(default=40, objects=list(BINS), doc="Medians over a fold; 0: none.")
    event = param.Selector(default=EVENTS[0], objects=list(EVENTS), doc="What phase zero is.")
    aligned = param.Boolean(default=False, doc="Bands of a fold are brought to one median.")
    blind = param.Boolean(default=False, doc="Without predictions, so that labels are one's own.")

    def quantity_of(self, light_curve: LightCurve) -> str:
        """What is drawn of a light curve: magnitude, flux, or flux on an asinh axis."""
        return self.difference if light_curve.is_difference else self.quantity

    def draw_as(self, quantity: str, light_curve: LightCurve) -> None:
        """Draw this quantity of light curves of the same kind."""
        self.param.update(**{"difference" if light_curve.is_difference else "quantity": quantity})

    def days_of(self, light_curve: LightCurve) -> str:
        """What the days of a light curve are counted from."""
        return self.difference_days if light_curve.is_difference else self.days

    def count_from(self, days: str, light_curve: LightCurve) -> None:
        """Count the days of light curves of the same kind from another zero."""
        self.param.update(**{"difference_days" if light_curve.is_difference else "days": days})

    def toggle_flux(self, light_curve: LightCurve) -> None:
        """Flux instead of magnitude, or the reverse."""
        is_magnitude = self.quantity_of(light_curve) == "magnitude"
        self.draw_as("flux" if is_magnitude else "magnitude", light_curve)

    def toggle_band(self, name: str) -> None:
        """Show or hide one band."""
        self.hidden = self.hidden ^ {name}

    def show_only(self, name: str, names: Sequence[str]) -> None:
        """Show one of some bands alone; where no other is shown, all of them.

        Of a double press the first may have hidden the band itself, so that does not count.
        """
        others = frozenset(names) - {name}
        self.hidden = frozenset() if others <= self.hidden else others

    def cycle_bands(self, names: Sequence[str]) -> None:
        """Show the first of some bands alone, then the next, and after the last all again."""
        alone = [name for name in names if name not in self.hidden]
        following = names.index(alone[0]) + 1 if len(alone) == 1 else 0
        self.hidden = (
            frozenset(names) - {names[following]} if following < len(names) else frozenset()
        )
