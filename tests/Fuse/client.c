/*
 * What a program of Linux may expect of files, one subcommand each, to be run in a directory of the mount. Says what is wrong and
 * returns 1, or returns 0. Section numbers are those of the manual pages.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MUST(condition)                                                                          \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, strerror(errno));         \
            exit(1);                                                                             \
        }                                                                                        \
    } while (0)

static void write_file(const char *name, const void *data, size_t length)
{
    int file = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    MUST(file >= 0 && write(file, data, length) == (ssize_t)length && close(file) == 0);
}

static void must_hold(int file, const char *text)
{
    char buffer[64] = {0};
    MUST(pread(file, buffer, sizeof buffer - 1, 0) == (ssize_t)strlen(text) && strcmp(buffer, text) == 0);
}

/* mmap(2): a shared mapping and reads and writes show each other's bytes, in this process and in another one. */
static void map(void)
{
    enum { length = 1 << 20 };
    int file = open("map", O_CREAT | O_RDWR, 0644);
    MUST(file >= 0 && ftruncate(file, length) == 0);
    unsigned char *bytes = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    MUST(bytes != MAP_FAILED);
    for (int i = 0; i < length; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 4096);
    unsigned char page[4096];
    MUST(pread(file, page, 4096, 40960) == 4096 && memcmp(page, bytes + 40960, 4096) == 0);
    memset(page, 0xAB, sizeof page);
    MUST(pwrite(file, page, 4096, 8192) == 4096 && memcmp(bytes + 8192, page, 4096) == 0);
    pid_t child = fork();
    if (child == 0) {
        int again = open("map", O_RDWR);
        unsigned char *other = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0);
        MUST(other != MAP_FAILED && other[8192] == 0xAB);
        other[100] = 0x5A;
        MUST(msync(other, length, MS_SYNC) == 0);
        exit(0);
    }
    int status;
    MUST(waitpid(child, &status, 0) == child && status == 0 && bytes[100] == 0x5A);
    MUST(msync(bytes, length, MS_SYNC) == 0 && munmap(bytes, length) == 0 && close(file) == 0);
    /* As the file has it, not the page cache. */
    file = open("map", O_RDONLY);
    MUST(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
    for (int at = 0; at < length; at += 4096) {
        MUST(pread(file, page, 4096, at) == 4096);
        for (int i = 0; i < 4096; i++) {
            int expected = at == 8192 ? 0xAB : at + i == 100 ? 0x5A : (unsigned char)((at + i) * 7 + (at + i) / 4096);
            MUST(page[i] == expected);
        }
    }
    MUST(close(file) == 0 && unlink("map") == 0);
}

/* unlink(2), rename(2), rmdir(2): what is open stays what it was. */
static void nameless(void)
{
    struct stat status;
    static char megabyte[1 << 20];
    int file = open("gone", O_CREAT | O_RDWR, 0644);
    MUST(file >= 0 && unlink("gone") == 0 && access("gone", F_OK) == -1 && errno == ENOENT);
    memset(megabyte, 'm', sizeof megabyte);
    for (int i = 0; i < 4; i++)
        MUST(pwrite(file, megabyte, sizeof megabyte, (off_t)i * sizeof megabyte) == sizeof megabyte);
    /* A new file must not get the inode of one that is still open. */
    write_file("gone", "new", 3);
    MUST(fstat(file, &status) == 0 && status.st_nlink == 0 && status.st_size == 4 << 20);
    ino_t inode = status.st_ino;
    MUST(stat("gone", &status) == 0 && status.st_ino != inode && status.st_size == 3);
    MUST(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
    MUST(pread(file, megabyte, 1, 3 << 20) == 1 && megabyte[0] == 'm' && close(file) == 0);

    write_file("a", "old", 3);
    write_file("b", "new", 3);
    int old = open("a", O_RDWR);
    MUST(old >= 0 && rename("b", "a") == 0);
    must_hold(old, "old");
    MUST(pwrite(old, "OLD", 3, 0) == 3);
    int new = open("a", O_RDONLY);
    must_hold(new, "new");
    MUST(fstat(old, &status) == 0 && status.st_nlink == 0 && close(old) == 0 && close(new) == 0);

    MUST(mkdir("dir", 0755) == 0);
    int dir = open("dir", O_DIRECTORY);
    MUST(dir >= 0 && rmdir("dir") == 0 && fstat(dir, &status) == 0 && status.st_nlink == 0);
    MUST(openat(dir, "x", O_CREAT | O_WRONLY, 0644) == -1 && errno == ENOENT && close(dir) == 0);
    MUST(unlink("a") == 0 && unlink("gone") == 0);
}

/* link(2), chmod(2), chown(2), stat(2): counts, times and set-id bits. */
static void attributes(void)
{
    struct stat before, after;
    write_file("f", "x", 1);
    MUST(stat("f", &before) == 0 && before.st_nlink == 1);
    usleep(2000);
    MUST(link("f", "g") == 0 && stat("f", &after) == 0 && after.st_nlink == 2);
    MUST(after.st_ctim.tv_sec > before.st_ctim.tv_sec || after.st_ctim.tv_nsec != before.st_ctim.tv_nsec);
    MUST(stat("g", &before) == 0 && before.st_ino == after.st_ino && unlink("f") == 0);
    MUST(stat("g", &after) == 0 && after.st_nlink == 1);
    MUST(chmod("g", 06755) == 0 && chown("g", 1000, 1000) == 0 && stat("g", &after) == 0);
    MUST(after.st_uid == 1000 && after.st_gid == 1000 && (after.st_mode & 07777) == 0755);
    struct timespec times[2] = {{.tv_sec = 1, .tv_nsec = 2}, {.tv_sec = 4102444800, .tv_nsec = 999999999}};
    MUST(utimensat(AT_FDCWD, "g", times, 0) == 0 && stat("g", &after) == 0);
    MUST(after.st_atim.tv_sec == 1 && after.st_atim.tv_nsec == 2);
    MUST(after.st_mtim.tv_sec == 4102444800 && after.st_mtim.tv_nsec == 999999999);
    MUST(mkdir("d", 02775) == 0 && chmod("d", 02775) == 0 && chown("d", 0, 1234) == 0 && chmod("d", 02775) == 0);
    write_file("d/f", "", 0);
    MUST(stat("d/f", &after) == 0 && after.st_gid == 1234 && unlink("d/f") == 0 && rmdir("d") == 0 && unlink("g") == 0);

    /* Another user: what the modes forbid. */
    write_file("mine", "x", 1);
    MUST(chmod("mine", 0600) == 0 && mkdir("sticky", 0777) == 0 && chmod("sticky", 01777) == 0);
    write_file("sticky/mine", "x", 1);
    pid_t child = fork();
    if (child == 0) {
        MUST(setgid(1000) == 0 && setuid(1000) == 0);
        MUST(open("mine", O_RDONLY) == -1 && errno == EACCES && chmod("mine", 0777) == -1 && errno == EPERM);
        MUST(unlink("sticky/mine") == -1 && errno == EPERM);
        int file = open("sticky/own", O_CREAT | O_WRONLY | O_EXCL, 0444); /* git makes its objects so */
        MUST(file >= 0 && write(file, "x", 1) == 1 && close(file) == 0);
        MUST(stat("sticky/own", &after) == 0 && after.st_uid == 1000 && after.st_gid == 1000);
        MUST(unlink("sticky/own") == 0);
        exit(0);
    }
    int status;
    MUST(waitpid(child, &status, 0) == child && status == 0);
    MUST(unlink("sticky/mine") == 0 && rmdir("sticky") == 0 && unlink("mine") == 0);
}

/* fcntl(2), flock(2): locks between processes; one that waits gets the lock, or is interrupted. */
static void ignore(int signal) { (void)signal; }

static void locks(void)
{
    write_file("lock", "0123456789", 10);
    int file = open("lock", O_RDWR), ready[2];
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 5}, other = all;
    MUST(file >= 0 && pipe(ready) == 0 && fcntl(file, F_SETLK, &all) == 0);
    pid_t child = fork();
    if (child == 0) {
        int again = open("lock", O_RDWR);
        MUST(fcntl(again, F_SETLK, &other) == -1 && (errno == EAGAIN || errno == EACCES));
        MUST(fcntl(again, F_GETLK, &other) == 0 && other.l_pid == getppid() && other.l_len == 5);
        struct sigaction interrupted = {.sa_handler = ignore};
        struct itimerval soon = {.it_value = {.tv_usec = 20000}};
        other = all;
        MUST(sigaction(SIGALRM, &interrupted, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
        MUST(fcntl(again, F_SETLKW, &other) == -1 && errno == EINTR);
        MUST(write(ready[1], "r", 1) == 1);
        MUST(fcntl(again, F_SETLKW, &other) == 0);
        exit(0);
    }
    char byte;
    int status;
    MUST(read(ready[0], &byte, 1) == 1);
    all.l_type = F_UNLCK;
    MUST(fcntl(file, F_SETLK, &all) == 0 && waitpid(child, &status, 0) == child && status == 0);
    int second = open("lock", O_RDWR);
    MUST(flock(file, LOCK_EX) == 0 && flock(second, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK);
    MUST(flock(file, LOCK_UN) == 0 && flock(second, LOCK_SH | LOCK_NB) == 0);
    MUST(close(file) == 0 && close(second) == 0 && unlink("lock") == 0);
}

/* Eight threads make, write, rename, read and remove files in one directory. */
static void *churn(void *argument)
{
    long id = (long)argument;
    for (int i = 0; i < 60; i++) {
        char name[64], other[64], text[64], back[64] = {0};
        snprintf(name, sizeof name, "t%ld-%d", id, i);
        snprintf(other, sizeof other, "u%ld", id);
        int length = snprintf(text, sizeof text, "%ld %d", id, i);
        int file = open(name, O_CREAT | O_EXCL | O_RDWR, 0644);
        MUST(file >= 0 && write(file, text, (size_t)length) == length);
        if (i % 10 == 0)
            MUST(fsync(file) == 0);
        MUST(rename(name, other) == 0 && pread(file, back, sizeof back, 0) == length && strcmp(text, back) == 0);
        MUST(close(file) == 0);
        file = open(other, O_RDONLY);
        memset(back, 0, sizeof back);
        MUST(file >= 0 && read(file, back, sizeof back) == length && strcmp(text, back) == 0 && close(file) == 0);
    }
    char other[64];
    snprintf(other, sizeof other, "u%ld", id);
    MUST(unlink(other) == 0);
    return NULL;
}

static void threads(void)
{
    pthread_t all[8];
    MUST(mkdir("churn", 0755) == 0 && chdir("churn") == 0);
    for (long i = 0; i < 8; i++)
        MUST(pthread_create(&all[i], NULL, churn, (void *)i) == 0);
    for (int i = 0; i < 8; i++)
        MUST(pthread_join(all[i], NULL) == 0);
    MUST(chdir("..") == 0 && rmdir("churn") == 0);
}

/* Long names, large transfers, and signals that come while they are under way. */
static void sizes(void)
{
    char name[258];
    static char data[1 << 20], back[1 << 20];
    memset(name, 'n', sizeof name);
    name[255] = 0;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 31 >> 3);
    write_file(name, data, sizeof data);
    name[255] = 'n';
    name[256] = 0;
    MUST(open(name, O_CREAT | O_WRONLY, 0644) == -1 && errno == ENAMETOOLONG);
    name[255] = 0;
    int file = open(name, O_RDWR | O_DIRECT);
    void *aligned;
    MUST(file >= 0 && posix_memalign(&aligned, 4096, sizeof data) == 0);
    MUST(pread(file, aligned, sizeof data, 0) == sizeof data && memcmp(aligned, data, sizeof data) == 0);
    MUST(close(file) == 0);
    file = open(name, O_RDWR);
    struct sigaction interrupted = {.sa_handler = ignore};
    struct itimerval often = {.it_interval = {.tv_usec = 300}, .it_value = {.tv_usec = 300}}, never = {.it_value = {0}};
    MUST(sigaction(SIGALRM, &interrupted, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
    for (int round = 0; round < 24; round++) {
        memset(data, 'a' + round, sizeof data);
        for (size_t done = 0; done < sizeof data;) {
            ssize_t some = pwrite(file, data + done, sizeof data - done, (off_t)done);
            MUST(some > 0 || errno == EINTR);
            done += some > 0 ? (size_t)some : 0;
        }
        MUST(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
        for (size_t done = 0; done < sizeof back;) {
            ssize_t some = pread(file, back + done, sizeof back - done, (off_t)done);
            MUST(some > 0 || errno == EINTR);
            done += some > 0 ? (size_t)some : 0;
        }
        MUST(memcmp(data, back, sizeof data) == 0);
        while (fsync(file) != 0)
            MUST(errno == EINTR);
    }
    MUST(setitimer(ITIMER_REAL, &never, NULL) == 0 && close(file) == 0 && unlink(name) == 0);
}

/* A full disk: the write says so, what was written is there, and room comes back. */
static void full(void)
{
    static char data[1 << 20], back[1 << 20];
    struct statvfs before, after;
    struct stat status;
    memset(data, 'f', sizeof data);
    MUST(statvfs(".", &before) == 0 && before.f_namemax == 255);
    int file = open("full", O_CREAT | O_RDWR, 0644);
    off_t total = 0;
    ssize_t some;
    while ((some = pwrite(file, data, sizeof data, total)) > 0)
        total += some;
    MUST(some == -1 && errno == ENOSPC && total > 1 << 20 && fstat(file, &status) == 0 && status.st_size == total);
    MUST(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
    off_t last = (total - 1) / (1 << 20) * (1 << 20);
    MUST(pread(file, back, sizeof back, last) == total - last && memcmp(back, data, (size_t)(total - last)) == 0);
    MUST(statvfs(".", &after) == 0 && after.f_bavail < before.f_bavail / 16 + 16);
    MUST(close(file) == 0 && unlink("full") == 0);
    sync();
    write_file("again", data, sizeof data);
    MUST(unlink("again") == 0);
}

/* setxattr(2), fallocate(2), lseek(2), renameat2(2), mknod(2): what ext4 has beyond POSIX. */
static void extended(void)
{
    char value[64] = {0};
    struct stat status;
    write_file("x", "text", 4);
    MUST(setxattr("x", "user.a", "one", 3, XATTR_CREATE) == 0 && setxattr("x", "user.b", "", 0, 0) == 0);
    MUST(setxattr("x", "user.a", "two", 3, XATTR_CREATE) == -1 && errno == EEXIST);
    MUST(getxattr("x", "user.a", NULL, 0) == 3 && getxattr("x", "user.a", value, sizeof value) == 3 && !strcmp(value, "one"));
    MUST(getxattr("x", "user.a", value, 2) == -1 && errno == ERANGE);
    MUST(listxattr("x", value, sizeof value) == 14 && removexattr("x", "user.a") == 0);
    MUST(getxattr("x", "user.a", value, sizeof value) == -1 && errno == ENODATA);

    int file = open("holes", O_CREAT | O_RDWR, 0644);
    static char data[64 << 10];
    memset(data, 'h', sizeof data);
    MUST(file >= 0 && write(file, data, sizeof data) == sizeof data && fsync(file) == 0);
    MUST(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 16384, 16384) == 0);
    MUST(lseek(file, 0, SEEK_HOLE) == 16384 && lseek(file, 16384, SEEK_DATA) == 32768);
    MUST(pread(file, value, 1, 16384) == 1 && value[0] == 0 && pread(file, value, 1, 32768) == 1 && value[0] == 'h');
    MUST(fallocate(file, 0, 0, 1 << 20) == 0 && fstat(file, &status) == 0 && status.st_size == 1 << 20 && close(file) == 0);

    write_file("y", "other", 5);
    MUST(renameat2(AT_FDCWD, "x", AT_FDCWD, "y", RENAME_NOREPLACE) == -1 && errno == EEXIST);
    MUST(renameat2(AT_FDCWD, "x", AT_FDCWD, "y", RENAME_EXCHANGE) == 0 && stat("x", &status) == 0 && status.st_size == 5);
    MUST(mkfifo("fifo", 0644) == 0 && stat("fifo", &status) == 0 && S_ISFIFO(status.st_mode));
    MUST(mknod("device", S_IFCHR | 0600, makedev(300, 70000)) == 0 && stat("device", &status) == 0);
    MUST(S_ISCHR(status.st_mode) && status.st_rdev == makedev(300, 70000));
    MUST(unlink("x") == 0 && unlink("y") == 0 && unlink("holes") == 0 && unlink("fifo") == 0 && unlink("device") == 0);
}

int main(int count, char **arguments)
{
    static const struct { const char *name; void (*run)(void); } all[] = {
        {"map", map}, {"nameless", nameless}, {"attributes", attributes}, {"locks", locks},
        {"threads", threads}, {"sizes", sizes}, {"full", full}, {"extended", extended},
    };
    for (size_t i = 0; count == 2 && i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, arguments[1]) == 0) {
            all[i].run();
            return 0;
        }
    }
    fprintf(stderr, "no such subcommand\n");
    return 2;
}
