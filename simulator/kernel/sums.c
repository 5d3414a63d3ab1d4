/* Sums in place of the rows of parcels and picks, for a play of which only KPIs are asked.

   What Python would add up from rows is added up here in the order of these rows, so that it has the same bits:
   kpis/evidence/ (evidence.py, dates.py) and record/levels.py (`areas`). The arrays are Python's, and hold 0. Those by
   line and by order leave out the orders from before the start, as the facts do. */
#include "play.h"

enum { TAKEN, WAITS, FILLED, FREED, CUT };                      /* parts of the areas under levels, by shelf */

static void area(Play *p, int part, i64 shelf, i64 units) {     /* levels.py: areas */
    const World *w = p->w;
    double since = p->now < w->counted_from ? w->counted_from : p->now;
    w->under[part * w->shelves + shelf] += (double)units * (w->horizon - since);
}

static int by(const World *w, i64 k, double time) {             /* dates.py: _until */
    return time <= w->due[k] + 1e-9;
}

void sum_order(Play *p, i64 i) {                                /* as it is placed, before anything of it is filled */
    const World *w = p->w;
    for (i64 line = w->line_ptr[i]; line < w->line_ptr[i + 1]; line++)
        area(p, TAKEN, w->item[line], -(i64)(w->quantity[line] - p->open[line] - w->refused_of[line]));
}

void sum_waiting(Play *p, i64 i, i64 line) {
    if (i < p->w->orders) p->w->backordered_of[line] = p->open[line];
    area(p, WAITS, p->w->item[line], p->open[line]);
}

void sum_fill(Play *p, i64 i, Fill fill) {
    const World *w = p->w;
    area(p, FILLED, w->item[fill.line], -fill.units);
    if (i >= w->orders) return;
    if (w->times[i] == p->now) w->instant_of[fill.line] += (i32)fill.units;
    if (w->times[i] >= w->counted_from) WRITE(p, ENDED, p->now - w->times[i], (double)fill.units);
}

void sum_released(Play *p, i64 i, Release r, int cause) {
    const World *w = p->w;
    area(p, r.held ? FREED : CUT, w->item[r.line], r.held ? r.units : -r.units);
    if (i >= w->orders) return;
    w->cancelled_of[r.line] += (i32)r.units;
    if (!r.held && w->times[i] >= w->counted_from) WRITE(p, LEFT, p->now - w->times[i], (double)r.units);
    if (cause == CAUSE_PATIENCE || cause == CAUSE_CALLED_OFF || cause == CAUSE_PAYMENT)    /* nouns.py: GIVEN_UP */
        for (i64 k = i; k < w->dues * w->orders; k += w->orders)
            if (by(w, k, p->now)) w->given_up_by[k] += (i32)r.units;
}

void sum_parcel(Play *p, i64 i, i64 units, double shipped, double delivered) {
    const World *w = p->w;
    if (i >= w->orders) return;
    if (shipped >= w->counted_from) {                           /* it is before the horizon */
        i64 *sent = &w->sent[2 * w->segment[w->order_terms[i]]];
        sent[0]++;
        sent[1] += units;
    }
    for (i64 k = i; k < w->dues * w->orders; k += w->orders)
        if (by(w, k, delivered)) w->delivered_by[k] += (i32)units;
}
