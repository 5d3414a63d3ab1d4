/* The waiting lines of a shelf in the order of service: a queue, or a heap of ranked lines. */
#include "play.h"

enum { FEW = 64 };                                              /* dead lines that are not worth removing */

static int ranks_before(const Ranked *a, const Ranked *b) {
    if (a->rank != b->rank) return a->rank < b->rank;
    if (a->number != b->number) return a->number < b->number;
    return a->added < b->added;
}

static Ranked rank(Play *p, i64 order, i64 line) {
    const World *w = p->w;
    Ranked e = {0.0, (i64)order_number(p, order), p->added, (i32)line};
    if (w->order_of_service == LIFO) e.number = -e.number;
    else if (w->order_of_service == MARGIN) e.rank = w->rank(order);
    else e.rank = (double)w->priority[w->order_terms[order]];
    if (isnan(e.rank)) fail(p);
    return e;
}

static void rise(Ranked *heap, i64 k) {
    Ranked e = heap[k];
    while (k > 0 && ranks_before(&e, &heap[(k - 1) >> 1])) {
        heap[k] = heap[(k - 1) >> 1];
        k = (k - 1) >> 1;
    }
    heap[k] = e;
}

void add(Play *p, Shelf *s, i64 order, i64 line) {
    if (p->w->order_of_service == FIFO) {
        p->next[line] = -1;
        if (s->head < 0) s->head = line; else p->next[s->tail] = (i32)line;
        s->tail = line;
        return;
    }
    p->added++;
    Ranked e = rank(p, order, line);
    PUSH(p, s->ranked, Ranked, e.rank, e.number, e.added, e.line);
    rise(s->ranked.at, s->ranked.n - 1);
}

i64 head(Play *p, Shelf *s) {                                   /* -1: nothing waits; dead lines are dropped */
    if (p->w->order_of_service == FIFO) {
        while (s->head >= 0 && !p->open[s->head]) s->head = p->next[s->head];
        return s->head;
    }
    Ranked *heap = s->ranked.at;
    while (s->ranked.n && !p->open[heap[0].line]) {
        Ranked e = heap[--s->ranked.n];
        i64 n = s->ranked.n, k = 0, c = 1;
        while (c < n) {
            if (c + 1 < n && ranks_before(&heap[c + 1], &heap[c])) c++;
            if (!ranks_before(&heap[c], &e)) break;
            heap[k] = heap[c];
            k = c;
            c = 2 * c + 1;
        }
        if (n) heap[k] = e;
    }
    return s->ranked.n ? heap[0].line : -1;
}

int goes_before(Play *p, Shelf *s, i64 order) {
    if (p->w->order_of_service == FIFO) return 1;
    if (head(p, s) < 0) return 0;
    Ranked mine = rank(p, order, 0), first = AT(s->ranked, Ranked, 0);
    mine.added = first.added;
    return !ranks_before(&mine, &first);
}

void bury(Play *p, Shelf *s) {                           /* with `sweep`; a dead line of a queue costs nothing */
    if (p->w->order_of_service == FIFO || ++s->dead <= FEW || 2 * s->dead <= s->ranked.n) return;
    i64 n = s->ranked.n;
    s->ranked.n = s->dead = 0;
    for (i64 k = 0; k < n; k++) {
        Ranked *heap = s->ranked.at;
        if (!p->open[heap[k].line]) continue;
        heap[s->ranked.n] = heap[k];
        rise(heap, s->ranked.n++);
    }
}

void initial_backlog(Play *p) {                                 /* Python has placed these orders */
    const World *w = p->w;
    for (i64 i = w->orders; i < w->orders + w->opening; i++) {
        i64 line = w->line_ptr[i];
        Shelf *s = &p->shelf[w->item[line]];
        p->open[line] = w->quantity[line];
        p->line_order[line] = (i32)i;
        s->backordered += w->quantity[line];
        if (w->sums) sum_waiting(p, i, line);
        add(p, s, i, line);
        p->order[i].waiting = 1;
        p->order[i].ever = 1;
    }
}
