#define _GNU_SOURCE
#include "cguest_agent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

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
