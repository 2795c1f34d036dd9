// What copying a tree by open directories takes: nothing is reached by a path of several names.
#ifndef CLINUX_COPYING_H
#define CLINUX_COPYING_H

#include <stdint.h>
#include <sys/types.h>

/// The thread's errno, for code that is compiled without a module of the C library too.
int clinux_errno(void);

/// Opens a name below a directory without following a link. Returns a descriptor or -1.
int clinux_open_name(int directory, const char *name, int flags);

/// open(2) of a path, links followed, closed on exec. Returns a descriptor or -1.
int clinux_open_path(const char *path, int flags);

/// The names in a directory, without "." and "..", in no order. Takes no descriptor over. NULL on error.
void *clinux_open_names(int directory);

/// The next name; NULL at the end. Valid until the next call.
const char *clinux_next_name(void *names);

void clinux_close_names(void *names);

/// Makes a file, or empties one that is there; a link or another kind of file of this name is replaced. Directories are not (EISDIR).
/// Returns a descriptor for writing or -1.
int clinux_put_file(int directory, const char *name);

/// Makes a symbolic link in place of what is there, directories excepted. Returns 0 or -1.
int clinux_put_link(int directory, const char *name, const char *target);

/// Makes a directory, or takes the one that is there; another kind of file is replaced. Returns a descriptor or -1.
int clinux_put_directory(int directory, const char *name);

/// Sets permission bits and the time of the last change of an open file. Returns 0 or -1.
int clinux_set_mode_and_time(int file, unsigned mode, int64_t seconds, int64_t nanoseconds);

#endif
