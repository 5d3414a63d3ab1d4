/* Sums of what changes a level, in the order of the facts and with the bits that numpy's would have: by item (`areas` of
   record/levels.py), and by cell of a grid over time (kpis/series/grid.py). One kind of facts is added after the other. */
#include "kernel.h"
#include <math.h>
#include <stdlib.h>

static double units_of(const Moves *m, i64 k) { return m->whole ? (double)m->whole[k] : m->units[k]; }

i64 areas_by_item(const Moves *moves, i64 kinds, i64 items, const double *span, double *total) {
    const double start = span[0], end = span[1];
    double *sum = malloc(((size_t)items + 1) * sizeof *sum);
    if (!sum) return 0;
    for (const Moves *m = moves; m < moves + kinds; m++) {
        for (i64 k = 0; k < items; k++) sum[k] = 0.0;
        for (i64 k = 0; k < m->n; k++) {
            double when = m->time[k];
            if (when < start) when = start;
            if (when > end) when = end;
            sum[m->item[k]] += units_of(m, k) * (end - when);
        }
        for (i64 k = 0; k < items; k++) total[k] += sum[k];
    }
    free(sum);
    return 1;
}

/* Adds what changes in each cell to `steps` and, unless it is null, that times the days left in the cell to `inside`;
   `grid` has the start and the width of a cell; without `rates`, a unit counts as 1. */
i64 sums_by_cell(const Moves *moves, i64 kinds, const double *rates, const double *grid, i64 cells, double *inside,
                 double *steps) {
    const double start = grid[0], width = grid[1];
    double *sum = malloc(2 * (size_t)cells * sizeof *sum), *area = sum ? sum + cells : NULL;
    if (!sum) return 0;
    for (const Moves *m = moves; m < moves + kinds; m++) {
        for (i64 c = 0; c < 2 * cells; c++) sum[c] = 0.0;
        for (i64 k = 0; k < m->n; k++) {
            double when = m->time[k] < start ? start : m->time[k], value = units_of(m, k);
            i64 cell = (i64)(when / width);
            if (cell < 0) cell = 0;
            if (cell > cells - 1) cell = cells - 1;
            if (rates) value *= rates[m->item[k]];
            sum[cell] += value;
            if (inside) area[cell] += value * ((double)(cell + 1) * width - when);
        }
        for (i64 c = 0; c < cells; c++) {
            steps[c] += sum[c];
            if (inside) inside[c] += area[c];
        }
    }
    free(sum);
    return 1;
}
