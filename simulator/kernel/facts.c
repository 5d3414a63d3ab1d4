/* Memory, and the rows of the ledger. Every allocation is checked; a failed one ends the play by `fail`. */
#include "play.h"
#include <stdlib.h>
#include <string.h>

static const int WIDTH[TABLES] = {4, 5, 6, 4, 4, 3, 8, 6, 5, 4, 5, 7, 5, 3, 2, 2};

void fail(Play *p) { longjmp(*p->out, 1); }

static void *grown(Play *p, void *block, size_t bytes) {
    void *more = realloc(block, bytes);
    if (!more) fail(p);
    return more;
}

void grow(Play *p, Vector *v, size_t size) {
    i64 room = v->room ? 2 * v->room : 16;
    v->at = grown(p, v->at, (size_t)room * size);
    v->room = room;
}

double order_number(const Play *p, i64 i) {                           /* of an order, in the facts */
    const World *w = p->w;
    return (double)(i < w->orders ? i : w->opening_number[i - w->orders]);
}

void *zeros(Play *p, i64 n, size_t size) {
    void *block = calloc((size_t)(n ? n : 1), size);
    if (!block) fail(p);
    return block;
}

void grow_rows(Play *p, int table, i64 width) {
    Facts *f = p->f;
    i64 room = f->room[table] ? 2 * f->room[table] : 64 * width;
    f->rows[table] = grown(p, f->rows[table], (size_t)room * sizeof(double));
    f->room[table] = room;
}

void set_up(Play *p) {
    const World *w = p->w;
    i64 orders = w->orders + w->opening;
    p->lines = w->line_ptr[orders];
    p->shelf = zeros(p, w->shelves, sizeof(Shelf));
    p->order = zeros(p, orders, sizeof(Order));
    p->open = zeros(p, p->lines, sizeof(i32));
    p->gone = zeros(p, p->lines, sizeof(i32));
    p->ordered = zeros(p, p->lines, sizeof(i32));
    p->next = zeros(p, p->lines, sizeof(i32));
    p->line_order = zeros(p, p->lines, sizeof(i32));
    p->left = zeros(p, orders, sizeof(i32));
    if (w->card) p->packed = zeros(p, orders, sizeof(Vector));
    if (w->recall_at) {
        p->never_left = zeros(p, p->lines, sizeof(i32));
        p->contents_of = zeros(p, orders, sizeof(i32));
    }
    p->gate = zeros(p, w->gates, sizeof(Gate));
    p->busy = zeros(p, w->areas, sizeof(Vector));
    p->stream_n = zeros(p, w->streams, sizeof(i64));
    p->stream_used = zeros(p, w->streams, sizeof(i64));
    p->last = zeros(p, w->sources, sizeof(double));
    p->bought = zeros(p, w->sources, sizeof(i64));
    p->vain = zeros(p, w->vendors, sizeof(Vain));
    p->reviews = zeros(p, w->groups, sizeof(i64));
    p->plannings = zeros(p, w->plans, sizeof(i64));
    p->span = zeros(p, w->events, sizeof(i64));
    set_up_pages(p);
    p->no_stops = w->sums && !w->keeps_parcels && !w->recall_at;
    for (i64 k = 0; k < w->op_ptr[w->events]; k++) p->no_stops &= w->op_kind[k] != SHUT;
    i64 likely = orders + orders / 8 + 16;                      /* parcels; more room is made where it is needed */
    if (!p->f->on_hand) {                                       /* else these are the facts of another play */
        p->f->rows[PARCELS] = grown(p, NULL, (size_t)(likely * WIDTH[PARCELS]) * sizeof(double));
        p->f->room[PARCELS] = likely * WIDTH[PARCELS];
        const int growing[] = {BACKORDERED, FILLS, CANCELLED};
        for (int k = 0; k < 3; k++) {
            int table = growing[k];
            i64 some = (p->lines / 8 + 16) * WIDTH[table];
            p->f->rows[table] = grown(p, NULL, (size_t)some * sizeof(double));
            p->f->room[table] = some;
        }
        p->f->backordered = zeros(p, w->shelves, sizeof(i64));
        p->f->on_order = zeros(p, w->shelves, sizeof(i64));
        p->f->on_hand = zeros(p, w->shelves, sizeof(i64));
    }
    for (i64 k = 0; k < w->shelves; k++) {
        Shelf *s = &p->shelf[k];
        s->on_hand = w->on_hand[k];
        s->position = w->position[k];
        s->trigger = w->trigger[k];
        s->limit = w->limit[k];
        s->head = s->tail = -1;
    }
}

void tear_down(Play *p) {                                       /* also of a play that was set up in part only */
    const World *w = p->w;
    for (i64 k = 0; p->shelf && k < w->shelves; k++) free(p->shelf[k].ranked.at), free(p->shelf[k].under_way.at);
    for (i64 k = 0; p->gate && k < w->gates; k++) free(p->gate[k].held.at);
    for (i64 k = 0; p->busy && k < w->areas; k++) free(p->busy[k].at);
    for (i64 i = 0; p->packed && i < w->orders + w->opening; i++) free(p->packed[i].at);
    for (i64 k = 0; k < p->contents.n; k++) {
        Contents *c = &AT(p->contents, Contents, k);
        free(c->unsent.at), free(c->packed.at), free(c->left.at);
    }
    void *all[] = {p->shelf, p->order, p->open, p->gone, p->ordered, p->never_left, p->next, p->line_order, p->left,
                   p->contents_of, p->packed, p->gate, p->busy, p->stream_n, p->stream_used, p->last, p->bought, p->vain,
                   p->reviews, p->plannings, p->span, p->page, p->queue.at, p->later.at, p->due.at, p->ready.at,
                   p->leavers.at, p->fills.at, p->purchases.at, p->parcels.at, p->releases.at, p->refunds.at,
                   p->contents.at, p->backs.at};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

int play(const World *w, Facts *f) {
    Play *p = calloc(1, sizeof *p);
    if (!p) return 1;
    p->w = w;
    p->f = f;
    f->play = p;
    jmp_buf out;
    p->out = &out;
    volatile int failed = 1;
    if (!setjmp(out)) {
        set_up(p);
        initial_backlog(p);
        start(p);
        for (i64 k = 0; k < w->shelves; k++) {
            Shelf *s = &p->shelf[k];
            f->on_hand[k] = s->on_hand;
            f->on_order[k] = s->position - s->on_hand + s->backordered;
            f->backordered[k] = s->backordered;
        }
        if (w->sums) memcpy(w->open_of, p->open, (size_t)w->line_ptr[w->orders] * sizeof(i32));
        failed = 0;
    }
    tear_down(p);
    free(p);
    return failed;
}

/* Python's frames lie between the play and these calls, so that a failure must not jump beyond them. */
int schedule(void *play, double time, i64 phase, i64 number) {
    Play *p = play;
    jmp_buf out, *outer = p->out;
    volatile int failed = 1;
    p->out = &out;
    if (!setjmp(out)) {
        at(p, time, (int)phase, OUTSIDE, number);
        failed = 0;
    }
    p->out = outer;
    return failed;
}

int receive(void *play, i64 shelf, i64 arriving, i64 lost) {
    Play *p = play;
    jmp_buf out, *outer = p->out;
    volatile int failed = 1;
    p->out = &out;
    if (!setjmp(out)) {
        goods_are_received(p, shelf, arriving, lost);
        failed = 0;
    }
    p->out = outer;
    return failed;
}

void forget_rows(Facts *f, i64 table) {
    free(f->rows[table]);
    f->rows[table] = NULL;
    f->filled[table] = f->room[table] = 0;
}

void forget(Facts *f) {
    for (int k = 0; k < TABLES; k++) free(f->rows[k]);
    free(f->on_hand);
    free(f->on_order);
    free(f->backordered);
}

#ifndef SOURCES
#define SOURCES 0
#endif

i64 abi(void) { return ABI; }
i64 sources(void) { return SOURCES; }
i64 world_size(void) { return (i64)sizeof(World); }
i64 facts_size(void) { return (i64)sizeof(Facts); }
