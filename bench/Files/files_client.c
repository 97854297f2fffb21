/*
 * A client of a mounted file system, which measures on demand so that several take turns. Argument: a directory. Each line of the
 * input is a phase, a number of operations and how often to do them all; each line of the output nanoseconds per operation, or -1
 * when it cannot be done.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { page = 4096, large = 1 << 20, file_size = 64 << 20 };

static char *buffer;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void must(int condition, const char *what)
{
    if (!condition) {
        perror(what);
        exit(1);
    }
}

typedef char file_name[32];

static file_name *make_names(char prefix, long count)
{
    file_name *made = malloc((size_t)count * sizeof *made);
    must(made != NULL, "malloc");
    for (long i = 0; i < count; i++)
        snprintf(made[i], sizeof made[i], "%c%ld", prefix, i);
    return made;
}

static void touch(const char *phase, const file_name *names, const file_name *new_names, long count)
{
    struct stat status;
    for (long i = 0; i < count; i++) {
        if (strcmp(phase, "create") == 0) {
            int file = open(names[i], O_CREAT | O_EXCL | O_WRONLY, 0644);
            must(file >= 0 && write(file, buffer, 64) == 64 && close(file) == 0, phase);
        } else if (strcmp(phase, "stat") == 0) {
            must(stat(names[i], &status) == 0, phase);
        } else if (strcmp(phase, "open-read-close") == 0) {
            int file = open(names[i], O_RDONLY);
            must(file >= 0 && read(file, buffer, page) == 64 && close(file) == 0, phase);
        } else if (strcmp(phase, "rename") == 0) {
            must(rename(names[i], new_names[i]) == 0, phase);
        } else {
            must(unlink(new_names[i]) == 0, phase);
        }
    }
}

static void transfers(int file, const char *phase, long count)
{
    int is_write = strstr(phase, "write") != NULL;
    size_t length = strstr(phase, "1M") != NULL ? large : page;
    unsigned long random = 88172645463325252ul;
    for (long i = 0; i < count; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        off_t at = length == page ? (off_t)(random % (file_size / page)) * page : (off_t)i % (file_size / large) * large;
        ssize_t done = is_write ? pwrite(file, buffer, length, at) : pread(file, buffer, length, at);
        must(done == (ssize_t)length, phase);
    }
}

int main(int count, char **arguments)
{
    char phase[32];
    long operations, passes;
    must(count == 2 && chdir(arguments[1]) == 0 && posix_memalign((void **)&buffer, page, large) == 0, "start");
    memset(buffer, 'b', large);
    while (scanf("%31s %ld %ld", phase, &operations, &passes) == 3) {
        int is_transfer = strstr(phase, "4K") != NULL || strstr(phase, "1M") != NULL, file = -1;
        if (is_transfer) {
            file = open("data", O_CREAT | O_RDWR | (strstr(phase, "direct") != NULL ? O_DIRECT : 0), 0644);
            if (file < 0) {
                printf("-1\n");
                fflush(stdout);
                continue;
            }
        }
        file_name *names = make_names('f', operations), *new_names = make_names('g', operations);
        double start = now();
        for (long pass = 0; pass < passes; pass++) {
            if (is_transfer)
                transfers(file, phase, operations);
            else
                touch(phase, names, new_names, operations);
        }
        printf("%.1f\n", (now() - start) / (double)operations / (double)passes);
        fflush(stdout);
        free(names);
        free(new_names);
        if (file >= 0)
            close(file);
    }
    return 0;
}
