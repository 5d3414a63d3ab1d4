"""The backorder engine where some items are kits: they are assembled from components when an order takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from simulator.engine.backlog import Line, Order, Ranked, Release, Shelf, Shown
from simulator.engine.line_filling import LineFilling
from simulator.engine.plain_stock import Parts, PutAside


class KitEngine(LineFilling):
    """Keeps no stock of kits: what an order takes is assembled at that instant, and what comes back is taken apart.

    Lines that wait for kits stand in the backlog of the kit. What they need of each component is taken out of its
    position (`Shelf.claimed`), so that it is bought. Components that come free go to the lines that wait for them and
    to the kits that can be completed, in the order of service of both; `piecewise`, a waiting kit keeps the components
    that are there until the others come.

    Beside the consequences of the other engines it leaves `assembled`, `moved` and `lacking` for the caller, who is
    called through `noted`.
    """

    def __init__(self, shelves: Sequence[Shelf], kits: Mapping[int, Parts], piecewise: bool = False) -> None:
        """`kits` and their components are numbers of shelves; no kit is a component."""
        super().__init__(shelves)
        self.kits, self.piecewise = kits, piecewise
        uses: dict[int, list[int]] = {}
        for kit, parts in kits.items():
            for part, _ in parts:
                uses.setdefault(part, []).append(kit)
        self.uses = uses
        self.claims = dict.fromkeys(kits, 0)
        """Waiting units of each kit that are counted in `Shelf.claimed` of its components."""
        self.aside: dict[tuple[int, int], PutAside] = {}
        self.assembled: Counter[int] = Counter()
        """Kits assembled (below 0: taken apart), by number."""
        self.moved: list[tuple[int, int, int, int]] = []
        """(order, line, component, units put aside); below 0: put back, or used in a kit."""
        self.lacking: list[tuple[int, int, int, int]] = []
        """(order, line, component, units) that were missing for the kits of an order when it came."""
        self.turns = 0
        """Orders that have come with lines that were not available."""
        self._missed: list[tuple[int, int, int]] = []
        """(line, component, units) that the last `take` found missing."""
        self.noted: Callable[[], None] | None = None
        """Called after a command that left something in these."""

    # ---------------------------------------------------------------- views
    def available(self, shelf: Shelf, reserve: int = 0) -> int:
        parts = self.kits.get(shelf.item)
        if parts is None:
            return shelf.on_hand - reserve
        return max(min((self.shelves[part].on_hand - reserve) // each for part, each in parts), 0)

    def parts_of(self, shelf: Shelf) -> Sequence[tuple[Shelf, int]]:
        parts = self.kits.get(shelf.item)
        return ((shelf, 1),) if parts is None else tuple((self.shelves[part], each) for part, each in parts)

    def waiting_for(self, shelf: Shelf) -> Iterator[Line]:
        return chain(shelf.backlog, *(self.shelves[kit].backlog for kit in self.uses.get(shelf.item, ())))

    def missing(self, shelf: Shelf) -> int:
        return shelf.backordered + max(shelf.claimed - shelf.on_hand, 0)

    # --------------------------------------------------------------- demand
    def take(self, items: Sequence[int], quantities: Sequence[int], reserve: int) -> list[int] | None:
        return self.take_shown(items, quantities, reserve, {})

    def take_shown(
        self, items: Sequence[int], quantities: Sequence[int], reserve: int, shown: Mapping[int, Shown]
    ) -> list[int] | None:
        short = super().take_shown(items, quantities, reserve, shown)
        self._missed.clear()
        for line in short or ():
            for part, each in self.kits.get(items[line], ()):
                lacking = each * quantities[line] - self.shelves[part].on_hand
                if lacking > 0:
                    self._missed.append((line, part, lacking))
        self._note()
        return short

    def take_one(self, shelf: Shelf, units: int, reserve: int, hidden: int = 0) -> bool:
        if shelf.item not in self.kits:
            return super().take_one(shelf, units, reserve, hidden)
        waited_for = any(part.backordered for part, _ in self.parts_of(shelf))
        if shelf.backordered or waited_for or self.available(shelf, reserve) - units < hidden:
            return False
        self._assemble(shelf, units)
        shelf.on_hand -= units
        shelf.position -= units
        self._note()
        return True

    def place(
        self,
        order: Order,
        items: Sequence[int],
        quantities: Sequence[int],
        short: Sequence[int],
        shown: Mapping[int, Shown] | None = None,
    ) -> None:
        order.turn = self.turns = self.turns + 1
        self.lacking += [(order.number, *missed) for missed in self._missed]
        super().place(order, items, quantities, short, shown)
        kits = dict.fromkeys(items[line] for line in short if items[line] in self.kits)
        self._claim(kits)
        for kit in kits if self.piecewise else ():
            if shown is None or kit not in shown:  # else it was open at the start, and all such orders come in first
                for part, _ in self.parts_of(self.shelves[kit]):
                    self._put_aside(part)
        self._note()

    def _place_short(self, order: Order, line: int, shelf: Shelf, quantity: int, shown: Shown | None) -> int:
        if shelf.item not in self.kits:
            return super()._place_short(order, line, shelf, quantity, shown)
        others_first = any(p.backordered and p.backlog.goes_before(order) for p, _ in self.parts_of(shelf))
        self._assemble(shelf, 0 if others_first else min(self.available(shelf, order.terms.reserve), quantity))
        taken = super()._place_short(order, line, shelf, quantity, shown)
        self._assemble(shelf, -shelf.on_hand)
        return taken

    # --------------------------------------------------------------- supply
    def receive(self, shelf: Shelf, units: int, lost: int = 0) -> None:
        super().receive(shelf, units, lost)
        self._came_free([shelf])

    def adjust(self, shelf: Shelf, units: int, record: int) -> None:
        super().adjust(shelf, units, record)
        if units > 0:  # else others of the same instant may still have to be taken off the shelf
            self._came_free([shelf])

    def release(self, order: Order, released: list[Release]) -> None:
        super().release(order, released)
        for line, shelf, _, held in released:
            if shelf.item in self.kits and not held:
                self._put_back(order, line)
        self._came_free([release.shelf for release in released])

    def _serve(self, shelf: Shelf) -> None:
        """Leaves kits and components to `_came_free`, which serves the lines of both in one order."""
        if shelf.item not in self.kits and shelf.item not in self.uses:
            super()._serve(shelf)

    def _came_free(self, shelves: Iterable[Shelf]) -> None:
        """Units came to these shelves: takes kits apart and gives the components to the lines that wait for them."""
        parts: dict[int, None] = {}
        for shelf in shelves:
            if shelf.item in self.kits:
                self._assemble(shelf, -shelf.on_hand)
                self._claim([shelf.item])
                parts |= dict.fromkeys(part for part, _ in self.kits[shelf.item])
            elif shelf.item in self.uses:
                parts[shelf.item] = None
        if self.piecewise:
            for part in parts:
                self._put_aside(self.shelves[part])
        elif parts:
            self._serve_in_turn(parts)
        self._note()

    # ---------------------------------------------------------- kits and components
    def _assemble(self, shelf: Shelf, units: int) -> None:
        """Assembles kits from free components; below 0, takes them apart."""
        if not units:
            return
        shelf.on_hand += units
        shelf.position += units
        self.assembled[shelf.item] += units
        for part, each in self.parts_of(shelf):
            part.on_hand -= each * units
            self._move(part, -each * units)

    def _claim(self, kits: Iterable[int]) -> None:
        """Takes what waits for these kits out of the positions of their components."""
        for kit in kits:
            more = self.shelves[kit].backordered - self.claims[kit]
            self.claims[kit] += more
            for part, each in self.parts_of(self.shelves[kit]):
                part.claimed += each * more
                self._move(part, -each * more)

    def _move(self, part: Shelf, units: int) -> None:
        part.position += units
        if units < 0 and part.position <= part.trigger and part not in self.due:
            self.due.append(part)

    def _fill_kits(self, line: Line, units: int) -> None:
        self._assemble(line.shelf, units)
        self._fill(line.shelf, line, units)
        self._claim([line.shelf.item])

    @staticmethod
    def _key(line: Line) -> tuple[float, ...]:
        """The place of a line in the order of service of kits and components."""
        backlog, order = line.shelf.backlog, line.order
        rank = backlog.rank(order) if isinstance(backlog, Ranked) else ()
        return (*rank, order.turn, line.number)

    def _fillable(self, line: Line, there: int) -> int:
        """Units of a line that may be filled, if so many are there."""
        units = max(min(line.open, there), 0)
        return units if units == line.open or self._may_be_split(line, units) else 0

    def _serve_in_turn(self, freed: Iterable[int]) -> None:
        """Fills lines of components, and of kits that can be completed, in the order of service."""
        kits = dict.fromkeys(kit for part in freed for kit in self.uses.get(part, ()))
        parts = dict.fromkeys([*freed, *(part for kit in kits for part, _ in self.kits[kit])])
        while True:
            heads = [self.shelves[item].backlog.head() for item in (*parts, *kits) if self.shelves[item].backordered]
            if not self._serve_first(sorted((head for head in heads if head is not None), key=self._key)):
                return

    def _serve_first(self, heads: Sequence[Line]) -> bool:
        """Fills the first of these lines that can be filled. A line that waits for a component and cannot be filled yet
        holds it up for those behind it; a kit that waits for another component does not."""
        held_up = set()
        for line in heads:
            shelf = line.shelf
            there = self.available(shelf, line.order.terms.reserve)
            if shelf.item in self.kits:
                blocked = any(part in held_up for part, _ in self.kits[shelf.item])
                units = 0 if blocked else self._fillable(line, there)
                if units:
                    self._fill_kits(line, units)
                    return True
            elif units := self._fillable(line, there):
                self._fill(shelf, line, units)
                return True
            else:
                held_up.add(shelf.item)
        return False

    # -------------------------------------------------------------- piecewise
    def _put_aside(self, part: Shelf) -> None:
        """Gives free units of a component to the lines that wait for it and to waiting kits, in the order of service;
        kits that are complete then are filled."""
        waiting = [line for kit in self.uses[part.item] for line in self.shelves[kit].backlog]
        wanted = sorted(waiting, key=self._key) if part.on_hand > 0 else []
        for line in wanted:
            self._serve_before(part, line)
            each = dict(self.kits[line.shelf.item])[part.item]
            kept = self.aside.setdefault((line.order.number, line.number), PutAside(line, Counter()))
            units = min(each * line.open - kept.units[part.item], part.on_hand - line.order.terms.reserve)
            head = part.backlog.head() if part.backordered else None
            if head is not None and self._key(head) < self._key(line):
                break  # it waits for more than is there, and comes first
            if units > 0:
                self._keep(kept, part, units)
                self._complete_kits(kept)
        self._serve_before(part, None)

    def _serve_before(self, part: Shelf, line: Line | None) -> None:
        """Fills the lines that wait for a component itself and are served before another line (None: all)."""
        while part.on_hand > 0 and part.backordered and (head := part.backlog.head()) is not None:
            units = self._fillable(head, part.on_hand - head.order.terms.reserve)
            if not units or (line is not None and self._key(line) < self._key(head)):
                return
            self._fill(part, head, units)

    def _keep(self, kept: PutAside, part: Shelf, units: int) -> None:
        part.on_hand -= units
        part.claimed -= units
        part.aside += units
        kept.units[part.item] += units
        self.moved.append((kept.line.order.number, kept.line.number, part.item, units))

    def _complete_kits(self, kept: PutAside) -> None:
        """Fills as many kits of a line as its components are put aside for."""
        line = kept.line
        parts = self.parts_of(line.shelf)
        units = self._fillable(line, min(kept.units[part.item] // each for part, each in parts))
        if units:
            for part, each in parts:
                self._keep(kept, part, -each * units)
            self._fill_kits(line, units)
            if not line.open:
                del self.aside[line.order.number, line.number]

    def _put_back(self, order: Order, number: int) -> None:
        """Puts back what was kept for cancelled units of a line."""
        kept = self.aside.get((order.number, number))
        if kept is None:
            return
        for part, each in self.parts_of(kept.line.shelf):
            more = kept.units[part.item] - each * kept.line.open
            if more > 0:
                self._keep(kept, part, -more)
        if not kept.line.open:
            del self.aside[order.number, number]

    def _note(self) -> None:
        if self.noted is not None and (self.assembled or self.moved or self.lacking):
            self.noted()
