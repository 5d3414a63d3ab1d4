/* Buying, suppliers, receipts, and the opening and closing of the assortment. */
#include "play.h"

enum { MOST_IN_VAIN = 10000 };

/* ------------------------------------------------------------------------------------------------------- suppliers */
static void travel(Play *p, i64 number) {
    const World *w = p->w;
    Purchase *b = &AT(p->purchases, Purchase, number);
    i64 source = b->source, vendor = w->source_vendor[source];
    WRITE(p, SHIPPED, p->now, (double)b->shelf, (double)w->vendor_number[vendor], (double)b->units, (double)number);
    double lead = b->lead;
    if (w->ruled[vendor]) lead = w->lengthen(source, lead);
    double due = p->now + lead;
    if (w->fifo[vendor]) {
        if (p->last[source] > due) due = p->last[source];
        p->last[source] = due;
    }
    at(p, due, RECEIPT, ARRIVE, number);
}

void enter(Play *p, i64 number) {                               /* SupplyRoute.enter */
    const World *w = p->w;
    i64 gate = w->vendor_gate[w->source_vendor[AT(p->purchases, Purchase, number).source]];
    if (p->gate[gate].shut) hold(p, gate, HELD_PURCHASE, number);
    else travel(p, number);
}

/* ---------------------------------------------------------------------------------------------------------- buying */
static i64 asked(Play *p, i64 shelf, i64 quantity) {            /* Purchasing.asked: -1 where nobody sells it */
    const World *w = p->w;
    i64 first = w->source_ptr[shelf], end = w->source_ptr[shelf + 1], sum = quantity;
    if (first == end || p->shelf[shelf].ended) return -1;
    if (end - first == 1) return first;
    for (i64 k = first; k < end; k++) sum += p->bought[k];
    i64 chosen = first;
    double best = w->source_share[first] * (double)sum - (double)p->bought[first];
    for (i64 k = first + 1; k < end; k++) {
        double behind = w->source_share[k] * (double)sum - (double)p->bought[k];
        if (behind > best) best = behind, chosen = k;
    }
    return chosen;
}

static void buy(Play *p, i64 shelf, i64 quantity, i64 lot) {
    const World *w = p->w;
    Shelf *s = &p->shelf[shelf];
    i64 source = asked(p, shelf, quantity);
    if (source < 0) return;
    i64 vendor = w->source_vendor[source], least = (w->minimum[vendor] + lot - 1) / lot * lot;
    i64 units = quantity > least ? quantity : least, number = p->purchases.n;
    WRITE(p, PURCHASES, p->now, (double)shelf, (double)w->vendor_number[vendor], (double)units);
    double share = draw(p, 2 * source), lead = draw(p, 2 * source + 1);
    PUSH(p, p->purchases, Purchase, shelf, source, units, p->now, share, lead);
    p->bought[source] += units;
    s->position += units;
    if (w->withdraws[shelf]) PUSH(p, s->under_way, i64, number);
    if (w->order_delay[vendor] > 0) at(p, p->now + w->order_delay[vendor], DEMAND, SERVE, number);
    else enter(p, number);
}

static i64 bought(Play *p, i64 position) {
    if (position == INT64_MIN) fail(p);
    return position;
}

void purchase_is_made(Play *p, i64 shelf, int moment) {         /* policies/replenishment: what each kind buys */
    const World *w = p->w;
    Shelf *at_shelf = &p->shelf[shelf];
    i64 position = at_shelf->position, s = w->s[shelf], S = w->S[shelf], Q = w->Q[shelf], units = 0, lot = 1;
    if (at_shelf->ended) return;
    if (w->outside) {
        at_shelf->position = bought(p, w->buy_outside(shelf, moment, p->now, at_shelf->on_hand, position,
                                                      at_shelf->backordered));
        return;
    }
    switch (w->rule[shelf]) {
    case BASE_STOCK: case UP_TO: units = S - position; break;
    case S_S: units = position <= s ? S - position : 0; break;
    case S_Q: units = position <= s ? ((s - position) / Q + 1) * Q : 0; lot = Q; break;
    case LEVEL: units = Q < S - position ? Q : S - position; break;
    case ASKED: {
        i64 n = w->decide(shelf, moment, p->now, at_shelf->on_hand, position, at_shelf->backordered);
        if (n < 0) fail(p);
        for (i64 k = 0; k < n; k++) buy(p, shelf, w->buys[2 * k], w->buys[2 * k + 1]);
        return;
    }
    }
    if (units > 0) buy(p, shelf, units, lot);
}

void stock_is_reviewed(Play *p) {
    while (p->due.n) {
        i64 shelf = AT(p->due, i64, --p->due.n);
        if (p->shelf[shelf].position <= p->shelf[shelf].trigger) purchase_is_made(p, shelf, AT_TRIGGER);
    }
}

void withdraw(Play *p, i64 shelf, i64 units) {
    const World *w = p->w;
    Shelf *s = &p->shelf[shelf];
    if (w->outside) {
        s->position = bought(p, w->withdraw_outside(shelf, units, p->now, s->on_hand, s->position, s->backordered));
        return;
    }
    for (i64 k = s->under_way.n - 1; k >= 0 && units; k--) {
        i64 number = AT(s->under_way, i64, k);
        Purchase *b = &AT(p->purchases, Purchase, number);
        i64 less = units < b->units ? units : b->units;
        if (!less) continue;
        b->units -= less;
        units -= less;
        s->position -= less;
        WRITE(p, WITHDRAWN, p->now, (double)shelf, (double)w->vendor_number[w->source_vendor[b->source]], (double)less,
              (double)number);
    }
    i64 n = 0;
    for (i64 k = 0; k < s->under_way.n; k++) {
        i64 number = AT(s->under_way, i64, k);
        if (AT(p->purchases, Purchase, number).units) AT(s->under_way, i64, n++) = number;
    }
    s->under_way.n = n;
}

/* -------------------------------------------------------------------------------------------------------- receipts */
static void no_longer_under_way(Shelf *s, i64 number) {
    i64 n = 0;
    for (i64 k = 0; k < s->under_way.n; k++) {
        i64 other = AT(s->under_way, i64, k);
        if (other != number) AT(s->under_way, i64, n++) = other;
    }
    s->under_way.n = n;
}

static void note_receipt(Play *p, i64 number, i64 arriving, i64 lost) {
    const World *w = p->w;
    Purchase b = AT(p->purchases, Purchase, number);
    i64 vendor = w->source_vendor[b.source];
    if (lost && b.made == p->now) {                             /* the other lane says what is wrong with it */
        Vain *vain = &p->vain[vendor];
        vain->times = vain->day == p->now && vain->item == b.shelf ? vain->times + 1 : 1;
        vain->day = p->now;
        vain->item = b.shelf;
        if (vain->times > MOST_IN_VAIN) fail(p);
    }
    WRITE(p, RECEIPTS, p->now, (double)b.shelf, (double)w->vendor_number[vendor], (double)arriving, (double)lost,
          (double)number, b.made);
}

static void clear(Play *p, i64 shelf) {                         /* Assortment.clear */
    i64 units = p->shelf[shelf].on_hand;
    if (units <= 0) return;
    adjust(p, &p->shelf[shelf], -units);
    WRITE(p, ADJUSTED, p->now, (double)shelf, (double)-units, (double)-units, ADJUSTMENT_SEASON);
}

void goods_are_received(Play *p, i64 shelf, i64 arriving, i64 lost) {
    Shelf *s = &p->shelf[shelf];
    s->on_hand += arriving;                                     /* BackorderEngine.receive */
    s->position -= lost;
    if (s->backordered) serve(p, s);
    if (lost && s->position <= s->trigger) PUSH(p, p->due, i64, shelf);
    stock_is_allocated(p);
    if (s->ended) clear(p, shelf);
    stock_is_reviewed(p);
}

void goods_arrive(Play *p, i64 number) {
    const World *w = p->w;
    Purchase b = AT(p->purchases, Purchase, number);
    if (p->now < w->embargo[b.shelf]) {
        at(p, w->embargo[b.shelf], RECEIPT, ARRIVE, number);
        return;
    }
    if (!b.units) return;                                       /* all of it was withdrawn */
    Shelf *s = &p->shelf[b.shelf];
    if (w->withdraws[b.shelf]) no_longer_under_way(s, number);
    i64 arriving = b.share == 1.0 ? b.units : (i64)floor((double)b.units * b.share + 0.5), lost = b.units - arriving;
    note_receipt(p, number, arriving, lost);
    goods_are_received(p, b.shelf, arriving, lost);
}

/* ------------------------------------------------------------------------------------------------------ assortment */
static void ends(Play *p, i64 shelf) {
    Shelf *s = &p->shelf[shelf];
    s->ended = 1;
    s->limit = 0;
    for (i64 line = head(p, s); line >= 0; line = p->next[line]) /* as they came: the backlog is a queue here */
        if (p->open[line]) units_are_called_off(p, line, p->open[line], CAUSE_SELLER);
    clear(p, shelf);
}

void alarm_of_assortment(Play *p, i64 alarm) {
    const World *w = p->w;
    i64 shelf = w->alarm_shelf[alarm], limit = w->alarm_limit[alarm];
    if (limit == -2) ends(p, shelf);
    else p->shelf[shelf].limit = limit;
}
