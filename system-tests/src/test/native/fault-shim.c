/*
 * Preloaded into a broker (see DiskShim): makes writes slow or fail, reads fail, and the wall clock wrong, as a page of shared memory says.
 *
 *   offset 0  int32   every write to matching files takes so many milliseconds
 *          4  int32   reads of matching files fail with EIO
 *          8  int32   writes to matching files fail with ENOSPC
 *         16  int64   seconds that are added to the wall clock
 *         64  chars   what a path has to contain to match, ended by a zero byte
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct page {
    volatile int32_t slow_write_millis;
    volatile int32_t fail_reads;
    volatile int32_t fail_writes;
    int32_t unused;
    volatile int64_t clock_seconds;
    char gap[40];
    char path[4000];
};

static struct page *page;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("FAULT_SHIM_PAGE");
    int file = name ? open(name, O_RDWR) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        page = mapped == MAP_FAILED ? NULL : mapped;
        close(file);
    }
}

static int matches(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, page->path) != NULL;
}

/* Non-zero if the write is to fail; errno is set. */
static int write_trouble(int file) {
    if (!page || (!page->slow_write_millis && !page->fail_writes) || !matches(file)) return 0;
    if (page->slow_write_millis) {
        struct timespec time = {page->slow_write_millis / 1000, page->slow_write_millis % 1000 * 1000000L};
        nanosleep(&time, NULL);
    }
    if (page->fail_writes) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

static int read_trouble(int file) {
    if (!page || !page->fail_reads || !matches(file)) return 0;
    errno = EIO;
    return 1;
}

#define NEXT(type, name, ...) \
    static type (*next)(__VA_ARGS__); \
    if (!next) next = (type (*)(__VA_ARGS__)) dlsym(RTLD_NEXT, name)

ssize_t write(int file, const void *bytes, size_t count) {
    NEXT(ssize_t, "write", int, const void *, size_t);
    return write_trouble(file) ? -1 : next(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    NEXT(ssize_t, "writev", int, const struct iovec *, int);
    return write_trouble(file) ? -1 : next(file, parts, count);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    NEXT(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    return write_trouble(file) ? -1 : next(file, bytes, count, offset);
}

ssize_t read(int file, void *bytes, size_t count) {
    NEXT(ssize_t, "read", int, void *, size_t);
    return read_trouble(file) ? -1 : next(file, bytes, count);
}

ssize_t readv(int file, const struct iovec *parts, int count) {
    NEXT(ssize_t, "readv", int, const struct iovec *, int);
    return read_trouble(file) ? -1 : next(file, parts, count);
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    NEXT(ssize_t, "pread64", int, void *, size_t, off64_t);
    return read_trouble(file) ? -1 : next(file, bytes, count, offset);
}

ssize_t sendfile64(int to, int file, off64_t *offset, size_t count) {
    NEXT(ssize_t, "sendfile64", int, int, off64_t *, size_t);
    return read_trouble(file) ? -1 : next(to, file, offset, count);
}

ssize_t sendfile(int to, int file, off_t *offset, size_t count) {
    NEXT(ssize_t, "sendfile", int, int, off_t *, size_t);
    return read_trouble(file) ? -1 : next(to, file, offset, count);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    NEXT(int, "clock_gettime", clockid_t, struct timespec *);
    int result = next(clock, time);
    if (result == 0 && page && clock == CLOCK_REALTIME) time->tv_sec += page->clock_seconds;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    NEXT(int, "gettimeofday", struct timeval *, void *);
    int result = next(time, zone);
    if (result == 0 && page) time->tv_sec += page->clock_seconds;
    return result;
}
