/* The words that seed a generator: what numpy's SeedSequence (M. E. O'Neill's seed_seq_fe128) makes of its entropy. */
#include "play.h"

enum { POOL = 4 };

static uint32_t hashed(uint32_t value, uint32_t *hash, uint32_t multiplier) {
    value ^= *hash;
    *hash *= multiplier;
    value *= *hash;
    return value ^ value >> 16;
}

static uint32_t mixed(uint32_t x, uint32_t y) {
    uint32_t value = x * 0xca01f9ddu - y * 0x4973f715u;
    return value ^ value >> 16;
}

/* `entropy`: n words, at least as many as the pool has; `state`: four words of PCG64, as generate_state(4, uint64); returns their number. */
i64 seed_words(const uint32_t *entropy, i64 n, uint64_t *state) {
    const uint32_t in = 0x931e8875u, out = 0x58f38dedu;
    uint32_t pool[POOL], hash = 0x43b0d7e5u;
    for (int k = 0; k < POOL; k++) pool[k] = hashed(entropy[k], &hash, in);
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++)
            if (from != to) pool[to] = mixed(pool[to], hashed(pool[from], &hash, in));
    for (i64 k = POOL; k < n; k++)
        for (int to = 0; to < POOL; to++) pool[to] = mixed(pool[to], hashed(entropy[k], &hash, in));
    hash = 0x8b51f9ddu;
    for (int k = 0; k < 4; k++) {
        uint64_t low = hashed(pool[2 * k % POOL], &hash, out);
        state[k] = low | (uint64_t)hashed(pool[(2 * k + 1) % POOL], &hash, out) << 32;
    }
    return POOL;
}
