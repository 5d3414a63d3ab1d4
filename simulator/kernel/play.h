/* What the parts of the kernel share: the state of one play.

   Every function bears the name of the Python method whose rules it repeats; the comment at its declaration says where
   that method is. Times are plain IEEE doubles and sums are made in the same order as there. */
#ifndef PLAY_H
#define PLAY_H
#include "kernel.h"
#include <math.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>

enum { START, SWITCH = 1, RECEIPT, CANCEL, DELIVERY, DEMAND, REVIEW };        /* phases, as world/clock.py numbers them */
enum { BEGIN, END, LAST_END, ARRIVE, PATIENCE, WINDOW, RECALL, LEAVE, PICKED, SERVE, LOOK, FIRST_LOOK, PLAN, HOLD_ENDS,
       LAST_MOMENT, COME_BACK, ALARM, OUTSIDE, STARTERS, KINDS = 32 };                    /* kinds of entries */
enum { HELD_PURCHASE, HELD_PICKING, HELD_PARCEL };                     /* what waits at a gate */
enum { CAUSE_PATIENCE = 0, CAUSE_WINDOW = 1, CAUSE_CALLED_OFF = 2, CAUSE_NEED_BY = 5, CAUSE_SELLER = 6, CAUSE_PAYMENT = 7 };
enum { EXIT_REFUSED = 0, ADJUSTMENT_SEASON = 6, ADJUSTMENT_RETURNED = 7 };
enum { AT_TRIGGER, AT_REVIEW, AFTER_REVIEW };                          /* moments of `Decide` */

typedef struct { double time; uint64_t key; i64 what; } Entry;         /* key = phase << 56 | id */
typedef struct { Entry entry; i64 next; } Later;                       /* of a page that has not begun; -1 ends a list */
typedef struct { double rank; i64 number, added; i32 line; } Ranked;
typedef struct { void *at; i64 n, room; } Vector;
typedef struct { i64 shelf, source, units; double made, share, lead; } Purchase;
typedef struct { i32 order, number, units; } Parcel;
typedef struct { i64 kind, argument; } Held;
typedef struct { i64 line, units, held; } Release;
typedef struct { i64 line, units; } Fill;
typedef struct { i32 line, units, parcel; double delivered; } Part;
typedef struct { Vector unsent, packed, left; } Contents;              /* of an order with recalls: Part */
typedef struct { double day; i64 line, units; } Back;              /* goods that will come back */

typedef struct {
    i64 on_hand, position, backordered, trigger, limit, head, tail, dead;
    int ended;
    Vector ranked;                     /* Ranked, a heap; where service is not first come first served */
    Vector under_way;                  /* numbers of purchases that may be withdrawn */
} Shelf;

typedef struct { i32 packed, parcels, held, waiting, told; char ever, over; } Order;
typedef struct { i64 shut; Vector held; } Gate;
typedef struct { double day; i64 item, times; } Vain;

typedef struct {
    const World *w;
    Facts *f;
    double now;
    jmp_buf *out;                      /* where `fail` goes */
    Shelf *shelf;
    Order *order;
    i32 *open, *gone, *ordered, *never_left;   /* by line */
    i32 *next, *line_order;            /* by line */
    i32 *left;                         /* by order: units that have left, or are about to */
    i32 *contents_of;                  /* by order: 1 + its place in `contents`; null without recalls */
    Vector *packed;                    /* by order: Fill, what a card may still refuse; null where no card can */
    Gate *gate;
    Vector *busy;                      /* by area: when each busy worker is free, a heap */
    i64 *stream_n, *stream_used;
    double *last;                      /* by source */
    i64 *bought;                       /* by source */
    Vain *vain;                        /* by supplier */
    i64 *reviews, *plannings, *span;   /* by group, by planning, by event */
    i64 *page, unused;                 /* by page the first of its entries in `later`; the first unused place there */
    double page_length, page_ends;     /* the end of the last page that has begun */
    Vector queue, later, due, ready, leavers, fills, purchases, parcels, releases, refunds, contents, backs;
    uint64_t ids;
    double looked[5];                  /* the time when the last millions of entries had been made */
    i64 added, lines;
    int leaving, no_stops;             /* no_stops: what is picked leaves, and no row says when */
} Play;

#define AT(vector, type, k) (((type *)(vector).at)[k])
#define PUSH(p, vector, type, ...) (*(type *)push(p, &(vector), sizeof(type)) = (type){__VA_ARGS__})
#define WRITE(p, table, ...)                                                          \
    do {                                                                              \
        const double values[] = {__VA_ARGS__};                                        \
        memcpy(row(p, table, sizeof values / sizeof *values), values, sizeof values); \
    } while (0)

/* facts.c: memory and rows */
double order_number(const Play *p, i64 i);
_Noreturn void fail(Play *p);
void *zeros(Play *p, i64 n, size_t size);
void grow(Play *p, Vector *v, size_t size);
void grow_rows(Play *p, int table, i64 width);
void set_up(Play *p);
void tear_down(Play *p);

static inline void *push(Play *p, Vector *v, size_t size) {           /* here, as every order pushes several times */
    if (v->n == v->room) grow(p, v, size);
    return (char *)v->at + size * (size_t)v->n++;
}

static inline double *row(Play *p, int table, i64 width) {
    Facts *f = p->f;
    if (f->filled[table] + width > f->room[table]) grow_rows(p, table, width);
    double *at = f->rows[table] + f->filled[table];
    f->filled[table] += width;
    return at;
}

/* events.c: world/clock.py, world/event_processes.py, world/suppliers/stocking_node.py (reviews) */
void at(Play *p, double time, int phase, int kind, i64 argument);
uint64_t next_id(Play *p, double time);
void hold(Play *p, i64 gate, i64 kind, i64 argument);
void set_up_pages(Play *p);
void start(Play *p);
double draw(Play *p, i64 stream);

/* backlog.c: engine/backlog.py, world/stock/shelves.py (initial_backlog) */
void initial_backlog(Play *p);
void add(Play *p, Shelf *s, i64 order, i64 line);
i64 head(Play *p, Shelf *s);
int goes_before(Play *p, Shelf *s, i64 order);
void bury(Play *p, Shelf *s);

/* stock.c: engine/backorder_engine.py */
void serve(Play *p, Shelf *s);
void end_hold(Play *p, i64 i);
i32 place_short(Play *p, i64 i, i64 line, Shelf *s, i64 terms);
void place(Play *p, i64 i, i32 packed);
void cancel(Play *p, i64 i);
i64 call_off(Play *p, i64 line, i64 units);
void release(Play *p);
void adjust(Play *p, Shelf *s, i64 units);
i64 held(Play *p, i64 line);

/* orders.c: world/orders/flow.py, world/waiting/holding.py */
void order_arrives(Play *p, i64 i);
void stock_is_allocated(Play *p);
void ready_orders_leave(Play *p);
void order_is_given_up(Play *p, i64 i, int cause);
void customer_calls_off(Play *p, i64 line);
void hold_ends(Play *p, i64 i);
void last_moment(Play *p, i64 i);
void units_are_released(Play *p, i64 i, int cause, int bought);
void units_are_called_off(Play *p, i64 line, i64 units, int cause);

/* delivery.c: world/orders/flow.py (delivery), world/delivery/picking.py, carriers.py, contents.py */
void goods_leave(Play *p, i64 i);
void pick(Play *p, i64 k);
void picked(Play *p, i64 k);
void goods_are_handed_over(Play *p, i64 k);
Contents *contents_of(Play *p, i64 i);
void contents_ordered(Play *p, i64 i);
void contents_called_off(Play *p, i64 line, i64 units);
void goods_come_back(Play *p, i64 line, i64 units);
i64 take(Vector *parts, i64 line, i64 units);

/* charging.c: world/waiting/charging.py */
void charging_waits(Play *p, i64 i);
void charging_filled(Play *p);
void charging_released(Play *p, i64 i, Release r);
int may_leave(Play *p, i64 i);

/* sums.c: kpis/evidence/ */
void sum_order(Play *p, i64 i);
void sum_waiting(Play *p, i64 i, i64 line);
void sum_fill(Play *p, i64 i, Fill fill);
void sum_released(Play *p, i64 i, Release r, int cause);
void sum_parcel(Play *p, i64 i, i64 units, double shipped, double delivered);

/* supply.c: world/suppliers/ (purchasing.py, vendor.py, lanes.py, stocking_node.py), world/stock/assortment.py */
void stock_is_reviewed(Play *p);
void purchase_is_made(Play *p, i64 shelf, int moment);
void enter(Play *p, i64 purchase);
void goods_arrive(Play *p, i64 purchase);
void goods_are_received(Play *p, i64 shelf, i64 arriving, i64 lost);
void withdraw(Play *p, i64 shelf, i64 units);
void alarm_of_assortment(Play *p, i64 alarm);
#endif
