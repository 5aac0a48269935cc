/* Preloaded into a process: as long as the file named by DISK_FAULT begins with 's', syncs fail with EIO, as on a broken
 * disk; with 'w', writes at a place do, which is how SQLite writes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(char kind) {
    const char *path = getenv("DISK_FAULT");
    char found = 0;
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    if (read(file, &found, 1) != 1) found = 0;
    close(file);
    if (found == kind) errno = EIO;
    return found == kind;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

int fsync(int file) { return fails('s') ? -1 : REAL(int (*)(int), "fsync")(file); }

int fdatasync(int file) { return fails('s') ? -1 : REAL(int (*)(int), "fdatasync")(file); }

ssize_t pwrite(int file, const void *data, size_t size, off_t place) {
    return fails('w') ? -1 : REAL(ssize_t (*)(int, const void *, size_t, off_t), "pwrite")(file, data, size, place);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t place) {
    return fails('w') ? -1 : REAL(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64")(file, data, size, place);
}
