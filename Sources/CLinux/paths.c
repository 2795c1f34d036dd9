#define _GNU_SOURCE
#include "clinux_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_resolving(int directory, const char *path, int flags, unsigned mode, uint64_t resolve) {
    struct open_how how = {.flags = (uint64_t)(unsigned)flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    long result;
    // EAGAIN means that a rename raced with the walk: the kernel asks for another try.
    do result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    while (result < 0 && (errno == EAGAIN || errno == EINTR));
    return (int)result;
}

int clinux_open_in_root(int directory, const char *path, int flags, unsigned mode) {
    return open_resolving(directory, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int clinux_open_directory_beneath(int directory, const char *path) {
    const uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    int result = open_resolving(directory, path, O_RDONLY | O_DIRECTORY | O_NOATIME, 0, resolve);
    if (result >= 0 || errno != EPERM) return result;
    return open_resolving(directory, path, O_RDONLY | O_DIRECTORY, 0, resolve);
}

int clinux_temporary_file(char *pattern) { return mkostemp(pattern, O_CLOEXEC); }

static int keep(int result, const struct stat *s, struct clinux_status *status) {
    if (result != 0) return -1;
    status->mode = s->st_mode;
    status->owner = s->st_uid;
    status->group = s->st_gid;
    status->size = s->st_size;
    status->modified_seconds = s->st_mtim.tv_sec;
    status->modified_nanoseconds = s->st_mtim.tv_nsec;
    status->device = s->st_dev;
    status->inode = s->st_ino;
    status->links = s->st_nlink;
    status->special_device = s->st_rdev;
    status->blocks = s->st_blocks;
    return 0;
}

int clinux_status_of(int descriptor, struct clinux_status *status) {
    struct stat s;
    return keep(fstatat(descriptor, "", &s, AT_EMPTY_PATH), &s, status);
}

int clinux_status_at(int directory, const char *name, bool follow_link, struct clinux_status *status) {
    struct stat s;
    return keep(fstatat(directory, name, &s, follow_link ? 0 : AT_SYMLINK_NOFOLLOW), &s, status);
}
