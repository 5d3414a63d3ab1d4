"""Colours for paper and screen, and the dashes and shapes that distinguish policies without colour."""

from __future__ import annotations

import math

# Okabe & Ito (2008), distinguishable for the colour-blind; their yellow is too light for lines on white.
LIGHT = ("#0072b2", "#d55e00", "#009e73", "#b0518a", "#a67300", "#3a9bd5", "#5b5b5b", "#8c3b00")
DARK = ("#5db5ee", "#ff9045", "#3dd6a6", "#e79ac5", "#f0b429", "#9ad5fb", "#b9b9b9", "#d99058")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "5 2 1 2 1 2", "1 2", "4 4")
INK = {
    "paper": "#ffffff",
    "ground": "#f4f6f8",
    "tint": "#e8f1fa",
    "ink": "#1c2430",
    "soft": "#5a6472",
    "line": "#d5dce3",
    "grid": "#e4e8ee",
    "band": "#8a94a3",
    "sure": "#3b4654",
    "accent": "#0b5fa5",
    "second": "#b8500a",
    "good": "#0a7a5c",
    "bad": "#b3261e",
    "warn": "#8a5a00",
}
INK_DARK = {
    "paper": "#18212b",
    "ground": "#0f161d",
    "tint": "#1d3347",
    "ink": "#eaf0f6",
    "soft": "#a3b0be",
    "line": "#33414f",
    "grid": "#2a3643",
    "band": "#7c8795",
    "sure": "#c3cbd6",
    "accent": "#7cc4ff",
    "second": "#ffb067",
    "good": "#5fd3ae",
    "bad": "#ff9a90",
    "warn": "#ffcf70",
}
"""Colours of every page. `accent` to `warn` are legible as text on `paper`, `ground` and `tint`."""
_CROSS = [(-0.42, -1.2), (0.42, -1.2), (0.42, -0.42), (1.2, -0.42), (1.2, 0.42), (0.42, 0.42)]
SHAPES = (
    [(math.cos(a * math.pi / 8), math.sin(a * math.pi / 8)) for a in range(16)],
    [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    [(0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
    [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
    [(0, 1.25), (1.15, -0.85), (-1.15, -0.85)],
    [*_CROSS, *((-a, -b) for a, b in _CROSS)],
)
"""Corners of the marks, for a size of 1: circle, square, triangle up, diamond, triangle down, cross."""


FAMILY = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
"""The fonts of figures, whichever the reader has."""


def variables(dark: bool = False) -> dict[str, str]:
    """All colours by name: paper, ink, …, p0 to p7."""
    policies = DARK if dark else LIGHT
    return {**(INK_DARK if dark else INK), **{f"p{k}": colour for k, colour in enumerate(policies)}}


def token_rules() -> str:
    """The colours as variables of a page: as the system says, unless the page has the attribute `data-theme`."""

    def block(dark: bool) -> str:
        named = "".join(f"--{name}:{colour};" for name, colour in variables(dark).items())
        return f"{named}color-scheme:{'dark' if dark else 'light'}"

    return (
        f":root{{{block(dark=False)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{block(dark=True)}}}}}"
        f"@media screen{{:root[data-theme=dark]{{{block(dark=True)}}}}}"
    )


def figure_rules(literal: bool) -> str:
    """The style sheet of figures, with literal colours (for a separate file) or variables of the page."""

    def colour(name: str) -> str:
        return variables()[name] if literal else f"var(--{name})"

    rules = [
        f".ax{{stroke:{colour('soft')};stroke-width:1}}",
        f".gr{{stroke:{colour('grid')};stroke-width:1}}",
        f".tx{{fill:{colour('soft')};font-size:12px}}",
        f".hd{{fill:{colour('ink')};font-size:13px;font-weight:600}}",
        f".nm{{fill:{colour('ink')};font-size:12.5px;paint-order:stroke;stroke:{colour('paper')};stroke-width:3px}}",
        f".ev{{fill:{colour('band')};fill-opacity:.16}}",
        f".wu{{fill:{colour('band')};fill-opacity:.10}}",
        f".zr{{stroke:{colour('sure')};stroke-width:1.2}}",
        ".ln{fill:none;stroke-width:2;stroke-linejoin:round}",
        ".rb{fill-opacity:.11;stroke:none}",
        ".er{stroke-width:1.8;fill:none}",
        f".le{{stroke:{colour('soft')};stroke-width:1}}",
        f".dt{{stroke:{colour('paper')};stroke-width:1}}",
        f".br{{stroke:{colour('paper')};stroke-width:1}}",
    ]
    for k in range(len(LIGHT)):
        ink = colour(f"p{k}")
        dash = f";stroke-dasharray:{DASHES[k]}" if DASHES[k] else ""
        rules.append(
            f".p{k} .ln,.p{k} .er{{stroke:{ink}}}.p{k} .ln{{stroke:{ink}{dash}}}.p{k} .rb,.p{k} .dt{{fill:{ink}}}"
        )
        rules.append(f".f{k}{{fill:{ink}}}")
    return "".join(rules)


def number(place: int) -> int:
    """The look of the policy at this place; looks repeat after eight."""
    return place % len(LIGHT)


def marker(place: int, x: float, y: float, size: float = 5.0) -> str:
    """The shape of the policy at this place as a path."""
    points = SHAPES[place % len(SHAPES)]
    return "M" + "L".join(f"{x + size * a:.1f} {y + size * b:.1f}" for a, b in points) + "Z"
