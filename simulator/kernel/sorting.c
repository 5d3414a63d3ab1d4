/* Levels over time from the facts that change them. Each kind of facts is in order of time, so that kinds are merged and
   rows counted into their places where numpy would have to sort; sums are made in the same order and have the same bits.

   record/levels.py says what is wanted, foundation/compiled/sorting.py calls. Nothing of a play is used here. */
#include "kernel.h"
#include <stdlib.h>

enum { KINDS = 16 };

typedef struct {
    const Moves *moves;
    i64 kinds, at[KINDS];
} Merge;

typedef struct { i64 kind, first, end; } Stretch;                /* rows that come one after the other */

static int in_order(const Moves *moves, i64 kinds) {
    if (kinds > KINDS) return 0;
    for (const Moves *m = moves; m < moves + kinds; m++) {
        if (m->n && !(m->time[0] >= 0)) return 0;
        for (i64 k = 1; k < m->n; k++)
            if (!(m->time[k] >= m->time[k - 1])) return 0;
    }
    return 1;
}

/* The next rows of one kind before those of any other; at one instant, the kinds come in their order. */
static int next_stretch(Merge *g, Stretch *s) {
    i64 best = -1, other = -1;
    for (i64 k = 0; k < g->kinds; k++) {
        const Moves *m = &g->moves[k];
        if (g->at[k] == m->n) continue;
        if (best < 0 || m->time[g->at[k]] < g->moves[best].time[g->at[best]]) other = best, best = k;
        else if (other < 0 || m->time[g->at[k]] < g->moves[other].time[g->at[other]]) other = k;
    }
    if (best < 0) return 0;
    const Moves *m = &g->moves[best];
    i64 end = m->n;
    s->kind = best;
    s->first = g->at[best];
    if (other >= 0) {
        double until = g->moves[other].time[g->at[other]];
        end = s->first + 1;
        while (end < m->n && (m->time[end] < until || (m->time[end] == until && best < other))) end++;
    }
    s->end = g->at[best] = end;
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
    Merge merge = {.moves = moves, .kinds = kinds};
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
    times[0] = 0.0;
    values[0] = running;
    Merge merge = {.moves = moves, .kinds = kinds};
    for (Stretch s; next_stretch(&merge, &s);) {
        const Moves *m = &moves[s.kind];
        for (i64 k = s.first; k < s.end; k++) {
            n += m->time[k] != times[n - 1];
            times[n - 1] = m->time[k];
            values[n - 1] = running += units_of(m, k);
        }
    }
    return n;
}
