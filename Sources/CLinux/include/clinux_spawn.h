// Starting a child program with what posix_spawn lacks: namespaces, a parent-death signal, no_new_privs.
#ifndef CLINUX_SPAWN_H
#define CLINUX_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "clinux_confine.h"

/// What the child does before it executes the program.
struct clinux_spawn_request {
    const char *path;
    char *const *arguments;
    char *const *environment;
    /// The child's descriptors 0 … descriptor_count - 1; all others are closed on exec.
    const int *descriptors;
    int descriptor_count;
    /// For how many descriptors its table has room from the start, as far as its limit lets it; 0 for the usual 64.
    int descriptor_room;
    /// Whether the table must be that large in its own children too: its last place is taken for ever then.
    bool descriptor_room_is_inherited;
    /// 0 or the signal that the child gets when the thread that started it ends.
    int parent_death_signal;
    bool no_new_privileges;
    bool new_session;
    /// The terminal's foreground process group stays the caller's; this only leaves it.
    bool new_process_group;
    /// New user and mount namespaces; the child waits in them until clinux_spawn_resume().
    bool user_namespace;
    /// A directory that is mounted read-only over itself in a private mount namespace, or NULL.
    const char *read_only_directory;
    /// Whether what is mounted below that directory stays to be seen, read-only too.
    bool read_only_recursive;
    /// Takes all capabilities from it, and all that the fence does not name; NULL for neither. Implies no_new_privileges.
    const struct clinux_fence *fence;
};

/// A started child. The steps name what failed where errno alone would not say it.
struct clinux_spawned {
    pid_t pid;
    int pid_descriptor;
    int status_descriptor;
    int release_descriptor;
    int failed_errno;
    char failed_step[32];
};

/// Starts the child. With user_namespace it returns while the child waits for its id maps; otherwise after exec.
/// Returns 0, or -1 with failed_errno and failed_step set and nothing left behind.
int clinux_spawn_start(const struct clinux_spawn_request *request, struct clinux_spawned *child);

/// Lets a child in its new user namespace go on, and waits for its exec. Returns as clinux_spawn_start().
int clinux_spawn_resume(struct clinux_spawned *child);

/// Kills a child that waits for its maps, and reaps it.
void clinux_spawn_abandon(struct clinux_spawned *child);

int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int pid_descriptor, int signal);

/// Waits for the child; block = false returns 0 while it runs. Returns pid, 0 or -1; *code is the exit code or the
/// signal, *signalled says which.
pid_t clinux_wait(pid_t pid, bool block, int *code, bool *signalled);

#endif
