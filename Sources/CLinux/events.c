#define _GNU_SOURCE
#include "clinux_events.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int clinux_signal_descriptor(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int result = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (result != 0) {
        errno = result;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_read_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count == (ssize_t)sizeof info) return (int)info.ssi_signo;
    return count < 0 && errno != EAGAIN && errno != EINTR ? -1 : 0;
}

static int watch_for(const char *path, uint32_t events) {
    int descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (descriptor < 0) return -1;
    if (inotify_add_watch(descriptor, path, events) >= 0) return descriptor;
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
}

int clinux_watch_file(const char *path) { return watch_for(path, IN_MODIFY); }

int clinux_watch_directory(const char *path) { return watch_for(path, IN_CREATE | IN_ONLYDIR); }

int clinux_watch(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int clinux_watch_once(int descriptor, const char *path) {
    return inotify_add_watch(descriptor, path, IN_MODIFY | IN_ONESHOT);
}

void clinux_drain(int descriptor) {
    char buffer[4096];
    while (read(descriptor, buffer, sizeof buffer) > 0) {
    }
}

int clinux_timer(int64_t milliseconds) {
    int descriptor = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (descriptor < 0) return -1;
    // A zero would disarm the timer.
    if (milliseconds < 1) milliseconds = 1;
    struct timespec step = {.tv_sec = milliseconds / 1000, .tv_nsec = (milliseconds % 1000) * 1000000};
    struct itimerspec when = {.it_value = step, .it_interval = step};
    if (timerfd_settime(descriptor, 0, &when, NULL) != 0) {
        int saved = errno;
        close(descriptor);
        errno = saved;
        return -1;
    }
    return descriptor;
}
