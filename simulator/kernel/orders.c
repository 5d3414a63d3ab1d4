/* The life of an order: it arrives, waits, is held, leaves, is cancelled. */
#include "play.h"

/* --------------------------------------------------------------------------------------------------- held together */
static void note(Play *p, i64 i) {                              /* Holding._note */
    const World *w = p->w;
    Order *o = &p->order[i];
    if (!w->policy_holds || !o->held || !o->waiting || o->told == o->parcels + 1) return;
    o->told = o->parcels + 1;
    i64 terms = w->order_terms[i];
    double until = w->asks_ships[terms] ? w->times[i] + w->hold : INFINITY;
    if (w->need_by) {
        double last = w->times[i] + w->need_by[i] - w->delivery_time[w->segment[terms]];
        if (last < until) until = last;
    }
    WRITE(p, HOLDS, p->now, order_number(p, i), until, (double)o->held);
}

static void placed(Play *p, i64 i) {                            /* Holding.placed */
    const World *w = p->w;
    Order *o = &p->order[i];
    if (!o->waiting) return;
    if (w->ships == SHIP_ONCE && o->parcels) {
        order_is_given_up(p, i, CAUSE_SELLER);
        return;
    }
    i64 terms = w->order_terms[i];
    if (w->need_by && w->need_by[i] < INFINITY) {
        double last = w->times[i] + w->need_by[i] - w->delivery_time[w->segment[terms]];
        at(p, last > p->now ? last : p->now, DELIVERY, LAST_MOMENT, i);
    }
    if (!w->splits_orders[terms]) {
        if (w->hold < INFINITY && w->asks_ships[terms]) at(p, w->times[i] + w->hold, DELIVERY, HOLD_ENDS, i);
        note(p, i);
    }
}

void hold_ends(Play *p, i64 i) {
    if (!p->order[i].waiting) return;
    end_hold(p, i);
    stock_is_allocated(p);
}

void last_moment(Play *p, i64 i) {
    if (!p->order[i].waiting) return;
    if (p->order[i].held) end_hold(p, i);
    order_is_given_up(p, i, CAUSE_NEED_BY);
}

/* ------------------------------------------------------------------------------------------------------ allocation */
void stock_is_allocated(Play *p) {
    const World *w = p->w;
    for (i64 k = 0; k < p->fills.n; k++) {
        Fill fill = AT(p->fills, Fill, k);
        i64 i = p->line_order[fill.line];
        WRITE(p, FILLS, p->now, order_number(p, i), (double)(fill.line - w->line_ptr[i]), (double)w->item[fill.line],
              (double)fill.units, w->times[i]);
        if (w->sums) sum_fill(p, i, fill);
        Contents *c = contents_of(p, i);
        if (c) PUSH(p, c->unsent, Part, (i32)fill.line, (i32)fill.units, 0, 0.0);
    }
    charging_filled(p);
    if (w->policy_holds)
        for (i64 k = 0; k < p->fills.n; k++) {
            i64 i = p->line_order[AT(p->fills, Fill, k).line];
            if (w->times[i] < p->now) note(p, i);               /* else the order is still being placed */
        }
    p->fills.n = 0;
    if (p->ready.n && !p->leaving) {
        p->leaving = 1;
        at(p, p->now, DELIVERY, LEAVE, 0);
    }
}

void ready_orders_leave(Play *p) {
    p->leaving = 0;
    Vector ready = p->ready;                                    /* what becomes ready meanwhile leaves next */
    p->ready = p->leavers;
    p->leavers = ready;
    p->ready.n = 0;
    for (i64 k = 0; k < ready.n; k++) {
        i64 i = AT(ready, i64, k);
        if (!p->order[i].packed) continue;
        goods_leave(p, i);
        if (p->w->ships == SHIP_ONCE && p->w->holding) order_is_given_up(p, i, CAUSE_SELLER);
    }
}

/* ---------------------------------------------------------------------------------------------------- cancellation */
void units_are_released(Play *p, i64 i, int cause, int bought) {
    const World *w = p->w;
    for (i64 k = 0; k < p->releases.n; k++) {
        Release r = AT(p->releases, Release, k);
        i64 shelf = w->item[r.line];
        WRITE(p, CANCELLED, p->now, order_number(p, i), (double)(r.line - w->line_ptr[i]), (double)shelf, (double)r.units,
              (double)cause, (double)r.held, w->times[i]);
        if (w->sums) sum_released(p, i, r, cause);
        charging_released(p, i, r);
        Contents *c = r.held ? contents_of(p, i) : NULL;
        if (c) take(&c->unsent, r.line, r.units);
        if (bought && w->withdraws[shelf]) withdraw(p, shelf, r.units);
        if (p->never_left) p->never_left[r.line] += (i32)r.units;
    }
}

static void cancel_order(Play *p, i64 i, int cause, int bought) {   /* Flow._cancel */
    cancel(p, i);
    units_are_released(p, i, cause, bought);
    stock_is_allocated(p);
}

void order_is_given_up(Play *p, i64 i, int cause) { if (p->order[i].waiting) cancel_order(p, i, cause, 1); }

void units_are_called_off(Play *p, i64 line, i64 units, int cause) {
    call_off(p, line, units);
    units_are_released(p, p->line_order[line], cause, 1);
    stock_is_allocated(p);
}

void customer_calls_off(Play *p, i64 line) {
    const World *w = p->w;
    i64 units = w->recall_units[line] - call_off(p, line, w->recall_units[line]);
    units_are_released(p, p->line_order[line], CAUSE_CALLED_OFF, 1);
    i64 left = w->quantity[line] - p->never_left[line];
    if (left < units) units = left;
    if (units > 0) contents_called_off(p, line, units);
    stock_is_allocated(p);
}

/* ---------------------------------------------------------------------------------------------------------- demand */
static void order_waits(Play *p, i64 i) {
    const World *w = p->w;
    for (i64 line = w->line_ptr[i]; line < w->line_ptr[i + 1]; line++)
        if (p->open[line]) {
            WRITE(p, BACKORDERED, order_number(p, i), (double)(line - w->line_ptr[i]), (double)w->item[line],
                  (double)p->open[line]);
            if (w->sums) sum_waiting(p, i, line);
        }
    charging_waits(p, i);
    double patience = w->patience[i];
    if (w->tracked && patience > 0.0) {                         /* WaitingOrders.wait_begins: both clocks */
        stock_is_reviewed(p);
        at(p, p->now + patience, CANCEL, PATIENCE, i);
        at(p, p->now + w->window, CANCEL, WINDOW, i);
        return;
    }
    if (patience > w->window) at(p, p->now + w->window, CANCEL, WINDOW, i);
    else if (patience > 0.0) at(p, p->now + patience, CANCEL, PATIENCE, i);
    else cancel_order(p, i, CAUSE_PATIENCE, 0);
}

static void recalls(Play *p, i64 i) {
    const World *w = p->w;
    for (i64 line = w->line_ptr[i]; line < w->line_ptr[i + 1]; line++)
        if (isfinite(w->recall_at[line])) {
            p->line_order[line] = (i32)i;
            at(p, w->recall_at[line] > p->now ? w->recall_at[line] : p->now, CANCEL, RECALL, line);
        }
}

void order_arrives(Play *p, i64 i) {
    const World *w = p->w;
    Order *o = &p->order[i];
    i64 terms = w->order_terms[i], reserve = w->reserve[terms], misses = 0;
    i64 begin = w->line_ptr[i], end = w->line_ptr[i + 1];
    i32 packed = 0;
    for (i64 line = begin; line < end; line++) {                /* BackorderEngine.take */
        Shelf *s = &p->shelf[w->item[line]];
        i64 left = s->on_hand - w->quantity[line];
        if (left >= reserve && !s->backordered) {
            s->on_hand = left;
            packed += w->quantity[line];
            s->position -= w->quantity[line];
            if (s->position <= s->trigger) PUSH(p, p->due, i64, w->item[line]);
        } else {
            p->open[line] = -1;
            misses++;
        }
    }
    if (!misses) o->packed = packed;
    else {
        for (i64 line = begin; line < end; line++)
            if (p->open[line] < 0) {
                Shelf *s = &p->shelf[w->item[line]];
                p->open[line] = 0;
                packed += place_short(p, i, line, s, terms);
                if (s->position <= s->trigger) PUSH(p, p->due, i64, w->item[line]);
            }
        place(p, i, packed);
    }
    if (w->sums) sum_order(p, i);
    if (w->recall_at) contents_ordered(p, i);
    if (o->packed) goods_leave(p, i);
    if (w->recall_at) recalls(p, i);
    if (o->ever) {
        order_waits(p, i);
        if (w->holding) placed(p, i);
    }
    stock_is_reviewed(p);
}
