/*
 * The C peer of the NVMe benchmark: one submission and one completion queue in shared memory, a driver that fills and
 * drains them, and a device in the same thread that answers every read. The least that the protocol asks for: 64-byte
 * commands, 16-byte completions with a phase tag, one PRP entry, one doorbell a batch in each direction.
 *
 * Reads lines "DEPTH COPY COUNT" and answers each with "TOTAL DRIVER", nanoseconds per 4 KiB read: all of it, and the
 * driver's share without the device.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { ENTRIES = 256, BLOCK = 512, PAGE = 4096, DISK = 1 << 20 };

struct command {
    uint32_t opcode_and_id, namespace_id;
    uint64_t reserved, metadata, prp1, prp2, first_block;
    uint32_t block_count, rest[3];
};

struct completion {
    uint32_t result, reserved;
    uint16_t head, queue, id;
    volatile uint16_t status;
};

_Static_assert(sizeof(struct command) == 64 && sizeof(struct completion) == 16, "queue entries of NVMe");

static struct command *commands;
static struct completion *completions;
static uint8_t *disk, *memory;
static volatile uint32_t tail_doorbell, head_doorbell;

static struct {
    uint64_t tag[ENTRIES];
    uint16_t spare[ENTRIES];
    uint32_t spares, tail, head, phase;
    uint64_t done;
} driver;

static struct {
    uint32_t head, tail, phase;
} device;

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t draw(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1du;
}

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void *allocate(size_t bytes)
{
    void *memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        exit(1);
    return memory;
}

__attribute__((noinline)) static void submit(int count, const uint64_t *blocks)
{
    for (int i = 0; i < count; i++) {
        uint16_t id = driver.spare[--driver.spares];
        struct command *command = &commands[driver.tail];
        memset(command, 0, sizeof *command);
        command->opcode_and_id = 2 | (uint32_t)id << 16;
        command->namespace_id = 1;
        command->prp1 = (uint64_t)i * PAGE;
        command->first_block = blocks[i];
        command->block_count = PAGE / BLOCK - 1;
        driver.tag[id] = blocks[i];
        driver.tail = (driver.tail + 1) % ENTRIES;
    }
    __asm__ volatile("" ::: "memory");
    tail_doorbell = driver.tail;
}

__attribute__((noinline)) static void serve(int copies)
{
    uint32_t tail = tail_doorbell;
    while (device.head != tail) {
        const struct command *command = &commands[device.head];
        if (copies)
            memcpy(memory + command->prp1, disk + command->first_block * BLOCK, PAGE);
        device.head = (device.head + 1) % ENTRIES;
        struct completion *completion = &completions[device.tail];
        completion->head = device.head;
        completion->queue = 1;
        completion->id = command->opcode_and_id >> 16;
        __asm__ volatile("" ::: "memory");
        completion->status = device.phase;
        if (++device.tail == ENTRIES) {
            device.tail = 0;
            device.phase ^= 1;
        }
    }
}

__attribute__((noinline)) static void reap(void)
{
    int count = 0;
    for (;;) {
        const struct completion *completion = &completions[driver.head];
        uint16_t status = completion->status;
        if ((status & 1) != driver.phase)
            break;
        if (status >> 1)
            abort();
        driver.done += driver.tag[completion->id];
        driver.spare[driver.spares++] = completion->id;
        if (++driver.head == ENTRIES) {
            driver.head = 0;
            driver.phase ^= 1;
        }
        count++;
    }
    if (count) {
        __asm__ volatile("" ::: "memory");
        head_doorbell = driver.head;
    }
}

static void run(int depth, int copies, int count)
{
    static uint64_t blocks[ENTRIES];
    double start = now_ns(), in_driver = 0;
    for (int done = 0; done < count; done += depth) {
        for (int i = 0; i < depth; i++)
            blocks[i] = draw() % (DISK / PAGE) * (PAGE / BLOCK);
        submit(depth, blocks);
        serve(copies);
        reap();
    }
    double total = now_ns() - start, clock = now_ns();
    for (int i = 0; i < 1000; i++)
        now_ns();
    clock = (now_ns() - clock) / 1000;
    for (int done = 0; done < count; done += depth) {
        double before = now_ns();
        submit(depth, blocks);
        double served = now_ns();
        serve(copies);
        double after = now_ns();
        reap();
        in_driver += served - before + now_ns() - after - 2 * clock;
    }
    printf("%f %f\n", total / count, in_driver / count);
    fflush(stdout);
}

int main(void)
{
    int depth, copies, count;
    commands = allocate(ENTRIES * sizeof *commands);
    completions = allocate(ENTRIES * sizeof *completions);
    memory = allocate(ENTRIES * PAGE);
    disk = allocate(DISK);
    driver.phase = device.phase = 1;
    for (int i = 0; i < ENTRIES - 1; i++)
        driver.spare[driver.spares++] = i;
    while (scanf("%d %d %d", &depth, &copies, &count) == 3)
        run(depth, copies, count);
    return driver.done == 1;
}
