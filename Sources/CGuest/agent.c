#define _GNU_SOURCE
#include "cguest_agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/random.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const short guest_poll_in = POLLIN, guest_poll_out = POLLOUT;

static bool port_is_named(const char *port, const char *name) {
    char path[PATH_MAX], text[128] = "";
    snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", port);
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    bool found = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    text[strcspn(text, "\n")] = 0;
    return found && strcmp(text, name) == 0;
}

int guest_open_port(const char *name) {
    DIR *ports = opendir("/sys/class/virtio-ports");
    int result = -1, reason = ENODEV;
    if (ports != NULL) {
        struct dirent *entry;
        while (result < 0 && (entry = readdir(ports)) != NULL) {
            if (entry->d_name[0] == '.' || !port_is_named(entry->d_name, name)) continue;
            char path[PATH_MAX];
            snprintf(path, sizeof path, "/dev/%s", entry->d_name);
            result = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
            reason = errno;
        }
        closedir(ports);
    }
    errno = reason;
    return result;
}

int guest_let_wait(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

int guest_watch_children(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void guest_clear_children(int descriptor) {
    struct signalfd_siginfo information;
    while (read(descriptor, &information, sizeof information) == sizeof information) {}
}

int guest_reap(pid_t process, bool *signalled, uint8_t *code) {
    int status;
    pid_t result = waitpid(process, &status, WNOHANG);
    if (result <= 0) return (int)result;
    *signalled = WIFSIGNALED(status);
    *code = (uint8_t)(*signalled ? WTERMSIG(status) : WEXITSTATUS(status));
    return 1;
}

pid_t guest_fork_plainly(void) { return fork(); }

long guest_processors(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

void guest_wait(pid_t child) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR);
}

void guest_occupy_standard_streams(void) {
    int file;
    do file = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (file >= 0 && file <= 2);
    if (file > 2) close(file);
}

int guest_set_clock(uint64_t seconds, uint32_t nanoseconds) {
    struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)nanoseconds};
    return clock_settime(CLOCK_REALTIME, &time);
}

int guest_reseed(const void *seed, size_t count) {
    enum { LIMIT = 256 };
    // The structure ends in an array without a length.
    _Alignas(struct rand_pool_info) unsigned char room[sizeof(struct rand_pool_info) + LIMIT];
    struct rand_pool_info *pool = (struct rand_pool_info *)room;
    if (count > LIMIT) count = LIMIT;
    pool->entropy_count = (int)count * 8;
    pool->buf_size = (int)count;
    memcpy(pool->buf, seed, count);
    int device = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    if (device < 0) return -1;
    int result = ioctl(device, RNDADDENTROPY, pool);
    if (result == 0) result = ioctl(device, RNDRESEEDCRNG, NULL);
    int reason = errno;
    close(device);
    explicit_bzero(room, sizeof room);
    errno = reason;
    return result < 0 ? -1 : 0;
}

uint64_t guest_uptime(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_ssh_server(pid_t process) {
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)process);
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    bool found = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    text[strcspn(text, "\n")] = 0;
    return found && strcmp(text, "sshd") == 0;
}

pid_t guest_ssh_server(void) {
    FILE *file = fopen("/run/sshd.pid", "re");
    if (file == NULL) return 0;
    char text[32] = "";
    pid_t process = fgets(text, sizeof text, file) != NULL ? (pid_t)strtol(text, NULL, 10) : 0;
    fclose(file);
    return process > 1 && is_ssh_server(process) ? process : 0;
}

size_t guest_host_name(char *buffer, size_t capacity) {
    if (gethostname(buffer, capacity) != 0) return 0;
    buffer[capacity - 1] = 0;
    return strlen(buffer);
}

int guest_ask_for_power_off(void) { return kill(1, SIGRTMIN + 4); }
