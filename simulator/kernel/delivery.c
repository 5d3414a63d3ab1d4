/* From the shelf to the carrier: parcels, picking, and what is in the parcels of orders with recalls. */
#include "play.h"

static double drawn(const i32 *ptr, const double *values, i64 i, i64 k) {   /* nan: not drawn with the order */
    return k < ptr[i + 1] - ptr[i] ? values[ptr[i] + k] : NAN;
}

/* -------------------------------------------------------------------------------------------------------- contents */
Contents *contents_of(Play *p, i64 i) {                         /* null: nobody will ask what is in its parcels */
    return p->contents_of && p->contents_of[i] ? &AT(p->contents, Contents, p->contents_of[i] - 1) : NULL;
}

void contents_ordered(Play *p, i64 i) {                         /* Contents.ordered */
    const World *w = p->w;
    i64 begin = w->line_ptr[i], end = w->line_ptr[i + 1], recalled = 0;
    for (i64 line = begin; line < end; line++) recalled += isfinite(w->recall_at[line]) != 0;
    if (!recalled) return;
    Contents c = {{0}, {0}, {0}};
    *(Contents *)push(p, &p->contents, sizeof c) = c;
    p->contents_of[i] = (i32)p->contents.n;
    for (i64 line = begin; line < end; line++) {
        i64 units = w->quantity[line] - p->open[line] - p->never_left[line];
        if (units) PUSH(p, contents_of(p, i)->unsent, Part, (i32)line, (i32)units, 0, 0.0);
    }
}

static void drop_empty(Vector *parts) {
    i64 n = 0;
    for (i64 k = 0; k < parts->n; k++)
        if (AT(*parts, Part, k).units) AT(*parts, Part, n++) = AT(*parts, Part, k);
    parts->n = n;
}

i64 take(Vector *parts, i64 line, i64 units) {                  /* contents.py: _take */
    i64 found = 0;
    for (i64 k = parts->n - 1; k >= 0; k--) {
        Part *part = &AT(*parts, Part, k);
        if (part->line != line || found >= units) continue;
        i64 some = part->units < units - found ? part->units : units - found;
        part->units -= (i32)some;
        found += some;
    }
    drop_empty(parts);
    return found;
}

static void pack(Play *p, Contents *c, i64 i, i32 parcel) {     /* Contents.pack, from a single place */
    i64 own = -(i64)p->order[i].held;
    for (i64 k = 0; k < c->unsent.n; k++) own += AT(c->unsent, Part, k).units;
    for (i64 k = 0; k < c->unsent.n && own > 0; k++) {
        Part *part = &AT(c->unsent, Part, k);
        i64 less = part->units < own ? part->units : own;
        own -= less;
        part->units -= (i32)less;
        PUSH(p, c->packed, Part, part->line, (i32)less, parcel, 0.0);
    }
    drop_empty(&c->unsent);
}

static i64 in_parcel(Contents *c, i32 parcel) {                 /* Contents.units */
    i64 units = 0;
    for (i64 k = 0; k < c->packed.n; k++)
        if (AT(c->packed, Part, k).parcel == parcel) units += AT(c->packed, Part, k).units;
    return units;
}

static void handed_over(Play *p, Contents *c, i32 parcel, double delivered) {
    for (i64 k = 0; k < c->packed.n; k++) {
        Part *part = &AT(c->packed, Part, k);
        if (part->parcel != parcel) continue;
        PUSH(p, c->left, Part, part->line, part->units, parcel, delivered);
        part->units = 0;
    }
    drop_empty(&c->packed);
}

void goods_come_back(Play *p, i64 line, i64 units) {
    const World *w = p->w;
    i64 i = p->line_order[line], shelf = w->item[line];
    WRITE(p, RETURNED, p->now, (double)i, (double)(line - w->line_ptr[i]), (double)shelf, (double)units, w->times[i]);
    WRITE(p, ADJUSTED, p->now, (double)shelf, (double)units, (double)units, ADJUSTMENT_RETURNED);
    adjust(p, &p->shelf[shelf], units);
    stock_is_allocated(p);
}

static i64 take_out(Play *p, Contents *c, i64 i, i64 line, i64 units) {
    Order *o = &p->order[i];
    i64 found = 0;
    for (i64 k = 0; k < c->unsent.n; k++)
        if (AT(c->unsent, Part, k).line == line) found += AT(c->unsent, Part, k).units;
    if (o->packed < found) found = o->packed;
    if (units < found) found = units;
    o->packed -= (i32)found;
    return found + take(&c->packed, line, units - found);
}

void contents_called_off(Play *p, i64 line, i64 units) {        /* Contents.called_off */
    i64 i = p->line_order[line], unpacked = take_out(p, contents_of(p, i), i, line, units);
    if (unpacked) {
        p->releases.n = 0;
        PUSH(p, p->releases, Release, line, unpacked, 1);
        release(p);
        units_are_released(p, i, CAUSE_CALLED_OFF, 1);
    }
    i64 rest = units - unpacked, first = p->backs.n;
    Contents *c = contents_of(p, i);
    for (i64 k = c->left.n - 1; k >= 0 && rest; k--) {          /* Contents._take_back: by day, the last ones first */
        Part *part = &AT(c->left, Part, k);
        if (part->line != line || !part->units) continue;
        i64 some = part->units < rest ? part->units : rest, same = first;
        part->units -= (i32)some;
        rest -= some;
        while (same < p->backs.n && AT(p->backs, Back, same).day != part->delivered) same++;
        if (same == p->backs.n) PUSH(p, p->backs, Back, part->delivered, line, 0);
        AT(p->backs, Back, same).units += some;
    }
    for (i64 k = first, last = p->backs.n; k < last; k++) {
        Back back = AT(p->backs, Back, k);
        if (back.day <= p->now) goods_come_back(p, back.line, back.units);
        else at(p, back.day, CANCEL, COME_BACK, k);
    }
}

/* --------------------------------------------------------------------------------------------------------- parcels */
static void depart(Play *p, i64 i, i32 parcel, i64 units, double now) {      /* the parcel is with its carrier */
    const World *w = p->w;
    Contents *c = contents_of(p, i);
    double transit = drawn(w->transit_ptr, w->transit, i, parcel);
    if (isnan(transit)) {
        if (c || w->sums) {
            transit = w->transit_time(i, parcel);
            if (isnan(transit)) fail(p);
        } else {                                                /* nobody reacts to its arrival: filled in afterwards */
            transit = 0.0;
            WRITE(p, EXTRA, (double)(p->f->filled[PARCELS] / 4), (double)i, (double)parcel);
        }
    }
    if (w->sums) sum_parcel(p, i, units, now, now + transit);
    if (!w->sums || w->keeps_parcels) WRITE(p, PARCELS, now, now + transit, order_number(p, i), (double)units);
    if (c) handed_over(p, c, parcel, now + transit);
}

void goods_are_handed_over(Play *p, i64 k) {
    Parcel parcel = AT(p->parcels, Parcel, k);
    i64 gate = p->w->carrier_gate[p->w->segment[p->w->order_terms[parcel.order]]];
    if (p->gate[gate].shut) {
        hold(p, gate, HELD_PARCEL, k);
        return;
    }
    Contents *c = contents_of(p, parcel.order);
    i64 units = c ? in_parcel(c, parcel.number) : parcel.units;
    if (units) depart(p, parcel.order, parcel.number, units, p->now);   /* else all of it was called off while it was picked */
}

static void push_free(Play *p, Vector *v, double value) {       /* heappush */
    PUSH(p, *v, double, value);
    double *heap = v->at;
    i64 k = v->n - 1;
    while (k > 0 && value < heap[(k - 1) >> 1]) {
        heap[k] = heap[(k - 1) >> 1];
        k = (k - 1) >> 1;
    }
    heap[k] = value;
}

static double pop_free(Vector *v) {                             /* heappop */
    double *heap = v->at, top = heap[0], e = heap[--v->n];
    i64 n = v->n, k = 0, c = 1;
    while (c < n) {
        if (c + 1 < n && heap[c + 1] < heap[c]) c++;
        if (heap[c] >= e) break;
        heap[k] = heap[c];
        k = c;
        c = 2 * c + 1;
    }
    if (n) heap[k] = e;
    return top;
}

void pick(Play *p, i64 k) {
    const World *w = p->w;
    Parcel parcel = AT(p->parcels, Parcel, k);
    i64 a = w->area[w->segment[w->order_terms[parcel.order]]];
    Vector *busy = &p->busy[a];
    if (p->gate[w->area_gate[a]].shut) {
        hold(p, w->area_gate[a], HELD_PICKING, k);
        return;
    }
    if (!w->takes_time[a]) {
        goods_are_handed_over(p, k);
        return;
    }
    double begun = p->now, time = w->constant[a];
    if (w->workers[a] >= 0 && busy->n >= w->workers[a]) {
        begun = pop_free(busy);
        if (begun < p->now) begun = p->now;
    }
    if (isnan(time)) time = drawn(w->pick_ptr, w->pick, parcel.order, parcel.number);
    if (isnan(time)) time = w->pick_time(parcel.order, parcel.number);
    if (isnan(time)) fail(p);
    double done = begun + time;
    if (w->workers[a] >= 0) push_free(p, busy, done);
    if (!w->sums || w->keeps_picks) WRITE(p, PICKS, begun, done, order_number(p, parcel.order));
    if (!p->no_stops) at(p, done, DELIVERY, PICKED, k);
    else {
        next_id(p, done);
        if (done < w->horizon) depart(p, parcel.order, parcel.number, parcel.units, done);
        if (k == p->parcels.n - 1) p->parcels.n--;              /* nobody asks for it again */
    }
}

void picked(Play *p, i64 k) {
    const World *w = p->w;
    i64 gate = w->area_gate[w->area[w->segment[w->order_terms[AT(p->parcels, Parcel, k).order]]]];
    if (p->gate[gate].shut) hold(p, gate, HELD_PARCEL, k);
    else goods_are_handed_over(p, k);
}

void goods_leave(Play *p, i64 i) {
    if (!may_leave(p, i)) return;
    Order *o = &p->order[i];
    i32 units = o->packed, parcel = o->parcels;
    o->packed = 0;
    Contents *c = contents_of(p, i);
    if (c) pack(p, c, i, parcel);
    o->parcels = parcel + 1;
    if (p->w->direct) {
        depart(p, i, parcel, units, p->now);
        return;
    }
    PUSH(p, p->parcels, Parcel, (i32)i, parcel, units);
    pick(p, p->parcels.n - 1);
}
