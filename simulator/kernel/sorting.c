/* What foundation/compiled/sorting.py would otherwise let numpy sort, with the same results. Nothing of a play is used here.

   Levels over time: each kind of facts that change them is in order of time, so that kinds are merged, and rows counted
   into their places; sums are made in the same order and have the same bits (record/levels.py). And the stable order of
   whole numbers of which none is large, which are counted into their places; and what parcels hold, where goods and
   parcels are sorted. */
#include "kernel.h"
#include <math.h>
#include <stdlib.h>

enum { KINDS = 16 };

typedef struct {
    const Moves *moves;
    i64 kinds, at[KINDS];
    double next[KINDS];                                          /* the time of each kind's next row */
} Merge;

typedef struct { i64 kind, first, end; } Stretch;                /* rows that come one after the other */

static int in_order(const Moves *moves, i64 kinds) {
    if (kinds > KINDS) return 0;
    for (const Moves *m = moves; m < moves + kinds; m++) {
        if (m->n && !(m->time[0] >= 0 && m->time[m->n - 1] < INFINITY)) return 0;
        for (i64 k = 1; k < m->n; k++)
            if (!(m->time[k] >= m->time[k - 1])) return 0;
    }
    return 1;
}

static Merge merge_of(const Moves *moves, i64 kinds) {
    Merge g = {.moves = moves, .kinds = kinds};
    for (i64 k = 0; k < kinds; k++) g.next[k] = moves[k].n ? moves[k].time[0] : INFINITY;
    return g;
}

/* The next rows of one kind before those of any other; at one instant, the kinds come in their order. */
static int next_stretch(Merge *g, Stretch *s) {
    i64 best = 0;
    double before = INFINITY, upto = INFINITY;                   /* times of the kinds that come first, or last, at a tie */
    for (i64 k = 1; k < g->kinds; k++) {
        double next = g->next[k];
        if (next < g->next[best]) {
            if (g->next[best] < upto) upto = g->next[best];
            if (upto < before) before = upto;
            upto = INFINITY;
            best = k;
        } else if (next < upto) upto = next;
    }
    if (!g->kinds || g->next[best] == INFINITY) return 0;
    const Moves *m = &g->moves[best];
    i64 end = g->at[best] + 1;
    s->kind = best;
    s->first = g->at[best];
    while (end < m->n && m->time[end] < before && m->time[end] <= upto) end++;
    s->end = g->at[best] = end;
    g->next[best] = end < m->n ? m->time[end] : INFINITY;
    return 1;
}

static double units_of(const Moves *m, i64 k) { return m->whole ? (double)m->whole[k] : m->units[k]; }

i64 merged_steps(const Moves *moves, i64 kinds, i64 items, const double *initial, i64 *ends, double *times,
                 double *units) {
    i64 *place = in_order(moves, kinds) ? calloc((size_t)items + 1, sizeof(i64)) : NULL;
    if (!place) return 0;
    for (i64 k = 0; k < items; k++) place[k + 1] = 1;                        /* the level at time 0 */
    for (const Moves *m = moves; m < moves + kinds; m++)
        for (i64 k = 0; k < m->n; k++) place[m->item[k] + 1]++;
    for (i64 k = 0; k < items; k++) {
        ends[k] = place[k + 1] += place[k];
        times[place[k]] = 0.0;
        units[place[k]++] = initial[k];
    }
    Merge merge = merge_of(moves, kinds);
    for (Stretch s; next_stretch(&merge, &s);) {
        const Moves *m = &moves[s.kind];
        for (i64 k = s.first; k < s.end; k++) {
            i64 to = place[m->item[k]]++;
            times[to] = m->time[k];
            units[to] = units_of(m, k);
        }
    }
    free(place);
    double running = 0.0;                                                    /* over all items, as in Python */
    for (i64 item = 0, k = 0; item < items; item++) {
        double before = running;
        for (; k < ends[item]; k++) {
            running += units[k];
            units[k] = running - before;
        }
    }
    return 1;
}

i64 merged_path(const Moves *moves, i64 kinds, i64 items, const double *initial, double *times, double *values) {
    if (!in_order(moves, kinds)) return 0;
    double running = 0.0;
    for (i64 k = 0; k < items; k++) running += initial[k];
    i64 n = 1;
    double last = times[0] = 0.0;
    values[0] = running;
    Merge merge = merge_of(moves, kinds);
    for (Stretch s; next_stretch(&merge, &s);) {
        const Moves *m = &moves[s.kind];
        for (i64 k = s.first; k < s.end; k++) {
            n += m->time[k] != last;
            times[n - 1] = last = m->time[k];
            values[n - 1] = running += units_of(m, k);
        }
    }
    return n;
}

i64 counted_order(const i64 *numbers, i64 n, i64 most, i64 *order) {
    i64 *place = calloc((size_t)most + 2, sizeof(i64));
    for (i64 k = 0; place && k < n; k++) {
        if (numbers[k] < 0 || numbers[k] > most) free(place), place = NULL;
        else place[numbers[k] + 1]++;
    }
    if (!place) return 0;
    for (i64 k = 0; k < most; k++) place[k + 1] += place[k];
    for (i64 k = 0; k < n; k++) order[place[numbers[k]]++] = k;
    free(place);
    return 1;
}

/* The price of what every parcel holds (kpis/evidence/cash.py: _divided). Goods and parcels are sorted by group; `room`
   has 2 x (n + 1) doubles. The interpolation is that of numpy. */
static double value_at(double x, const double *given, const double *value, i64 n, i64 *at) {
    i64 j = *at;
    while (j < n && given[j + 1] <= x) j++;
    while (j > 0 && given[j] > x) j--;
    *at = j;
    if (j == n || given[j] >= x) return value[j];
    return (value[j + 1] - value[j]) / (given[j + 1] - given[j]) * (x - given[j]) + value[j];
}

i64 worth_of_parcels(const i64 *of, const double *units, const double *price, i64 n, const i64 *group,
                     const double *parcel, i64 parcels, double *room, double *worth) {
    double *given = room, *value = room + n + 1, end = 0.0, before = 0.0;
    given[0] = value[0] = 0.0;
    for (i64 k = 0; k < n; k++) {
        given[k + 1] = given[k] + units[k];
        value[k + 1] = value[k] + units[k] * price[k];
    }
    i64 first = 0, at = 0;
    for (i64 k = 0; k < parcels; k++) {
        if (!k || group[k] != group[k - 1]) before = end;
        while (first < n && of[first] < group[k]) first++;
        end += parcel[k];
        double upto = given[first] + (end - before), from = upto - parcel[k];
        double low = value_at(from, given, value, n, &at);
        worth[k] = value_at(upto, given, value, n, &at) - low;
    }
    return 1;
}
