// The C peer of the ladder: a call through a function pointer, and the frequency of the time-stamp counter.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
static uint64_t ticks(void) { return __rdtsc(); }
#else
static uint64_t ticks(void) { return 0; }
#endif

enum { CALLS = 20000, TRIES = 6, ROUNDS = 60 };

static double now_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

struct device { int (*add)(struct device *, int); };

__attribute__((noinline)) static int add(struct device *self, int number) {
    __asm__ volatile("" : : "r"(self));
    return number + 1;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void) {
    double start = now_nanos();
    uint64_t first = ticks();
    while (now_nanos() - start < 100e6) { }
    double gigahertz = (ticks() - first) / (now_nanos() - start);

    struct device *volatile hidden = &(struct device){ add };
    double rounds[ROUNDS];
    int number = 0;
    for (int round = 0; round < ROUNDS; round++) {
        rounds[round] = 1e18;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            struct device *device = hidden;
            double before = now_nanos();
            for (int call = 0; call < CALLS; call++) {
                __asm__ volatile("" : "+m"(device->add));
                number = device->add(device, number);
            }
            double nanos = (now_nanos() - before) / CALLS;
            if (nanos < rounds[round]) rounds[round] = nanos;
        }
    }
    qsort(rounds, ROUNDS, sizeof rounds[0], compare);
    printf("%.6f %.4f %.4f\n", gigahertz, rounds[0], rounds[ROUNDS / 2]);
    return number == CALLS * TRIES * ROUNDS ? 0 : 1;
}
