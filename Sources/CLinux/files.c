#define _GNU_SOURCE
#include "clinux_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int clinux_make_device(int directory, const char *name, unsigned mode, unsigned major_number, unsigned minor_number) {
    return mknodat(directory, name, (mode_t)mode, makedev(major_number, minor_number));
}

// The way to a name below a directory: there is no setxattrat(2) on older kernels. It cannot be led astray, since the name is one
// component and is not followed.
static int path_below(char path[PATH_MAX], int directory, const char *name) {
    int length = snprintf(path, PATH_MAX, "/proc/self/fd/%d/%s", directory, name);
    if (length >= 0 && length < PATH_MAX) return 0;
    errno = ENAMETOOLONG;
    return -1;
}

int clinux_set_attribute(int directory, const char *name, const char *attribute, const void *value, size_t size) {
    char path[PATH_MAX];
    return path_below(path, directory, name) != 0 ? -1 : lsetxattr(path, attribute, value, size, 0);
}

ssize_t clinux_get_attribute(const char *path, const char *attribute, void *value, size_t size) {
    return lgetxattr(path, attribute, value, size);
}

// What the host gives every file by itself (a label) need not, and may not, be changed by us.
static int is_hosts_own(const char *name) { return strcmp(name, "security.selinux") == 0; }

int clinux_clear_attributes(int file) {
    ssize_t size = flistxattr(file, NULL, 0);
    if (size <= 0) return size < 0 && errno != ENOTSUP ? -1 : 0;
    char *names = malloc((size_t)size);
    int result = names != NULL && (size = flistxattr(file, names, (size_t)size)) >= 0 ? 0 : -1;
    for (char *name = names; result == 0 && name < names + size; name += strlen(name) + 1)
        if (!is_hosts_own(name) && fremovexattr(file, name) != 0) result = -1;
    int saved = errno;
    free(names);
    errno = saved;
    return result;
}

int clinux_copy_attributes(int from, int to) {
    if (clinux_clear_attributes(to) != 0) return -1;
    ssize_t size = flistxattr(from, NULL, 0);
    if (size <= 0) return size < 0 && errno != ENOTSUP ? -1 : 0;
    char *names = malloc((size_t)size);
    char *value = malloc(1 << 16);
    int result = names != NULL && value != NULL ? 0 : -1;
    if (result == 0 && (size = flistxattr(from, names, (size_t)size)) < 0) result = -1;
    for (char *name = names; result == 0 && name < names + size; name += strlen(name) + 1) {
        ssize_t length = fgetxattr(from, name, value, 1 << 16);
        if (length < 0 || (fsetxattr(to, name, value, (size_t)length, 0) != 0 && !is_hosts_own(name))) result = -1;
    }
    int saved = errno;
    free(names);
    free(value);
    errno = saved;
    return result;
}

off_t clinux_seek_data(int file, off_t offset) { return lseek(file, offset, SEEK_DATA); }

off_t clinux_seek_hole(int file, off_t offset) { return lseek(file, offset, SEEK_HOLE); }

int clinux_sync_file_system(int descriptor) { return syncfs(descriptor); }

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }

int clinux_seal_size(int file) { return fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL); }

int clinux_unnamed_file(const char *directory) {
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
    // Where the file system has no such thing, it has a name for a moment.
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/disk.XXXXXX", directory) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0) unlink(path);
    return file;
}

ssize_t clinux_list(int directory, void *entries, size_t size) { return getdents64(directory, entries, size); }

int clinux_rename_new(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

ssize_t clinux_list_attributes_at(int directory, const char *name, char *names, size_t size) {
    char path[PATH_MAX];
    if (path_below(path, directory, name) != 0) return -1;
    ssize_t length = llistxattr(path, names, size);
    return length < 0 && errno == ENOTSUP ? 0 : length;
}

ssize_t clinux_get_attribute_at(int directory, const char *name, const char *attribute, void *value, size_t size) {
    char path[PATH_MAX];
    return path_below(path, directory, name) != 0 ? -1 : lgetxattr(path, attribute, value, size);
}

int64_t clinux_file_system_kind(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (int64_t)status.f_type : -1;
}
