// openat2(2): path walks that the kernel keeps inside a directory.
#ifndef CLINUX_PATHS_H
#define CLINUX_PATHS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// Opens path below directory as if directory were "/": absolute links and ".." stay inside. Returns a descriptor or -1.
int clinux_open_in_root(int directory, const char *path, int flags, unsigned mode);

/// Opens the directory path below directory. Any symbolic link in the path is an error (ELOOP). Where the directory is ours,
/// the file system does not note the access.
int clinux_open_directory_beneath(int directory, const char *path);

/// mkstemp(3), closed on exec.
int clinux_temporary_file(char *pattern);

/// The part of statx(2) that is asked for everywhere.
struct clinux_status {
    uint32_t mode;
    uint32_t owner;
    uint32_t group;
    int64_t size;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
    uint64_t device;
    uint64_t inode;
    uint64_t links;
    uint64_t special_device;
    int64_t blocks;
};

/// Status of an open descriptor (O_PATH included). Returns 0 or -1.
int clinux_status_of(int descriptor, struct clinux_status *status);

/// Status of a name below a directory. Returns 0 or -1.
int clinux_status_at(int directory, const char *name, bool follow_link, struct clinux_status *status);

#endif
