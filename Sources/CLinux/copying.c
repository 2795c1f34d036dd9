#define _GNU_SOURCE
#include "clinux_copying.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int clinux_errno(void) { return errno; }

int clinux_open_name(int directory, const char *name, int flags) {
    return openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC);
}

int clinux_open_path(const char *path, int flags) { return open(path, flags | O_CLOEXEC); }

void *clinux_open_names(int directory) {
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return NULL;
    DIR *names = fdopendir(copy);
    if (names == NULL) close(copy);
    return names;
}

const char *clinux_next_name(void *names) {
    struct dirent *entry;
    while ((entry = readdir(names)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) return entry->d_name;
    return NULL;
}

void clinux_close_names(void *names) { closedir(names); }

static int make_room(int directory, const char *name) {
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : -1;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    return unlinkat(directory, name, 0);
}

int clinux_put_file(int directory, const char *name) {
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode))
        return openat(directory, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    if (make_room(directory, name) != 0) return -1;
    return openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

int clinux_put_link(int directory, const char *name, const char *target) {
    if (make_room(directory, name) != 0) return -1;
    return symlinkat(target, directory, name);
}

int clinux_put_directory(int directory, const char *name) {
    if (mkdirat(directory, name, 0700) != 0) {
        struct stat status;
        if (errno != EEXIST || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
        if (!S_ISDIR(status.st_mode) && (unlinkat(directory, name, 0) != 0 || mkdirat(directory, name, 0700) != 0))
            return -1;
    }
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int clinux_set_mode_and_time(int file, unsigned mode, int64_t seconds, int64_t nanoseconds) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return fchmod(file, mode) != 0 ? -1 : futimens(file, times);
}
