/* The peer of the forward loop: frames go from a receive ring through a header swap to a transmit ring, with the least possible
 * controller in the same thread. Two layouts, in the manner of what user-level drivers in C do:
 *   layout 0: a buffer's size and pool stand in a header before its bytes, and buffers are pointers (as in ixy and DPDK);
 *   layout 1: buffers are indices, and what is known of them stands in an array beside.
 * Reads lines "LAYOUT BATCH COUNT", answers "TOTAL DRIVER": nanoseconds a frame, with the controller and without it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ring_entries = 512, buffer_count = 4096, buffer_bytes = 2176, headroom = 64, round_frames = 256, clean_batch = 32 };
enum { done = 1 };

struct descriptor {
    volatile uint64_t address;
    volatile uint32_t status;
    volatile uint32_t length;
};

struct header {
    uint32_t index;
    uint32_t length;
};

static struct descriptor rx[ring_entries], tx[ring_entries];
static volatile uint32_t rx_tail_register, tx_tail_register;
static uint32_t rx_device, tx_device;
static uint32_t rx_next, tx_next, tx_clean;
static uint32_t rx_buffers[ring_entries], tx_buffers[ring_entries];
static uint32_t free_stack[buffer_count], free_count;
static uint16_t lengths[buffer_count];
static uint8_t *memory;
static uint8_t sample[64];
static uint64_t sink;
static int layout;

static uint8_t *bytes_of(uint32_t buffer) { return memory + (size_t)buffer * buffer_bytes + (layout == 0 ? headroom : 0); }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void set_length(uint32_t buffer, uint32_t length) {
    if (layout == 0) {
        ((struct header *)(memory + (size_t)buffer * buffer_bytes))->length = length;
    } else {
        lengths[buffer] = (uint16_t)length;
    }
}

static uint32_t get_length(uint32_t buffer) {
    return layout == 0 ? ((struct header *)(memory + (size_t)buffer * buffer_bytes))->length : lengths[buffer];
}

static void reset(void) {
    memset(rx, 0, sizeof rx);
    memset(tx, 0, sizeof tx);
    rx_device = tx_device = rx_next = tx_next = tx_clean = free_count = 0;
    for (uint32_t buffer = buffer_count; buffer-- > 0;) {
        ((struct header *)(memory + (size_t)buffer * buffer_bytes))->index = buffer;
        free_stack[free_count++] = buffer;
    }
    for (uint32_t index = 0; index < ring_entries; index++) {
        rx_buffers[index] = free_stack[--free_count];
        rx[index].address = bytes_of(rx_buffers[index]) - memory;
    }
    rx_tail_register = ring_entries - 1;
    tx_tail_register = 0;
}

/* The controller: receives up to a round of frames, sends what there is. It copies 60 bytes each way. */
static void step(void) {
    while (tx_device != tx_tail_register) {
        uint64_t words[8];
        memcpy(words, memory + tx[tx_device].address, sizeof words);
        sink += words[0] ^ words[7];
        tx[tx_device].status = done;
        tx_device = (tx_device + 1) % ring_entries;
    }
    for (int count = 0; count < round_frames && rx_device != rx_tail_register; count++) {
        memcpy(memory + rx[rx_device].address, sample, sizeof sample);
        rx[rx_device].length = 60;
        __atomic_thread_fence(__ATOMIC_RELEASE);
        rx[rx_device].status = done;
        rx_device = (rx_device + 1) % ring_entries;
    }
}

static __attribute__((noinline)) uint32_t receive(uint32_t *out, uint32_t batch) {
    uint32_t count = 0, last = 0;
    while (count < batch && (rx[rx_next].status & done)) {
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        uint32_t buffer = rx_buffers[rx_next], fresh = free_stack[--free_count];
        set_length(buffer, rx[rx_next].length);
        rx[rx_next].address = bytes_of(fresh) - memory;
        rx[rx_next].status = 0;
        rx_buffers[rx_next] = fresh;
        out[count++] = buffer;
        last = rx_next;
        rx_next = (rx_next + 1) % ring_entries;
    }
    if (count > 0) {
        __atomic_thread_fence(__ATOMIC_RELEASE);
        rx_tail_register = last;
    }
    return count;
}

static __attribute__((noinline)) uint32_t transmit(const uint32_t *in, uint32_t count) {
    while ((tx_next - tx_clean) % ring_entries >= clean_batch && (tx[(tx_clean + clean_batch - 1) % ring_entries].status & done)) {
        for (int index = 0; index < clean_batch; index++) {
            free_stack[free_count++] = tx_buffers[tx_clean];
            tx_clean = (tx_clean + 1) % ring_entries;
        }
    }
    uint32_t sent = 0;
    while (sent < count && (tx_next + 1) % ring_entries != tx_clean) {
        tx_buffers[tx_next] = in[sent];
        tx[tx_next].address = bytes_of(in[sent]) - memory;
        tx[tx_next].length = get_length(in[sent]);
        tx[tx_next].status = 0;
        tx_next = (tx_next + 1) % ring_entries;
        sent++;
    }
    __atomic_thread_fence(__ATOMIC_RELEASE);
    tx_tail_register = tx_next;
    return sent;
}

static inline void swap_headers(uint8_t *frame) {
    uint8_t mac[6];
    uint32_t address, ports;
    memcpy(mac, frame, 6);
    memmove(frame, frame + 6, 6);
    memcpy(frame + 6, mac, 6);
    memcpy(&address, frame + 26, 4);
    memcpy(frame + 26, frame + 30, 4);
    memcpy(frame + 30, &address, 4);
    memcpy(&ports, frame + 34, 4);
    ports = ports << 16 | ports >> 16;
    memcpy(frame + 34, &ports, 4);
}

static uint32_t forward(uint32_t batch) {
    uint32_t buffers[round_frames];
    uint32_t count = receive(buffers, batch);
    for (uint32_t index = 0; index < count; index++) {
        swap_headers(bytes_of(buffers[index]));
    }
    uint32_t sent = count > 0 ? transmit(buffers, count) : 0;
    for (uint32_t index = sent; index < count; index++) {
        free_stack[free_count++] = buffers[index];
    }
    return sent;
}

int main(void) {
    uint32_t batch, count;
    memory = aligned_alloc(1 << 21, ((size_t)buffer_count * buffer_bytes + (1 << 21)) >> 21 << 21);
    memset(memory, 0, (size_t)buffer_count * buffer_bytes);
    for (int index = 0; index < 64; index++) {
        sample[index] = (uint8_t)(7 * index);
    }
    double clock = 1e9;
    for (int index = 0; index < 1000; index++) {
        double before = now(), cost = now() - before;
        clock = cost < clock ? cost : clock;
    }
    while (scanf("%d %u %u", &layout, &batch, &count) == 3) {
        reset();
        uint32_t frames = 0;
        double driver = 0, start = now();
        while (frames < count) {
            step();
            double before = now();
            for (uint32_t index = 0; index < round_frames / batch; index++) {
                frames += forward(batch);
            }
            driver += now() - before - clock;
        }
        printf("%f %f\n", (now() - start) / frames, driver / frames);
        fflush(stdout);
    }
    return sink == 1;
}
