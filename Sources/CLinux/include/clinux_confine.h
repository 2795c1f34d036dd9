// What a child takes from itself before it executes a program that others may take over: capabilities, the file system, the network.
#ifndef CLINUX_CONFINE_H
#define CLINUX_CONFINE_H

#include <stdbool.h>

/// What is left to a fenced program.
struct clinux_fence {
    /// A directory over which the program's own root is mounted; NULL leaves it the host's.
    const char *base;
    /// Files and directories that it may read and execute, absolute, NULL at the end. What is not there is passed over.
    const char *const *readable;
    /// Device nodes that it may use, in the same form.
    const char *const *devices;
    /// Whether it may not connect by TCP (Landlock 4).
    bool refuses_connections;
    /// Whether it may not listen by TCP (Landlock 4).
    bool refuses_listening;
};

/// The version of Landlock that the kernel has; 0 for none.
int clinux_landlock_version(void);

/// Puts the caller into a mount namespace whose root has nothing but what the fence names, read-only. An ordinary user's is made in a
/// user namespace in which it is nobody else. Returns 0; -1 where this system does not allow it: then the root is as it was; 1 when it went wrong half way.
int clinux_enter_root(const struct clinux_fence *fence);

/// Takes all capabilities for good, those of the bounding set too. Returns 0 or -1.
int clinux_drop_capabilities(void);

/// Lets the caller open nothing but what the fence names and the regular files behind descriptors below `descriptors`
/// (landlock(7)). Needs no_new_privs. Returns 0, also where the kernel has no Landlock, or -1.
int clinux_restrict_files(const struct clinux_fence *fence, int descriptors);

#endif
