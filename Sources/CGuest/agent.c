#define _GNU_SOURCE
#include "cguest_agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

static int event_address(struct sockaddr_un *address, const char *path) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

int guest_listen_for_events(const char *path) {
    struct sockaddr_un address;
    if (event_address(&address, path) != 0) return -1;
    int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0) return -1;
    unlink(path);
    if (bind(file, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0600) != 0 || listen(file, 16) != 0) {
        int reason = errno;
        close(file);
        errno = reason;
        return -1;
    }
    return file;
}

ssize_t guest_take_event(int listener, void *buffer, size_t capacity, int *sender) {
    *sender = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (*sender < 0) return -1;
    // A sender that says nothing must not hold up everybody else.
    struct timeval patience = {.tv_sec = 1};
    setsockopt(*sender, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t count = recv(*sender, buffer, capacity, 0);
    if (count <= 0) close(*sender);
    return count;
}

int guest_send_event(const char *path, const void *bytes, size_t count) {
    struct sockaddr_un address;
    if (event_address(&address, path) != 0) return -1;
    int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (file < 0) return -1;
    // The other side closes once the event is on its way to the host.
    struct timeval patience = {.tv_sec = 10};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char answer;
    int result = -1;
    if (connect(file, (struct sockaddr *)&address, sizeof address) == 0 && send(file, bytes, count, MSG_NOSIGNAL) >= 0 &&
        recv(file, &answer, 1, 0) == 0)
        result = 0;
    int reason = errno;
    close(file);
    errno = reason;
    return result;
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

pid_t guest_fork_plainly(void) { return fork(); }

void guest_occupy_standard_streams(void) {
    int file;
    do file = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (file >= 0 && file <= 2);
    if (file > 2) close(file);
}

void guest_detach(void) {
    setsid();
    set_oom_score("-900");
}

int guest_set_clock(uint64_t seconds, uint32_t nanoseconds) {
    struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)nanoseconds};
    return clock_settime(CLOCK_REALTIME, &time);
}

int guest_ask_for_power_off(void) { return kill(1, SIGRTMIN + 4); }

static void init_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGPWR);
    sigaddset(set, SIGRTMIN + 4);
}

void guest_block_init_signals(void) {
    sigset_t set;
    init_signals(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    reboot(RB_DISABLE_CAD);
}

enum guest_init_signal guest_wait_init_signal(int seconds) {
    sigset_t set;
    init_signals(&set);
    struct timespec time = {.tv_sec = seconds};
    int number = seconds < 0 ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &time);
    if (number == SIGCHLD) return GUEST_INIT_CHILD;
    if (number > 0) return GUEST_INIT_STOP;
    return errno == EAGAIN ? GUEST_INIT_TIME_OVER : GUEST_INIT_NOTHING;
}

pid_t guest_collect(bool *signalled, uint8_t *code) {
    int status;
    pid_t child = waitpid(-1, &status, WNOHANG);
    if (child <= 0) return 0;
    *signalled = WIFSIGNALED(status);
    *code = (uint8_t)(*signalled ? WTERMSIG(status) : WEXITSTATUS(status));
    return child;
}
