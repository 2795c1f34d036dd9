#define _GNU_SOURCE
#include "cguest_agent.h"

#include <errno.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>

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
