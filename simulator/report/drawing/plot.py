"""A chart as an SVG element: a frame with axes, and the marks in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from simulator.report.drawing.scale import Scale, Tick
from simulator.report.drawing.style import FAMILY, figure_rules, marker, number

CHARACTER = 6.6
"""Width of a character of the axes' text."""
NAME = 7.3
"""Width of a character of a row's name."""
LINE = 18.0
"""Height of a line of the legend."""
APART = 14.0
"""Pixels between a point and its name from which on a line joins them."""
HEAD = 28.0
"""Height of the title of a figure on its own."""


class Size(NamedTuple):
    """The size of a chart, in pixels of the same scale as its text."""

    width: float
    height: float
    name: str

    @property
    def narrow(self) -> bool:
        """Whether it is for a phone."""
        return self.width < 500


WIDE, NARROW = Size(760, 290, "wide"), Size(364, 270, "narrow")


class Axis(NamedTuple):
    """An axis: its ends, its labelled values, and its title."""

    low: float
    high: float
    ticks: Sequence[Tick]
    title: str = ""


class Box(NamedTuple):
    """A rectangle on the paper."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        apart = self.right < other.left or other.right < self.left
        return not (apart or self.bottom < other.top or other.bottom < self.top)


class Plot:
    """A frame with two axes. Marks are given by values; the plot turns them into paper coordinates."""

    def __init__(
        self,
        size: Size,
        x: Axis,
        y: Axis,
        legend: Sequence[tuple[int, str]] = (),
        rows: bool = False,
        above: float = 0.0,
    ) -> None:
        """Args: `legend`: places and names of policies; `rows`: the y axis names rows; `above`: pixels left free."""
        self.size, self.x_axis, self.y_axis = size, x, y
        self._back: list[str] = []
        self._marks: list[str] = []
        self._names: list[tuple[int, float, float, str]] = []
        """Names of points: policy, position, text; they are placed when all points are known."""
        self._signs: list[Box] = []
        """The rectangles of points."""
        self._bars: list[Box] = []
        """The rectangles of the points' intervals."""
        left = 10 + (NAME if rows else CHARACTER) * max((len(t.label) for t in y.ticks), default=0)
        top = 6.0 + above + LINE * bool(y.title) + self._legend_height(legend)
        bottom = 24.0 + 18 * bool(x.title)
        self.left, self.right = left, size.width - 14
        self.top, self.bottom = top + 6, size.height - bottom
        self.x = Scale(x.low, x.high, self.left + 8 * rows, self.right)  # a mark at the left end covers no name
        self.y = Scale(y.low, y.high, self.bottom, self.top)
        self.rows = rows
        self._axes()

    # ---------------------------------------------------------------- frame
    def _legend_height(self, legend: Sequence[tuple[int, str]]) -> float:
        """Draw the legend in as many lines as it needs, and return its height."""
        x, y = 2.0, 12.0
        for place, name in legend:
            width = 40 + 7.0 * len(name)
            if x > 2 and x + width > self.size.width:
                x, y = 2.0, y + LINE
            k = number(place)
            self._marks.append(
                f'<g class="s p{k}"><path class="ln" d="M{x:g} {y - 4:g}h26"/>'
                f'<path class="dt" d="{marker(place, x + 13, y - 4, 4)}"/>'
                f'<text class="nm" x="{x + 32:g}" y="{y:g}">{escape(name)}</text></g>'
            )
            x += width
        return (y + 6) if legend else 0.0

    def _axes(self) -> None:
        if self.y_axis.title:
            self._back.append(_text("hd", 2, self.top - 12, self.y_axis.title))
        for tick in self.y_axis.ticks:
            y = self.y(tick.value)
            if not self.rows:
                self._back.append(f'<path class="gr" d="M{self.left:.1f} {y:.1f}H{self.right:.1f}"/>')
            self._back.append(_text("nm" if self.rows else "tx", self.left - 7, y + 4, tick.label, "end"))
        last = -1e9  # where the last label ends: one that would overlap it is left out
        for tick in self.x_axis.ticks:
            x, half = self.x(tick.value), CHARACTER * len(tick.label) / 2
            look, y, to = ("gr", self.top, f"V{self.bottom:.1f}") if self.rows else ("ax", self.bottom, "v4")
            self._back.append(f'<path class="{look}" d="M{x:.1f} {y:.1f}{to}"/>')
            centre = min(max(x, half), self.size.width - half)
            if centre - half > last:
                self._back.append(_text("tx", centre, self.bottom + 17, tick.label, "middle"))
                last = centre + half + 4
        if self.x_axis.title:
            self._back.append(_text("tx", self.right, self.bottom + 35, self.x_axis.title, "end"))
        self._back.append(f'<path class="ax" d="M{self.left:.1f} {self.bottom:.1f}H{self.right:.1f}"/>')

    # ---------------------------------------------------------------- marks
    def span(
        self, start: float, end: float, label: str = "", look: str = "ev", opacity: float = 1.0, row: int = 0
    ) -> None:
        """A shaded range of the x axis, behind everything; its name is at the top."""
        a, b = (self.x(min(max(v, self.x_axis.low), self.x_axis.high)) for v in (start, end))
        if b <= a:
            return
        b = max(b, a + 1.5)
        faint = f' opacity="{opacity:.2f}"' if opacity < 0.995 else ""
        tooltip = f"<title>{escape(label)}</title>" if label else ""
        self._back.append(
            f'<rect class="{look}"{faint} x="{a:.1f}" y="{self.top:.1f}" width="{b - a:.1f}" '
            f'height="{self.bottom - self.top:.1f}">{tooltip}</rect>'
        )
        if label:
            text = label if len(label) * CHARACTER < self.right - self.left else label[:12] + "…"
            at = min(max(a + 3, self.left + 3), self.right - CHARACTER * len(text))
            self._back.append(_text("tx", at, self.top + 12 + 14 * row, text))

    def ribbon(self, place: int, xs: Iterable[float], low: Iterable[float], high: Iterable[float]) -> None:
        """A filled area from the lowest to the highest values."""
        across = self.x.all(xs)
        up, back = _joined("L", across, self.y.all(high)), _joined("L", across[::-1], self.y.all(low)[::-1])
        self._add(place, f'<path class="rb" d="M{up}L{back}Z"/>')

    def line(self, place: int, xs: Iterable[float], ys: Iterable[float], stairs: bool = False) -> None:
        """A line through points; with `stairs`, each value holds until the next point."""
        across, up = self.x.all(xs), self.y.all(ys)
        text = f"M{across[0]:.1f} {up[0]:.1f}"
        if stairs:
            text += "".join(f"H{x:.1f}V{y:.1f}" for x, y in zip(across[1:], up[1:], strict=True))
        else:
            text += "L" + _joined(" ", across[1:], up[1:])
        self._add(place, f'<path class="ln" d="{text}"/>')

    def point(
        self,
        place: int,
        x: float,
        y: float,
        x_ends: tuple[float, float] | None = None,
        y_ends: tuple[float, float] | None = None,
        label: str = "",
        tooltip: str = "",
    ) -> None:
        """A mark with its intervals, a name beside it, and a tooltip."""
        px, py = self.x(x), self.y(y)
        text = ""
        if x_ends is not None:
            a, b = self.x(x_ends[0]), self.x(x_ends[1])
            text += f'<path class="er" d="M{a:.1f} {py:.1f}H{b:.1f}"/>'
            self._bars.append(Box(a, py - 1, b, py + 1))
        if y_ends is not None:
            a, b = self.y(y_ends[0]), self.y(y_ends[1])
            text += f'<path class="er" d="M{px:.1f} {a:.1f}V{b:.1f}"/>'
            self._bars.append(Box(px - 1, min(a, b), px + 1, max(a, b)))
        text += f'<path class="dt" d="{marker(place, px, py)}"/>'
        self._signs.append(Box(px - 5, py - 5, px + 5, py + 5))
        if label:
            self._names.append((place, px, py, label))
        self._add(place, text + (f"<title>{escape(tooltip)}</title>" if tooltip else ""))

    def _named(self) -> list[str]:
        """The names of points, with a thin line to the point where a name stands apart from it.

        Each name tries places above and below its point, ever further away, on the right and on the left. It takes the
        place that covers the fewest names, then points, then intervals; places outside of the frame only if no other
        is left. Names are placed one after the other: an exhaustive search gains nothing for a handful of policies.
        """
        found, taken = [], list[Box]()
        for place, x, y, label in self._names:
            width = 2 + 7.2 * len(label)
            steps = [(dx, dy) for dy in (-8, 18, -24, 34, -40, 50, -56) for dx in (9.0, -9.0 - width)]
            boxes = [Box(x + dx, y + dy - 12, x + dx + width, y + dy + 2) for dx, dy in steps]
            inside = [b for b in boxes if b.left >= 0 and b.right <= self.size.width and b.bottom < self.bottom]
            cover = (taken, self._signs, self._bars)
            box = min(inside or boxes, key=lambda box: [sum(map(box.meets, group)) for group in cover])
            taken.append(box)
            text = _text("nm", box.left + 1, box.bottom - 2, label)
            if min(abs(box.bottom - y), abs(box.top - y)) > APART:
                end = box.bottom + 1 if box.bottom < y else box.top
                text = (
                    f'<path class="le" d="M{x:.1f} {y:.1f}L{min(max(x, box.left), box.right):.1f} {end:.1f}"/>' + text
                )
            found.append(f'<g class="s p{number(place)}">{text}</g>')
        return found

    def bar(self, start: float, end: float, y: float, thick: float, look: int, place: int, tooltip: str) -> None:
        """A horizontal bar in the row at y, `thick` pixels high, in the colour `look`."""
        a, b, middle = self.x(start), self.x(end), self.y(y)
        text = (
            f'<rect class="br f{number(look)}" x="{a:.1f}" y="{middle - thick / 2:.1f}" width="{max(b - a, 0.6):.1f}" '
            f'height="{thick:.1f}"/>'
        )
        self._add(place, f"{text}<title>{escape(tooltip)}</title>")

    def upright(self, x: float, look: str = "zr") -> None:
        """A vertical line from bottom to top."""
        self._marks.append(f'<path class="{look}" d="M{self.x(x):.1f} {self.top:.1f}V{self.bottom:.1f}"/>')

    def note(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """A text at a point given by values."""
        self._marks.append(_text("tx", self.x(x), self.y(y), text, anchor))

    def raw(self, text: str) -> None:
        """SVG text in paper coordinates."""
        self._marks.append(text)

    def _add(self, place: int, text: str) -> None:
        self._marks.append(f'<g class="s p{number(place)}">{text}</g>')

    # ------------------------------------------------------------------ text
    def inner(self) -> str:
        """The content of the SVG element."""
        return "".join([*self._back, *self._marks, *self._named()])

    @property
    def frame(self) -> str:
        """left, right, top, bottom, and the ends of x: what a script needs to map the pointer to values."""
        values = (self.left, self.right, self.top, self.bottom, self.x_axis.low, self.x_axis.high)
        return " ".join(f"{v:g}" for v in values)


def _joined(mark: str, xs: Sequence[float], ys: Sequence[float]) -> str:
    """Points as text, with a mark between them: one formatting of all numbers takes half as long as one of each."""
    numbers = tuple(number for point in zip(xs, ys, strict=True) for number in point)
    return mark.join(["%.1f %.1f"] * len(xs)) % numbers


def _text(look: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="{look}" text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def svg(plot: Plot, title: str, alone: bool = False, key: str = "") -> str:
    """The SVG element: `alone` with its own style and a white background, or for a page that has the style."""
    w, h = plot.size.width, plot.size.height
    body = plot.inner()
    if alone:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -{HEAD:g} {w:g} {h + HEAD:g}" '
            f'width="{w:g}" height="{h + HEAD:g}" '
            f'font-family="{FAMILY}">'
            f"<title>{escape(title)}</title><style>{figure_rules(literal=True)}</style>"
            f'<rect y="-{HEAD:g}" width="{w:g}" height="{h + HEAD:g}" fill="#ffffff"/>'
            f'<text class="hd" x="2" y="-9">{escape(title)}</text>{body}</svg>\n'
        )
    frame = f' data-frame="{plot.frame}"' if key else ""
    return (
        f'<svg class="{plot.size.name}" viewBox="0 0 {w:g} {h:g}" role="img" aria-label="{escape(title)}"{frame}>'
        f"{body}</svg>"
    )
