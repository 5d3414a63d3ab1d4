/* The rules of stock and orders: shelves, backlogs, held orders. */
#include "play.h"

/* --------------------------------------------------------------------------------------------------- held together */
static i64 waiting_units(Play *p, i64 i) {
    i64 units = 0;
    for (i64 line = p->w->line_ptr[i]; line < p->w->line_ptr[i + 1]; line++) units += p->open[line];
    return units;
}

static int ships(Play *p, i64 i) {                              /* policies/fulfilment.py */
    const World *w = p->w;
    Order *o = &p->order[i];
    double filled = (double)(o->held + p->left[i]);
    switch (w->ships) {
    case HOLD_UNTIL: return o->over;
    case MINIMUM_SPLIT: return (double)o->held >= w->share * (filled + (double)waiting_units(p, i)) - 1e-9;
    case MINIMUM_ALLOCATED: return filled / (filled + (double)waiting_units(p, i)) >= w->share - 1e-9;
    case MAXIMUM_SHIPMENTS: return o->parcels < w->most_parcels - 1;
    case CRITICAL_ITEM:
        for (i64 line = w->line_ptr[i]; line < w->line_ptr[i + 1]; line++)
            if (p->open[line] && w->critical[w->item[line]]) return 0;
    }
    return 1;
}

static int asks_ships(Play *p, i64 i) { return p->w->asks_ships[p->w->order_terms[i]]; }

static void let_go(Play *p, i64 i) {
    Order *o = &p->order[i];
    for (i64 line = p->w->line_ptr[i]; line < p->w->line_ptr[i + 1]; line++)
        p->gone[line] = p->w->quantity[line] - p->open[line];
    o->packed += o->held;
    p->left[i] += o->held;
    o->held = 0;
}

static void is_ready(Play *p, i64 i) { if (!p->order[i].packed) PUSH(p, p->ready, i64, i); }

static void complete(Play *p, i64 i) {
    Order *o = &p->order[i];
    if (!o->held) return;
    if (!o->waiting) {
        is_ready(p, i);
        o->packed += o->held;
        o->held = 0;
    } else if (asks_ships(p, i) && ships(p, i)) {
        is_ready(p, i);
        let_go(p, i);
    }
}

void end_hold(Play *p, i64 i) {
    Order *o = &p->order[i];
    o->over = 1;
    if (o->held) {
        is_ready(p, i);
        let_go(p, i);
    }
}

i64 held(Play *p, i64 line) {                                   /* only of orders that hold something */
    return p->w->quantity[line] - p->open[line] - p->gone[line];
}

/* ------------------------------------------------------------------------------------------------------------ fill */
static i64 least(Play *p, i64 line, i64 terms) {                /* Line.least */
    return (i64)ceil(p->w->least[terms] * (double)p->ordered[line] - 1e-9);
}

void serve(Play *p, Shelf *s) {
    const World *w = p->w;
    while (s->on_hand > 0) {
        i64 line = head(p, s);
        if (line < 0) return;
        i64 i = p->line_order[line], terms = w->order_terms[i];
        i64 units = p->open[line], free_ = s->on_hand - w->reserve[terms];
        if (free_ < units) {
            if (free_ <= 0 || !w->splits_lines[terms]) return;
            if (w->least[terms] != 0.0 && free_ < least(p, line, terms)) return;
            units = free_;
        }
        Order *o = &p->order[i];
        s->on_hand -= units;
        s->backordered -= units;
        p->open[line] -= (i32)units;
        PUSH(p, p->fills, Fill, line, units);
        if (!p->open[line]) o->waiting--;
        if (w->splits_orders[terms]) {
            is_ready(p, i);
            o->packed += (i32)units;
        } else {
            o->held += (i32)units;
            complete(p, i);
        }
    }
}

static i64 acceptable(Shelf *s, int splits, i64 quantity, i64 stock) {
    i64 salable = (stock > 0 ? stock : 0) + s->limit - s->backordered;
    if (salable < 0) salable = 0;
    if (splits) return quantity < salable ? quantity : salable;
    return quantity <= salable ? quantity : 0;
}

i32 place_short(Play *p, i64 i, i64 line, Shelf *s, i64 terms) {
    const World *w = p->w;
    i64 quantity = w->quantity[line], stock = s->on_hand - w->reserve[terms], free_ = stock, accepted = quantity, taken;
    if (free_ <= 0 || (s->backordered && goes_before(p, s, i))) free_ = 0;
    if (s->limit >= 0) {
        accepted = acceptable(s, w->splits_lines[terms], quantity, stock);
        if (accepted < quantity) {
            i64 less = quantity - accepted;
            WRITE(p, REFUSED, order_number(p, i), (double)(line - w->line_ptr[i]), (double)(s - p->shelf), (double)less,
                  EXIT_REFUSED);
            p->gone[line] = (i32)less;
            if (w->sums) w->refused_of[line] = (i32)less;
            if (p->never_left) p->never_left[line] = (i32)less;
        }
    }
    if (free_ >= accepted) taken = accepted;
    else {
        taken = w->splits_lines[terms] ? free_ : 0;
        i64 open = accepted - taken;
        p->ordered[line] = (i32)accepted;
        if (w->least[terms] != 0.0 && taken < least(p, line, terms)) taken = 0, open = accepted;
        p->open[line] = (i32)open;
        p->line_order[line] = (i32)i;
        s->backordered += open;
        add(p, s, i, line);
        p->order[i].waiting++;
        p->order[i].ever = 1;
    }
    s->on_hand -= taken;
    s->position -= accepted;
    return (i32)taken;
}

void place(Play *p, i64 i, i32 packed) {                        /* after the short lines were placed one by one */
    Order *o = &p->order[i];
    if (!o->ever || p->w->splits_orders[p->w->order_terms[i]]) o->packed = packed;
    else {
        o->held = packed;
        if (packed && asks_ships(p, i) && ships(p, i)) let_go(p, i);
    }
}

/* -------------------------------------------------------------------------------------------------------- released */
void release(Play *p) {
    const i32 *item = p->w->item;
    for (i64 k = 0; k < p->releases.n; k++) {
        Release r = AT(p->releases, Release, k);
        Shelf *s = &p->shelf[item[r.line]];
        s->position += r.units;
        if (r.held) s->on_hand += r.units; else s->backordered -= r.units;
    }
    for (i64 k = 0; k < p->releases.n; k++) {
        Shelf *s = &p->shelf[item[AT(p->releases, Release, k).line]];
        if (s->on_hand && s->backordered) serve(p, s);
    }
}

void cancel(Play *p, i64 i) {                                   /* leaves what it set free in `releases` */
    const World *w = p->w;
    Order *o = &p->order[i];
    i64 begin = w->line_ptr[i], end = w->line_ptr[i + 1];
    p->releases.n = 0;
    for (i64 line = begin; line < end; line++)
        if (p->open[line]) PUSH(p, p->releases, Release, line, p->open[line], 0);
    if (o->held)
        for (i64 line = begin; line < end; line++)
            if (held(p, line)) PUSH(p, p->releases, Release, line, held(p, line), 1);
    for (i64 line = begin; line < end; line++)
        if (p->open[line]) {
            p->open[line] = 0;
            bury(p, &p->shelf[w->item[line]]);
        }
    o->waiting = o->held = 0;
    release(p);
}

i64 call_off(Play *p, i64 line, i64 units) {                    /* the same; returns how many units it set free */
    const World *w = p->w;
    i64 i = p->line_order[line], kept, waited = p->open[line], asked = units;
    Order *o = &p->order[i];
    kept = o->held ? held(p, line) : 0;
    p->releases.n = 0;
    if (waited) {
        i64 less = units < waited ? units : waited;
        p->open[line] -= (i32)less;
        p->ordered[line] -= (i32)less;
        units -= less;
        PUSH(p, p->releases, Release, line, less, 0);
    }
    if (kept && units) {
        i64 less = units < kept ? units : kept;
        o->held -= (i32)less;
        units -= less;
        PUSH(p, p->releases, Release, line, less, 1);
    }
    if (!w->splits_orders[w->order_terms[i]]) p->gone[line] += (i32)(asked - units);
    if (waited) {
        if (!p->open[line]) {
            bury(p, &p->shelf[w->item[line]]);
            o->waiting--;
        }
        complete(p, i);
    }
    release(p);
    return asked - units;
}

void adjust(Play *p, Shelf *s, i64 units) {                     /* of stock and record alike */
    s->on_hand += units;
    s->position += units;
    if (units > 0 && s->backordered) serve(p, s);
    if (units < 0 && s->position <= s->trigger) PUSH(p, p->due, i64, s - p->shelf);
}
