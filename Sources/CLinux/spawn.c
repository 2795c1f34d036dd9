#define _GNU_SOURCE
#include "clinux_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <grp.h>
#include <stdlib.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// What the child tells through the status pipe. Its end of file means that exec has happened.
struct report {
    int failed_errno;
    char step[32];
};

static void fail(int status_descriptor, const char *step) {
    struct report report = {.failed_errno = errno};
    strncpy(report.step, step, sizeof report.step - 1);
    ssize_t ignored = write(status_descriptor, &report, sizeof report);
    (void)ignored;
    _exit(127);
}

// Flags that a mount in a user namespace must keep, or the kernel refuses to remount it.
static unsigned long locked_mount_flags(const char *path) {
    struct statvfs status;
    if (statvfs(path, &status) != 0) return 0;
    unsigned long flags = 0;
    if (status.f_flag & ST_NOSUID) flags |= MS_NOSUID;
    if (status.f_flag & ST_NODEV) flags |= MS_NODEV;
    if (status.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
    if (status.f_flag & ST_NOATIME) flags |= MS_NOATIME;
    if (status.f_flag & ST_NODIRATIME) flags |= MS_NODIRATIME;
    if (status.f_flag & ST_RELATIME) flags |= MS_RELATIME;
    return flags;
}

// A directory with whatever is mounted below it. Without the call (Linux 5.12) what is mounted below stays hidden.
static int mount_tree_read_only(const char *path) {
    struct {
        uint64_t set, clear, propagation, user_namespace;
    } attributes = {.set = 1 /* MOUNT_ATTR_RDONLY */};
    if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) != 0) return -1;
    return (int)syscall(442 /* mount_setattr */, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof attributes);
}

static void mount_read_only(const char *path, bool is_recursive, int status_descriptor) {
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) != 0) fail(status_descriptor, "make mounts private");
    if (is_recursive) {
        if (mount_tree_read_only(path) == 0) return;
        if (errno != ENOSYS) fail(status_descriptor, "bind read-only");
        umount2(path, MNT_DETACH);
    }
    if (mount(path, path, NULL, MS_BIND, NULL) != 0) fail(status_descriptor, "bind directory");
    unsigned long flags = locked_mount_flags(path);
    if (mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | flags, NULL) != 0)
        fail(status_descriptor, "remount read-only");
}

static void place_descriptors(const struct clinux_spawn_request *request, int *status_descriptor) {
    int count = request->descriptor_count;
    // First everything out of the way of 0 … count - 1, then each to its place.
    int moved_status = fcntl(*status_descriptor, F_DUPFD_CLOEXEC, count + 3);
    if (moved_status < 0) fail(*status_descriptor, "duplicate descriptor");
    *status_descriptor = moved_status;
    int moved[128];
    if (count > 128) {
        errno = EMFILE;
        fail(*status_descriptor, "place descriptors");
    }
    for (int i = 0; i < count; i++) {
        moved[i] = fcntl(request->descriptors[i], F_DUPFD_CLOEXEC, count + 3);
        if (moved[i] < 0) fail(*status_descriptor, "duplicate descriptor");
    }
    for (int i = 0; i < count; i++)
        if (dup2(moved[i], i) < 0) fail(*status_descriptor, "place descriptor");
    if (syscall(SYS_close_range, (unsigned)count, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        fail(*status_descriptor, "close descriptors");
}

// The kernel makes the table larger as descriptors come, and while a process has several threads each time waits until nobody can still
// look at the old one (synchronize_rcu): some ten milliseconds, in the midst of work. Now there is one thread.
static void make_room(const struct clinux_spawn_request *request) {
    struct rlimit limit;
    if (request->descriptor_room == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t room = (rlim_t)request->descriptor_room;
    struct rlimit wide = {.rlim_cur = room < limit.rlim_max ? room : limit.rlim_max, .rlim_max = limit.rlim_max};
    if (wide.rlim_cur > limit.rlim_cur) setrlimit(RLIMIT_NOFILE, &wide);
    // Without it everything works as well, only later. A child's table is as large as its parent's last descriptor asks for.
    fcntl(0, request->descriptor_room_is_inherited ? F_DUPFD : F_DUPFD_CLOEXEC, (int)wide.rlim_cur - 1);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void run_child(const struct clinux_spawn_request *request, pid_t parent, int status_descriptor,
                      int ready_descriptor, int release_descriptor) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    if (request->new_session && setsid() < 0) fail(status_descriptor, "start session");
    if (request->new_process_group && setpgid(0, 0) != 0) fail(status_descriptor, "start process group");
    if (request->user_namespace) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) fail(status_descriptor, "create user namespace");
        char byte = 1;
        if (write(ready_descriptor, &byte, 1) != 1) fail(status_descriptor, "announce namespace");
        if (read(release_descriptor, &byte, 1) != 1) _exit(127);
        if (setresgid(0, 0, 0) != 0) fail(status_descriptor, "become group 0");
        if (setgroups(0, NULL) != 0) fail(status_descriptor, "drop groups");
        if (setresuid(0, 0, 0) != 0) fail(status_descriptor, "become user 0");
    } else if (request->read_only_directory != NULL) {
        if (unshare(CLONE_NEWNS) != 0) fail(status_descriptor, "create mount namespace");
    }
    if (request->read_only_directory != NULL)
        mount_read_only(request->read_only_directory, request->read_only_recursive, status_descriptor);
    // Where a system forbids namespaces the other fences still stand.
    if (request->fence != NULL && request->fence->base != NULL && clinux_enter_root(request->fence) > 0)
        fail(status_descriptor, "change the root");
    // After the change of ids, which would reset it.
    if (request->parent_death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, request->parent_death_signal) != 0) fail(status_descriptor, "set parent-death signal");
        if (getppid() != parent) _exit(127);
    }
    place_descriptors(request, &status_descriptor);
    make_room(request);
    if (request->fence != NULL && clinux_drop_capabilities() != 0) fail(status_descriptor, "drop capabilities");
    if ((request->no_new_privileges || request->fence != NULL) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail(status_descriptor, "forbid new privileges");
    if (request->fence != NULL && clinux_restrict_files(request->fence, request->descriptor_count) != 0)
        fail(status_descriptor, "restrict files");
    execve(request->path, request->arguments, request->environment);
    fail(status_descriptor, "execute");
}

static int note_failure(struct clinux_spawned *child, const char *step, int code) {
    child->failed_errno = code;
    strncpy(child->failed_step, step, sizeof child->failed_step - 1);
    return -1;
}

static ssize_t read_whole(int descriptor, void *buffer, size_t size) {
    ssize_t count;
    do count = read(descriptor, buffer, size);
    while (count < 0 && errno == EINTR);
    return count;
}

static int await_exec(struct clinux_spawned *child) {
    struct report report;
    memset(&report, 0, sizeof report);
    ssize_t count = read_whole(child->status_descriptor, &report, sizeof report);
    close(child->status_descriptor);
    child->status_descriptor = -1;
    if (count == 0) return 0;
    int code, saved = count == (ssize_t)sizeof report ? report.failed_errno : EIO;
    bool signalled;
    clinux_wait(child->pid, true, &code, &signalled);
    close(child->pid_descriptor);
    child->pid_descriptor = -1;
    report.step[sizeof report.step - 1] = 0;
    return note_failure(child, report.step, saved);
}

int clinux_spawn_start(const struct clinux_spawn_request *request, struct clinux_spawned *child) {
    memset(child, 0, sizeof *child);
    child->pid_descriptor = child->status_descriptor = child->release_descriptor = -1;
    int status[2] = {-1, -1}, ready[2] = {-1, -1}, release[2] = {-1, -1};
    if (pipe2(status, O_CLOEXEC) != 0) return note_failure(child, "create pipe", errno);
    if (request->user_namespace && (pipe2(ready, O_CLOEXEC) != 0 || pipe2(release, O_CLOEXEC) != 0)) {
        int saved = errno;
        close(status[0]), close(status[1]);
        if (ready[0] >= 0) close(ready[0]), close(ready[1]);
        return note_failure(child, "create pipe", saved);
    }
    // Signals stay blocked across the fork, so that no handler of ours ever runs in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(status[0]);
        if (release[1] >= 0) close(release[1]), close(ready[0]);
        run_child(request, parent, status[1], ready[1], release[0]);
    }
    int fork_errno = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(status[1]);
    if (release[0] >= 0) close(release[0]), close(ready[1]);
    if (pid < 0) {
        close(status[0]);
        if (release[1] >= 0) close(release[1]), close(ready[0]);
        return note_failure(child, "fork", fork_errno);
    }
    child->pid = pid;
    child->status_descriptor = status[0];
    child->release_descriptor = release[1];
    child->pid_descriptor = clinux_pidfd_open(pid);
    if (child->pid_descriptor < 0) {
        int saved = errno;
        if (ready[0] >= 0) close(ready[0]);
        clinux_spawn_abandon(child);
        return note_failure(child, "pidfd_open", saved);
    }
    if (!request->user_namespace) return await_exec(child);
    char byte;
    ssize_t count = read_whole(ready[0], &byte, 1);
    close(ready[0]);
    if (count == 1) return 0;
    close(child->release_descriptor);
    child->release_descriptor = -1;
    if (await_exec(child) == 0) return note_failure(child, "create user namespace", ECHILD);
    return -1;
}

int clinux_spawn_resume(struct clinux_spawned *child) {
    char byte = 1;
    ssize_t count = write(child->release_descriptor, &byte, 1);
    close(child->release_descriptor);
    child->release_descriptor = -1;
    if (count != 1) {
        clinux_spawn_abandon(child);
        return note_failure(child, "release child", EPIPE);
    }
    return await_exec(child);
}

void clinux_spawn_abandon(struct clinux_spawned *child) {
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        int code;
        bool signalled;
        clinux_wait(child->pid, true, &code, &signalled);
    }
    if (child->pid_descriptor >= 0) close(child->pid_descriptor);
    if (child->status_descriptor >= 0) close(child->status_descriptor);
    if (child->release_descriptor >= 0) close(child->release_descriptor);
    child->pid_descriptor = child->status_descriptor = child->release_descriptor = -1;
}

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int pid_descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pid_descriptor, signal, NULL, 0);
}

pid_t clinux_wait(pid_t pid, bool block, int *code, bool *signalled) {
    int status;
    pid_t result;
    do result = waitpid(pid, &status, block ? 0 : WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result <= 0) return result;
    *signalled = WIFSIGNALED(status);
    *code = *signalled ? WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}
