/* Cards that are charged when the goods leave: what is packed for each order, and whether it may leave. */
#include "play.h"

static void add_packed(Play *p, i64 i, i64 line, i64 units) {   /* Charging._add */
    Vector *packed = &p->packed[i];
    for (i64 k = 0; k < packed->n; k++)
        if (AT(*packed, Fill, k).line == line) {
            AT(*packed, Fill, k).units += units;
            return;
        }
    PUSH(p, *packed, Fill, line, units);
}

void charging_waits(Play *p, i64 i) {
    if (!p->packed || !p->order[i].held) return;
    for (i64 line = p->w->line_ptr[i]; line < p->w->line_ptr[i + 1]; line++)
        if (held(p, line)) add_packed(p, i, line, held(p, line));
}

void charging_filled(Play *p) {
    for (i64 k = 0; p->packed && k < p->fills.n; k++) {
        Fill fill = AT(p->fills, Fill, k);
        add_packed(p, p->line_order[fill.line], fill.line, fill.units);
    }
}

void charging_released(Play *p, i64 i, Release r) {
    if (!p->packed || !r.held) return;
    for (i64 k = 0; k < p->packed[i].n; k++)
        if (AT(p->packed[i], Fill, k).line == r.line) AT(p->packed[i], Fill, k).units -= r.units;
}

static int refuses(Play *p, i64 i) {                            /* Charging._refuses */
    const World *w = p->w;
    int lapsed = p->order[i].parcels > 0 || p->now - w->times[i] > w->reauth_days;
    return lapsed && w->card[i] < w->fails;
}

static void refuse(Play *p, i64 i, Vector *packed) {
    cancel(p, i);
    Vector cancelled = p->releases;
    p->releases = p->refunds;
    p->refunds = cancelled;
    p->releases.n = 0;
    for (i64 k = 0; k < packed->n; k++) {
        Fill fill = AT(*packed, Fill, k);
        if (fill.units) PUSH(p, p->releases, Release, fill.line, fill.units, 1);
    }
    packed->n = 0;
    release(p);
    for (i64 k = 0; k < p->refunds.n; k++) {
        Release r = AT(p->refunds, Release, k);
        PUSH(p, p->releases, Release, r.line, r.units, r.held);
    }
    units_are_released(p, i, CAUSE_PAYMENT, 1);
    stock_is_allocated(p);
}

int may_leave(Play *p, i64 i) {
    Vector *packed = p->packed ? &p->packed[i] : NULL;
    if (!packed || !packed->n) return 1;
    Order *o = &p->order[i];
    int refused = refuses(p, i);
    i64 n = 0;
    for (i64 k = 0; k < packed->n; k++) {                       /* held units stay; the others leave, or go back */
        Fill fill = AT(*packed, Fill, k);
        i64 kept = o->held ? held(p, fill.line) : 0;
        fill.units = refused ? fill.units - kept : kept;
        if (fill.units) AT(*packed, Fill, n++) = fill;
    }
    packed->n = n;
    if (refused) {
        o->packed = 0;
        refuse(p, i, packed);
    }
    return !refused;
}
