#define _GNU_SOURCE
#include "clinux_sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int close_keeping_errno(int descriptor) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

int clinux_unix_listen(const char *path, int backlog) {
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0) return -1;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    // On Linux the mode of the socket's descriptor decides that of the file, so nobody can connect in between.
    if (fchmod(descriptor, 0600) != 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(descriptor, backlog) != 0)
        return close_keeping_errno(descriptor);
    return descriptor;
}

int clinux_accept(int listener) {
    int result;
    do result = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (result < 0 && errno == EINTR);
    return result;
}

int clinux_unix_connect(const char *path) {
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0) return -1;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return close_keeping_errno(descriptor);
    return descriptor;
}

int clinux_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

int clinux_socket_pair(int descriptors[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors); }

static int ipv4_address(const char *text, uint16_t port, struct sockaddr_in *address) {
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons(port);
    if (inet_pton(AF_INET, text, &address->sin_addr) == 1) return 0;
    errno = EINVAL;
    return -1;
}

/// One byte and room for a descriptor.
struct passage {
    char byte;
    struct iovec data;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
};

static struct msghdr passage_message(struct passage *passage) {
    memset(passage, 0, sizeof *passage);
    passage->data = (struct iovec){.iov_base = &passage->byte, .iov_len = 1};
    return (struct msghdr){
        .msg_iov = &passage->data,
        .msg_iovlen = 1,
        .msg_control = &passage->control,
        .msg_controllen = sizeof passage->control.space,
    };
}

int clinux_send_descriptor(int socket, int descriptor) {
    struct passage passage;
    struct msghdr message = passage_message(&passage);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == 1 ? 0 : -1;
}

int clinux_receive_descriptor(int socket) {
    struct passage passage;
    struct msghdr message = passage_message(&passage);
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof(int))) {
        errno = ENODATA;
        return -1;
    }
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
    return descriptor;
}

int clinux_unix_listen_anywhere(char *name, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    socklen_t length = sizeof address;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address.sun_family) != 0 || listen(descriptor, 4) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &length) != 0)
        return close_keeping_errno(descriptor);
    // The name follows a zero byte and is not ended by one.
    size_t count = length - offsetof(struct sockaddr_un, sun_path) - 1;
    if (count >= size) {
        close(descriptor);
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, address.sun_path + 1, count);
    name[count] = 0;
    return descriptor;
}

int clinux_unix_connect_abstract(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t count = strlen(name);
    if (count >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path + 1, name, count);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + count);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (struct sockaddr *)&address, length) != 0) return close_keeping_errno(descriptor);
    return descriptor;
}

int clinux_peer_is_own(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

int clinux_tcp_connect(const char *text, uint16_t port, int timeout_milliseconds) {
    struct sockaddr_in address;
    if (ipv4_address(text, port, &address) != 0) return -1;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != EINPROGRESS) return close_keeping_errno(descriptor);
        struct pollfd wanted = {.fd = descriptor, .events = POLLOUT};
        int count;
        do count = poll(&wanted, 1, timeout_milliseconds);
        while (count < 0 && errno == EINTR);
        int failure = 0;
        socklen_t size = sizeof failure;
        if (count == 0) failure = ETIMEDOUT;
        else if (count < 0) failure = errno;
        else getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure != 0) {
            close(descriptor);
            errno = failure;
            return -1;
        }
    }
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
    return descriptor;
}

int clinux_probe_port(const char *text, uint16_t port, int is_datagram) {
    struct sockaddr_in address;
    if (ipv4_address(text, port, &address) != 0) return -1;
    int descriptor = socket(AF_INET, (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    // As QEMU does it: connections of an earlier listener that are just being closed are no obstacle.
    int yes = 1;
    if (!is_datagram) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int result = bind(descriptor, (struct sockaddr *)&address, sizeof address);
    // Two may bind with that option as long as neither listens.
    if (result == 0 && !is_datagram) result = listen(descriptor, 1);
    if (result != 0) return close_keeping_errno(descriptor);
    close(descriptor);
    return 0;
}
