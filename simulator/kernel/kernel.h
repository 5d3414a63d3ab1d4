/* What crosses the border between Python and the kernel: flat arrays in, rows of the ledger out.

   Names, order and types of the fields are those of `border.py`. Python owns every array of `World`; the kernel owns
   the rows of `Facts` until `forget`. */
#ifndef KERNEL_H
#define KERNEL_H
#include <stdint.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

typedef int64_t i64;
typedef int32_t i32;

enum { ABI = 1 };
enum { NONE, BASE_STOCK, S_S, S_Q, UP_TO, LEVEL, ASKED };              /* what a review buys; ASKED: Python says it */
enum { FIFO, LIFO, PRIORITY, MARGIN };                                 /* the order of a backlog */
enum { NEVER, HOLD_UNTIL, MINIMUM_SPLIT, MINIMUM_ALLOCATED, MAXIMUM_SHIPMENTS, SHIP_ONCE, CRITICAL_ITEM };
enum { SHUT, EFFECT };                                                 /* what an event does */
enum { BACKORDERED, REFUSED, FILLS, HOLDS, PARCELS, PICKS, CANCELLED, RETURNED, ADJUSTED, PURCHASES, WITHDRAWN,
       RECEIPTS, SHIPPED, EXTRA, ENDED, LEFT, TABLES };                /* tables; EXTRA: transits to be filled in; ENDED,
                                                                          LEFT: waits that were filled, cancelled */

typedef i64 (*More)(i64 stream);                        /* draws the next block of a stream; its length, 0: failed */
typedef double (*Lengthen)(i64 source, double lead);    /* a lead time under the rules of events; nan: failed */
typedef double (*PerParcel)(i64 order, i64 parcel);     /* a time that was not drawn with the order; nan: failed */
typedef double (*Rank)(i64 order);                      /* the rank of an order's lines; nan: failed */
typedef i64 (*Decide)(i64 shelf, i64 moment, double now, i64 on_hand, i64 position, i64 backordered);
                                                        /* puts purchases into `buys`; how many, -1: failed */
typedef i64 (*Call)(i64 number, i64 begins, double now);/* 0: failed */
typedef i64 (*Buying)(i64 shelf, i64 what, double now, i64 on_hand, i64 position, i64 backordered);
                                                        /* the new position; INT64_MIN: failed */

typedef struct {
    double horizon, window, share, hold, reauth_days, fails, counted_from;
    i64 shelves, terms, segments, areas, gates, vendors, sources, streams, events, groups, plans, alarms, orders;
    i64 order_of_service, direct, ships, most_parcels, policy_holds, holding;
    i64 outside, built, started;         /* Python plays the suppliers; its entries of the build and of the start */
    i64 opening, tracked;                /* orders from before the start; waits are tracked one by one */
    i64 sums, keeps_parcels, keeps_picks, dues;          /* sums.c: only sums, and which rows there are all the same */
    /* shelves; levels and triggers may change at a planning */
    const i64 *on_hand, *position, *limit, *trigger, *s, *S, *Q;
    const i32 *rule, *withdraws, *history, *critical;
    const double *embargo;
    const i64 *source_ptr;               /* sources of shelf k: source_ptr[k] .. source_ptr[k + 1] */
    /* sources: one supplier asked for one item */
    const i32 *source_vendor;
    const double *source_share;
    const double *constant_draw;         /* by stream, two a source (yield, lead time); nan: its numbers are drawn */
    /* suppliers */
    const i64 *minimum, *vendor_gate, *vendor_number;
    const double *order_delay;
    const i32 *fifo, *ruled;             /* `ruled` changes with events */
    /* terms */
    const i64 *reserve, *segment, *priority;
    const i32 *splits_lines, *splits_orders, *asks_ships;
    const double *least;
    /* segments and picking areas */
    const i64 *area, *carrier_gate;
    const double *delivery_time;
    const i64 *area_gate, *workers;      /* workers < 0: any number */
    const i32 *takes_time;
    const double *constant;              /* nan: drawn for every parcel */
    /* events: spans and operations by event; the end takes back what the begin did */
    const i64 *span_ptr, *op_ptr;
    const double *span_start, *span_end;
    const i32 *ends_last, *op_kind;
    const i64 *op_target;
    /* scheduled reviews and plannings */
    const double *first, *period, *day;
    const i64 *day_ptr, *group_ptr, *group_shelf;
    const double *plan_period;
    /* alarms of the assortment: the limit from a day on, -1: none, -2: the item ends */
    const double *alarm_time;
    const i64 *alarm_shelf, *alarm_limit;
    const double *entry_time;            /* entries that Python has made: of the build, then of the start */
    const i64 *entry_phase;
    /* the order book; orders from before the start come behind the others */
    const i64 *opening_number;           /* their numbers in the facts */
    const double *times, *patience, *need_by;              /* need_by: null where nobody names a date */
    const i32 *order_terms;
    const i32 *line_ptr, *item, *quantity;
    const i32 *transit_ptr, *pick_ptr;
    const double *transit, *pick;
    const double *recall_at;             /* null: the record calls nothing off */
    const i32 *recall_units;
    const double *card;                  /* by order; null: no card can fail */
    /* sums, which the kernel writes: by line, by order and due date, by part and shelf, by segment; see sums.c */
    i32 *backordered_of, *refused_of, *instant_of, *cancelled_of, *open_of;
    const double *due;                   /* by `dues` and order */
    i32 *delivered_by, *given_up_by;
    double *under;
    i64 *sent;                           /* parcels, units */
    /* random numbers and decisions that come as they are needed */
    const i64 *stream_at;                /* addresses of blocks, renewed by `more` */
    const i64 *buys;                     /* units, lot of every purchase that Python decides */
    More more;
    Lengthen lengthen;
    PerParcel pick_time, transit_time;
    Rank rank;
    Decide decide;
    Call effect, plan, wake;
    Buying buy_outside, withdraw_outside;
} World;

typedef struct {
    double *rows[TABLES];
    i64 filled[TABLES], room[TABLES];    /* doubles */
    i64 *on_hand, *on_order, *backordered;
    void *play;                          /* what `schedule` and `receive` take */
} Facts;

typedef struct {                         /* facts of one kind that change a level */
    const double *time;                  /* days, never less than before */
    const i32 *item;
    const double *units;
    const i32 *whole;                    /* in place of `units`, if it is not null */
    i64 n;
} Moves;

EXPORT i64 abi(void);
EXPORT i64 sources(void);                               /* `SOURCES`, as the build hook defines it */
EXPORT i64 world_size(void);
EXPORT i64 facts_size(void);
EXPORT int play(const World *w, Facts *f);              /* 0: played; else it must be played in the other lane */
EXPORT void forget(Facts *f);
EXPORT void forget_rows(Facts *f, i64 table);
/* While the kernel waits for `wake`, `buy_outside` or `withdraw_outside`; 0: done. */
EXPORT int schedule(void *play, double time, i64 phase, i64 number);
EXPORT int receive(void *play, i64 shelf, i64 arriving, i64 lost);
/* sorting.c, areas.c. 0: numpy must do it, because facts are not in order of time, numbers are too large, or there is no memory. */
EXPORT i64 worth_of_parcels(const i64 *of, const double *units, const double *price, i64 n, const i64 *group,
                            const double *parcel, i64 parcels, double *room, double *worth);
EXPORT i64 counted_order(const i64 *numbers, i64 n, i64 most, i64 *order);
EXPORT i64 merged_steps(const Moves *moves, i64 kinds, i64 items, const double *initial, i64 *ends, double *times,
                        double *units);
EXPORT i64 areas_by_item(const Moves *moves, i64 kinds, i64 items, const double *span, double *total);
EXPORT i64 sums_by_cell(const Moves *moves, i64 kinds, const double *rates, const double *grid, i64 cells, double *inside,
                        double *steps);
EXPORT i64 merged_path(const Moves *moves, i64 kinds, i64 items, const double *initial, double *times, double *values);
/* For randomness/seeds.py. */
EXPORT i64 seed_words(const uint32_t *entropy, i64 n, uint64_t *state);
#endif
