// What the guest program needs: it is Embedded Swift, for which there is no Glibc module.
#ifndef CLINUX_GUEST_H
#define CLINUX_GUEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/// The thread's errno, which is a macro that Swift does not see.
int clinux_errno(void);

/// O_PATH, which needs _GNU_SOURCE.
int clinux_path_only(void);

/// main's arguments, which Embedded Swift does not hand on.
char **clinux_arguments(void);
int clinux_argument_count(void);

/// open(2), which is variadic.
int clinux_open(const char *path, int flags);

/// Inserts a kernel module from an uncompressed file; one that is loaded already is no error. Returns 0 or -1.
int clinux_load_module(const char *path);

/// The kernel's name of the first Ethernet interface. Returns 0, or -1 (ENODEV when there is none).
int clinux_find_ethernet(char name[16]);

/// Renames an interface that is down. Returns 0 or -1.
int clinux_rename_interface(const char *from, const char *to);

/// Gives an interface an IPv4 address and brings it up; a NULL address only brings it up. Returns 0 or -1.
int clinux_configure_interface(const char *name, const char *address, int prefix_length);

/// Sets the default route. Returns 0 or -1.
int clinux_set_default_route(const char *gateway);

/// Makes the directory the root file system, frees what the initramfs held, and leaves the caller in the new "/".
/// Returns 0 or -1.
int clinux_switch_root(const char *directory);

/// Powers the machine off. Returns only when that failed.
void clinux_power_off(void);

/// Replaces the process by a program of the same environment. Returns only when that failed.
void clinux_execute(const char *path, char *const *arguments);

#endif
