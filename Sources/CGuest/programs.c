#define _GNU_SOURCE
#include "cguest_agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Signals as a program finds them after a login.
static void reset_signals(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_oom_score(const char *score) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t ignored = write(file, score, strlen(score));
    (void)ignored;
    close(file);
}

static void take_streams(const int streams[3]) {
    // All are above 2: the agent's own 0, 1 and 2 are the console.
    for (int number = 0; number < 3; number++) dup2(streams[number], number);
}

struct failure {
    enum guest_start_step step;
    int code;
};

static void run_child(const struct guest_program *program, int report) {
    struct failure failure = {.step = GUEST_START_IDENTITY};
    reset_signals();
    set_oom_score("0");
    setsid();
    if (program->has_terminal) ioctl(program->streams[0], TIOCSCTTY, 0);
    take_streams(program->streams);
    if (setgroups((size_t)program->group_count, program->groups) == 0 && setgid(program->group) == 0 &&
        setuid(program->user) == 0) {
        failure.step = GUEST_START_DIRECTORY;
        if (chdir(program->directory) == 0) {
            failure.step = GUEST_START_EXECUTE;
            // The search goes by the environment that the program gets.
            environ = (char **)program->environment;
            execvp(program->arguments[0], program->arguments);
        }
    }
    failure.code = errno;
    ssize_t ignored = write(report, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

pid_t guest_start(const struct guest_program *program, enum guest_start_step *failed_step) {
    int report[2];
    *failed_step = GUEST_START_FORK;
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    pid_t child = fork();
    if (child == 0) run_child(program, report[1]);
    int reason = errno;
    close(report[1]);
    if (child > 0) {
        struct failure failure;
        ssize_t count;
        do count = read(report[0], &failure, sizeof failure);
        while (count < 0 && errno == EINTR);
        if (count == sizeof failure) {
            waitpid(child, NULL, 0);
            child = -1;
            reason = failure.code;
            *failed_step = failure.step;
        }
    }
    close(report[0]);
    errno = reason;
    return child;
}

pid_t guest_fork(const int streams[3]) {
    pid_t child = fork();
    if (child != 0) return child;
    reset_signals();
    set_oom_score("0");
    setsid();
    take_streams(streams);
    // What the agent has open is not the child's: a stream ends when its last writer does.
    DIR *descriptors = opendir("/proc/self/fd");
    if (descriptors != NULL) {
        struct dirent *entry;
        while ((entry = readdir(descriptors)) != NULL) {
            int number = atoi(entry->d_name);
            if (number > 2 && number != dirfd(descriptors)) close(number);
        }
        closedir(descriptors);
    }
    return 0;
}

static int set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

int guest_pipe(int ends[2], int own_end) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return own_end < 0 ? 0 : set_nonblocking(ends[own_end]);
}

int guest_open_terminal(uint16_t rows, uint16_t columns, int *controller, int *terminal) {
    *controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*controller < 0) return -1;
    int unlock = 0;
    *terminal = -1;
    if (ioctl(*controller, TIOCSPTLCK, &unlock) == 0)
        *terminal = ioctl(*controller, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*terminal < 0 || guest_resize_terminal(*controller, rows, columns) != 0 || set_nonblocking(*controller) != 0) {
        int reason = errno;
        if (*terminal >= 0) close(*terminal);
        close(*controller);
        errno = reason;
        return -1;
    }
    return 0;
}

int guest_resize_terminal(int controller, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(controller, TIOCSWINSZ, &size);
}

ssize_t guest_capture(char *const *arguments, void *buffer, size_t capacity) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    if (child == 0) {
        dup2(ends[1], 1);
        execv(arguments[0], arguments);
        _exit(127);
    }
    close(ends[1]);
    size_t total = 0;
    while (total < capacity) {
        ssize_t count = read(ends[0], (char *)buffer + total, capacity - total);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        total += (size_t)count;
    }
    close(ends[0]);
    waitpid(child, NULL, 0);
    return (ssize_t)total;
}

void guest_detach(void) {
    setsid();
    set_oom_score("-900");
}
