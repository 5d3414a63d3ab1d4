/* The queue, the loop, events, scheduled reviews.

   Entries are ordered by (time, phase, id), ids in the order in which the SimPy lane makes the entries within a phase.
   An order that arrives comes after all entries of its instant with phase <= DEMAND. Entries at the horizon are not
   played.

   Time is divided into pages of equal length. The heap holds the entries of the pages that have begun. The others lie
   unsorted, a list for each page. Most of them are about the patience of customers who no longer wait when it ends, and
   are dropped when their page begins. */
#include "play.h"

enum { FEW = 1000000, LOOKS = 4 };                              /* see `look_at_clock` */
enum { ORDERS_PER_PAGE = 8, LEAST_PAGES = 64, MOST_PAGES = 1 << 16 };
static const double MOST_EVENTS = 0.5e11;

static int before(const Entry *a, const Entry *b) {             /* without a jump, which nobody could predict */
    return (a->time < b->time) | ((a->time == b->time) & (a->key < b->key));
}

/* Clock._ids: gives up where time does not advance, a little before the other lane, which then words the error. */
static void look_at_clock(Play *p) {
    double first = p->looked[0], most = p->w->horizon < 1e9 ? p->w->horizon : 1e9;
    for (int k = 0; k + 1 < LOOKS; k++) p->looked[k] = p->looked[k + 1];
    p->looked[LOOKS - 1] = p->now;
    if (p->ids < (uint64_t)LOOKS * FEW) return;
    if (p->now - first <= 2e-9 * most || (double)p->ids * p->w->horizon > MOST_EVENTS * p->now) fail(p);
}

uint64_t next_id(Play *p, double time) {
    if (!(time >= p->now)) fail(p);                             /* before now, or not a number */
    if (time == INFINITY) return 0;
    if (p->ids % FEW == 0 && p->ids) look_at_clock(p);
    return p->ids++;
}

static void rise(Entry *heap, i64 k, Entry e) {
    while (k > 0) {
        i64 up = (k - 1) >> 1;
        if (!before(&e, &heap[up])) break;
        heap[k] = heap[up];
        k = up;
    }
    heap[k] = e;
}

static void into_heap(Play *p, Entry e) {
    push(p, &p->queue, sizeof e);
    rise(p->queue.at, p->queue.n - 1, e);
}

void at(Play *p, double time, int phase, int kind, i64 argument) {
    uint64_t id = next_id(p, time);
    if (time > p->w->horizon) return;
    Entry e = {time, (uint64_t)phase << 56 | id, kind + KINDS * argument};
    if (time < p->page_ends) {
        into_heap(p, e);
        return;
    }
    i64 *first = &p->page[(i64)(time / p->page_length)], place = p->unused;
    if (place >= 0) p->unused = AT(p->later, Later, place).next;
    else {
        place = p->later.n;
        push(p, &p->later, sizeof(Later));
    }
    AT(p->later, Later, place) = (Later){e, *first};
    *first = place;
}

/* The length of a page is a power of two, so that the page of a time is exact. */
void set_up_pages(Play *p) {
    const World *w = p->w;
    i64 pages = w->orders / ORDERS_PER_PAGE;
    if (pages < LEAST_PAGES) pages = LEAST_PAGES;
    if (pages > MOST_PAGES) pages = MOST_PAGES;
    int power;
    frexp(w->horizon / (double)pages, &power);
    p->page_length = p->page_ends = ldexp(1.0, power);
    pages = (i64)(w->horizon / p->page_length) + 1;
    p->page = zeros(p, pages, sizeof(i64));
    for (i64 k = 0; k < pages; k++) p->page[k] = -1;
    p->unused = -1;
}

static int is_idle(const Play *p, Entry e) {                    /* its order waits no longer, and never will again */
    i64 kind = e.what % KINDS;
    int of_waiting = kind == PATIENCE || kind == WINDOW || kind == HOLD_ENDS || kind == LAST_MOMENT;
    return of_waiting && !p->order[e.what / KINDS].waiting;
}

static void next_page(Play *p) {
    i64 place = p->page[(i64)(p->page_ends / p->page_length)];
    p->page_ends += p->page_length;
    while (place >= 0) {
        Later *l = &AT(p->later, Later, place);
        i64 after = l->next;
        if (!is_idle(p, l->entry)) into_heap(p, l->entry);
        l->next = p->unused;
        p->unused = place;
        place = after;
    }
}

static Entry pop(Play *p) {                                     /* the last entry goes down, and most often stays there */
    Entry *heap = p->queue.at, top = heap[0], e = heap[--p->queue.n];
    i64 n = p->queue.n, k = 0, c;
    while ((c = 2 * k + 2) < n) {
        c -= before(&heap[c - 1], &heap[c]);
        heap[k] = heap[c];
        k = c;
    }
    if (c == n) {
        heap[k] = heap[n - 1];
        k = n - 1;
    }
    rise(heap, k, e);
    return top;
}

double draw(Play *p, i64 stream) {
    const World *w = p->w;
    if (!isnan(w->constant_draw[stream])) return w->constant_draw[stream];
    if (p->stream_used[stream] == p->stream_n[stream]) {
        p->stream_n[stream] = w->more(stream);
        if (!p->stream_n[stream]) fail(p);
        p->stream_used[stream] = 0;
    }
    return ((const double *)(intptr_t)w->stream_at[stream])[p->stream_used[stream]++];
}

/* ----------------------------------------------------------------------------------------------------------- gates */
void hold(Play *p, i64 gate, i64 kind, i64 argument) { PUSH(p, p->gate[gate].held, Held, kind, argument); }

static void reopen(Play *p, i64 gate) {
    Gate *g = &p->gate[gate];
    if (--g->shut) return;
    for (i64 k = 0; k < g->held.n; k++) {                       /* nothing is held meanwhile, as the gate is open */
        Held h = AT(g->held, Held, k);
        if (h.kind == HELD_PURCHASE) enter(p, h.argument);
        else if (h.kind == HELD_PICKING) pick(p, h.argument);
        else goods_are_handed_over(p, h.argument);
    }
    g->held.n = 0;
}

/* ---------------------------------------------------------------------------------------------------------- events */
static void operate(Play *p, i64 event, int begins) {           /* Switchboard.begin and end */
    const World *w = p->w;
    for (i64 k = w->op_ptr[event]; k < w->op_ptr[event + 1]; k++) {
        i64 target = w->op_target[k];
        if (w->op_kind[k] == EFFECT) {
            if (!w->effect(target, begins, p->now)) fail(p);
        } else if (begins) p->gate[target].shut++;
        else reopen(p, target);
    }
}

static void next_span(Play *p, i64 event) {
    i64 span = p->span[event];
    if (span < p->w->span_ptr[event + 1]) at(p, p->w->span_start[span], SWITCH, BEGIN, event);
}

static void play_event(Play *p, int kind, i64 event) {
    const World *w = p->w;
    if (kind == BEGIN) {
        operate(p, event, 1);
        at(p, w->span_end[p->span[event]], SWITCH, w->ends_last[event] ? LAST_END : END, event);
    } else if (kind == LAST_END) at(p, p->now, SWITCH, END, event);
    else {
        operate(p, event, 0);
        p->span[event]++;
        next_span(p, event);
    }
}

/* --------------------------------------------------------------------------------------------------------- reviews */
static void next_review(Play *p, i64 group) {                   /* Rhythm.time */
    const World *w = p->w;
    i64 number = p->reviews[group], days = w->day_ptr[group + 1] - w->day_ptr[group];
    double first = w->first[group], period = w->period[group];
    if (number < days) at(p, w->day[w->day_ptr[group] + number], REVIEW, LOOK, group);
    else if (period < INFINITY) {
        double k = (double)(number - days);
        at(p, first == period ? (k + 1) * period : first + k * period, REVIEW, LOOK, group);
    }
}

static void review(Play *p, i64 group) {
    const World *w = p->w;
    for (i64 k = w->group_ptr[group]; k < w->group_ptr[group + 1]; k++) {
        i64 shelf = w->group_shelf[k];
        purchase_is_made(p, shelf, AT_REVIEW);
        Shelf *s = &p->shelf[shelf];
        if (w->history[shelf] && w->decide(shelf, AFTER_REVIEW, p->now, s->on_hand, s->position, s->backordered) < 0)
            fail(p);
    }
    p->reviews[group]++;
    next_review(p, group);
}

static void next_plan(Play *p, i64 plan) {
    at(p, (double)(p->plannings[plan] + 1) * p->w->plan_period[plan], REVIEW, PLAN, plan);
}

static void plan(Play *p, i64 number) {
    if (!p->w->plan(number, 1, p->now)) fail(p);
    for (i64 k = 0; k < p->w->shelves; k++) p->shelf[k].trigger = p->w->trigger[k];
    p->plannings[number]++;
    next_plan(p, number);
}

/* ------------------------------------------------------------------------------------------------------------ loop */
static void starters(Play *p) {                                 /* simulate.py: STARTERS */
    const World *w = p->w;
    for (i64 e = 0; e < w->events; e++) {
        p->span[e] = w->span_ptr[e];
        next_span(p, e);
    }
    for (i64 k = 0; k < w->plans; k++) next_plan(p, k);
    for (i64 g = 0; g < w->groups; g++) next_review(p, g);
}

static void happens(Play *p, int kind, i64 what) {
    switch (kind) {
    case BEGIN: case LAST_END: case END: play_event(p, kind, what); break;
    case ARRIVE: goods_arrive(p, what); break;
    case PATIENCE: order_is_given_up(p, what, CAUSE_PATIENCE); break;
    case WINDOW: order_is_given_up(p, what, CAUSE_WINDOW); break;
    case RECALL: customer_calls_off(p, what); break;
    case LEAVE: ready_orders_leave(p); break;
    case PICKED: picked(p, what); break;
    case SERVE: enter(p, what); break;
    case LOOK: review(p, what); break;
    case FIRST_LOOK:
        if (p->shelf[what].position <= p->shelf[what].trigger) purchase_is_made(p, what, AT_TRIGGER);
        break;
    case PLAN: plan(p, what); break;
    case HOLD_ENDS: hold_ends(p, what); break;
    case LAST_MOMENT: last_moment(p, what); break;
    case COME_BACK: goods_come_back(p, AT(p->backs, Back, what).line, AT(p->backs, Back, what).units); break;
    case ALARM: alarm_of_assortment(p, what); break;
    case OUTSIDE: if (!p->w->wake(what, 1, p->now)) fail(p); break;
    case STARTERS: starters(p); break;
    }
}

void start(Play *p) {                                           /* simulate.py: BUILDERS, then `play` */
    const World *w = p->w;
    for (i64 k = 0; k < w->built; k++) at(p, w->entry_time[k], (int)w->entry_phase[k], OUTSIDE, k);
    for (i64 k = 0; k < w->alarms; k++) at(p, w->alarm_time[k], SWITCH, ALARM, k);
    for (i64 k = 0; k < w->shelves; k++)
        if (p->shelf[k].position <= p->shelf[k].trigger) at(p, 0.0, REVIEW, FIRST_LOOK, k);
    at(p, 0.0, START, STARTERS, 0);
    for (i64 k = w->built; k < w->built + w->started; k++) at(p, w->entry_time[k], (int)w->entry_phase[k], OUTSIDE, k);
    for (i64 i = 0;;) {
        double due = i < w->orders ? w->times[i] : INFINITY;
        const Entry *top = p->queue.at;
        int by_entry = p->queue.n && (top->time < due || (top->time == due && top->key >> 56 <= DEMAND));
        double next = by_entry ? top->time : due;
        if (next >= p->page_ends && p->page_ends <= w->horizon) {
            next_page(p);
            continue;
        }
        if (next >= w->horizon) return;
        p->now = next;
        if (by_entry) {
            Entry e = pop(p);
            happens(p, (int)(e.what % KINDS), e.what / KINDS);
        } else order_arrives(p, i++);
    }
}
