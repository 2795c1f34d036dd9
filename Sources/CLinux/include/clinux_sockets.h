// Unix sockets, pipes and TCP connections with a time limit.
#ifndef CLINUX_SOCKETS_H
#define CLINUX_SOCKETS_H

#include <stddef.h>
#include <stdint.h>

/// Binds and listens on a path, readable and writable by the owner only. Returns a descriptor or -1.
int clinux_unix_listen(const char *path, int backlog);

/// Takes a connection, closed on exec. Returns a descriptor or -1 (EAGAIN when there is none any more).
int clinux_accept(int listener);

/// Connects to a path. Returns a descriptor or -1.
int clinux_unix_connect(const char *path);

/// A pipe, closed on exec. Returns 0 or -1.
int clinux_pipe(int descriptors[2]);

/// Two connected stream sockets, closed on exec. Returns 0 or -1.
int clinux_socket_pair(int descriptors[2]);

/// Sends a descriptor over a Unix socket, with one byte beside it (unix(7), SCM_RIGHTS). Returns 0 or -1.
int clinux_send_descriptor(int socket, int descriptor);

/// Takes such a descriptor, closed on exec. Returns it or -1; ENODATA where there is none.
int clinux_receive_descriptor(int socket);

/// Listens on an address that the kernel chooses in the abstract namespace (unix(7), "Autobind feature"), and writes its name.
int clinux_unix_listen_anywhere(char *name, size_t size);

/// Connects to such an address.
int clinux_unix_connect_abstract(const char *name);

/// Whether the other side of a Unix socket is a process of our own user.
int clinux_peer_is_own(int socket);

/// Connects to an IPv4 address and port, waiting at most the given time. Returns a descriptor or -1.
int clinux_tcp_connect(const char *address, uint16_t port, int timeout_milliseconds);

/// Whether an IPv4 address and port of this host can be bound, for streams or datagrams. Returns 0 or -1.
int clinux_probe_port(const char *address, uint16_t port, int is_datagram);

#endif
