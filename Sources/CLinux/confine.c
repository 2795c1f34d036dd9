#define _GNU_SOURCE
#include "clinux_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

// MARK: A root of its own

static int write_text(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t count = write(descriptor, text, strlen(text));
    close(descriptor);
    return count == (ssize_t)strlen(text) ? 0 : -1;
}

// A user namespace in which the user is itself and nobody else is anybody.
static int map_self(uid_t user, gid_t group) {
    char line[64];
    snprintf(line, sizeof line, "%u %u 1", user, user);
    if (write_text("/proc/self/uid_map", line) != 0) return -1;
    if (write_text("/proc/self/setgroups", "deny") != 0) return -1;
    snprintf(line, sizeof line, "%u %u 1", group, group);
    return write_text("/proc/self/gid_map", line);
}

static int make_parents(char *path) {
    for (char *end = strchr(path + 1, '/'); end != NULL; end = strchr(end + 1, '/')) {
        *end = 0;
        int result = mkdir(path, 0755);
        *end = '/';
        if (result != 0 && errno != EEXIST) return -1;
    }
    return 0;
}

// Makes a file or directory of the host visible below the new root, as a link where it is one.
static int show(const char *base, const char *path) {
    char place[PATH_MAX];
    if (snprintf(place, sizeof place, "%s%s", base, path) >= (int)sizeof place) return -1;
    struct stat status, taken;
    if (lstat(path, &status) != 0) return 0;
    // Shown already with a directory that is above it.
    if (lstat(place, &taken) == 0) return 0;
    if (make_parents(place) != 0) return -1;
    if (S_ISLNK(status.st_mode)) {
        char target[PATH_MAX];
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) return -1;
        target[length] = 0;
        return symlink(target, place);
    }
    if (S_ISDIR(status.st_mode)) {
        if (mkdir(place, 0755) != 0) return -1;
    } else {
        int descriptor = open(place, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
        if (descriptor < 0) return -1;
        close(descriptor);
    }
    return mount(path, place, NULL, MS_BIND | MS_REC, NULL);
}

static int read_only_everywhere(void) {
    struct {
        uint64_t set, clear, propagation, user_namespace;
    } attributes = {.set = 1 | 2 /* MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID */};
    return (int)syscall(442 /* mount_setattr */, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes);
}

int clinux_enter_root(const struct clinux_fence *fence) {
    uid_t user = geteuid();
    gid_t group = getegid();
    int flags = CLONE_NEWNS | CLONE_NEWIPC;
    if (unshare(user == 0 ? flags : flags | CLONE_NEWUSER) != 0) return -1;
    if (user != 0 && map_self(user, group) != 0) return -1;
    // What the host unmounts goes here too; nothing goes the other way.
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) return -1;
    if (mount("bcvk", fence->base, "tmpfs", MS_NOSUID, "mode=0755,size=1m") != 0) return -1;
    for (const char *const *path = fence->readable; *path != NULL; path++)
        if (show(fence->base, *path) != 0) goto undo;
    for (const char *const *path = fence->devices; *path != NULL; path++)
        if (show(fence->base, *path) != 0) goto undo;
    if (chdir(fence->base) != 0) goto undo;
    // The old root comes to lie on the new one, and is taken off it.
    if (syscall(SYS_pivot_root, ".", ".") != 0) goto undo;
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) return 1;
    // Without the call (Linux 5.12) the host's permissions have to do.
    if (read_only_everywhere() != 0 && errno != ENOSYS) return 1;
    return 0;
undo:
    umount2(fence->base, MNT_DETACH);
    return -1;
}

// MARK: Capabilities

int clinux_drop_capabilities(void) {
    // The bounding set first: to drop it takes a capability. Root gets what is in it back with the next program; an ordinary
    // user, who may not drop it, gets nothing.
    for (int number = 0; number < 64; number++) {
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0 && errno != EPERM && errno != EINVAL) return -1;
    }
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    return (int)syscall(SYS_capset, &header, none);
}

// MARK: Landlock

// The kernel's numbers: its headers may be older than it is (include/uapi/linux/landlock.h).
enum {
    execute = 1 << 0, write_file = 1 << 1, read_file = 1 << 2, read_directory = 1 << 3,
    first_version = (1 << 13) - 1, refer = 1 << 13, truncate_file = 1 << 14, device_control = 1 << 15,
    bind_tcp = 1 << 0, connect_tcp = 1 << 1,
    scope_abstract_sockets = 1 << 0, scope_signals = 1 << 1,
    file_rights = execute | write_file | read_file | truncate_file | device_control,
};

struct ruleset {
    uint64_t files, network, scopes;
};

struct path_rule {
    uint64_t rights;
    int32_t descriptor;
} __attribute__((packed));

int clinux_landlock_version(void) {
    long version = syscall(444 /* landlock_create_ruleset */, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    return version < 0 ? 0 : (int)version;
}

static void allow(int ruleset, int descriptor, uint64_t rights, uint64_t handled) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return;
    if (!S_ISDIR(status.st_mode)) rights &= file_rights;
    struct path_rule rule = {.rights = rights & handled, .descriptor = descriptor};
    // What has no place in a file system (memory, pipes) takes no rule, and needs none.
    (void)syscall(445 /* landlock_add_rule */, ruleset, 1 /* LANDLOCK_RULE_PATH_BENEATH */, &rule, 0);
}

static void allow_paths(int ruleset, const char *const *paths, uint64_t rights, uint64_t handled) {
    for (; *paths != NULL; paths++) {
        int descriptor = open(*paths, O_PATH | O_CLOEXEC);
        if (descriptor < 0) continue;
        allow(ruleset, descriptor, rights, handled);
        close(descriptor);
    }
}

int clinux_restrict_files(const struct clinux_fence *fence, int descriptors) {
    int version = clinux_landlock_version();
    if (version == 0) return 0;
    struct ruleset set = {.files = first_version};
    if (version >= 2) set.files |= refer;
    if (version >= 3) set.files |= truncate_file;
    if (version >= 4) {
        if (fence->refuses_connections) set.network |= connect_tcp;
        if (fence->refuses_listening) set.network |= bind_tcp;
    }
    if (version >= 5) set.files |= device_control;
    // Nobody outside is to be signalled, nor reached by an abstract socket (where the session's bus may be).
    if (version >= 6) set.scopes = scope_abstract_sockets | scope_signals;
    size_t size = version >= 6 ? sizeof set : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int ruleset = (int)syscall(444, &set, size, 0);
    if (ruleset < 0) return -1;
    allow_paths(ruleset, fence->readable, execute | read_file | read_directory, set.files);
    allow_paths(ruleset, fence->devices, read_file | write_file | device_control, set.files);
    for (int number = 0; number < descriptors; number++) {
        struct stat status;
        if (fstat(number, &status) != 0 || !S_ISREG(status.st_mode)) continue;
        int mode = fcntl(number, F_GETFL) & O_ACCMODE;
        uint64_t rights = mode == O_WRONLY ? 0 : read_file;
        if (mode != O_RDONLY) rights |= write_file | truncate_file;
        allow(ruleset, number, rights, set.files);
    }
    long result = syscall(446 /* landlock_restrict_self */, ruleset, 0);
    int saved = errno;
    close(ruleset);
    errno = saved;
    return (int)result;
}
