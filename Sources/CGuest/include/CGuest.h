// What the guest program needs of the C library: it is Embedded Swift, for which there is no Glibc module.
#ifndef CGUEST_H
#define CGUEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/types.h>
#include <unistd.h>

#include "cguest_agent.h"

/// The thread's errno, which is a macro that Swift does not see.
int guest_errno(void);

/// O_PATH, which needs _GNU_SOURCE.
int guest_path_only(void);

/// main's arguments, which Embedded Swift does not hand on.
char **guest_arguments(void);
int guest_argument_count(void);

/// open(2), which is variadic.
int guest_open(const char *path, int flags);

/// Opens a file for writing, made or emptied. Returns a descriptor or -1.
int guest_create(const char *path, unsigned mode);

/// Inserts a kernel module from an uncompressed file; one that is loaded already is no error. Returns 0 or -1.
int guest_load_module(int file);

/// Gives a device its second name in /dev/char, as udev does. Returns 0 or -1.
int guest_name_device(const char *name);

/// Whether bytes hold others somewhere.
bool guest_holds(const void *bytes, size_t count, const void *others, size_t other_count);

/// Whether a name is of a pattern's (fnmatch(3)).
bool guest_matches(const char *pattern, const char *name);

/// The kernel's name of the virtio disk with a serial number. Returns 0, or -1 (ENODEV when there is none).
int guest_find_disk(const char *serial, char *name, size_t size);

/// The kernel's name of the first Ethernet interface. Returns 0, or -1 (ENODEV when there is none).
int guest_find_ethernet(char name[16]);

/// Renames an interface that is down. Returns 0 or -1.
int guest_rename_interface(const char *from, const char *to);

/// Gives an interface an IPv4 address and brings it up; a NULL address only brings it up. Returns 0 or -1.
int guest_configure_interface(const char *name, const char *address, int prefix_length);

/// Sets the default route. Returns 0 or -1.
int guest_set_default_route(const char *gateway);

/// Makes the directory the root file system, frees what the initramfs held, and leaves the caller in the new "/".
/// Returns 0 or -1.
int guest_switch_root(const char *directory);

/// Powers the machine off. Returns only when that failed.
void guest_power_off(void);

/// Replaces the process by a program of the same environment. Returns only when that failed.
void guest_execute(const char *path, char *const *arguments);

#endif
