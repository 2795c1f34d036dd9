// Making files of every kind, with attributes.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Makes a device node below a directory. Returns 0 or -1.
int clinux_make_device(int directory, const char *name, unsigned mode, unsigned major, unsigned minor);

/// Sets an extended attribute of a name below a directory; links are not followed. Returns 0 or -1.
int clinux_set_attribute(int directory, const char *name, const char *attribute, const void *value, size_t size);

/// Reads an extended attribute; links are not followed. Returns its length or -1.
ssize_t clinux_get_attribute(const char *path, const char *attribute, void *value, size_t size);

/// The names of all extended attributes of a name below a directory, each with a zero byte at its end; links are not followed.
/// Returns their length (none where the file system has no such thing) or -1.
ssize_t clinux_list_attributes_at(int directory, const char *name, char *names, size_t size);

/// One of them. Returns its length or -1.
ssize_t clinux_get_attribute_at(int directory, const char *name, const char *attribute, void *value, size_t size);

/// Where the next data of a file is at or behind an offset (lseek(2), SEEK_DATA), and where the next hole is. -1 with ENXIO behind the last.
off_t clinux_seek_data(int file, off_t offset);
off_t clinux_seek_hole(int file, off_t offset);

/// Takes all extended attributes from an open directory but the host's own. Returns 0 or -1.
int clinux_clear_attributes(int directory);

/// Gives an open directory the extended attributes of another, and no others. Returns 0 or -1.
int clinux_copy_attributes(int from, int to);

/// Writes the file systems' caches of an open file to disk. Returns 0 or -1.
int clinux_sync_file_system(int descriptor);

/// Makes a file that is only memory, closed on exec.
int clinux_memory_file(const char *name);

/// Fixes the size of such a file for everybody who has it (fcntl(2), F_ADD_SEALS). Returns 0 or -1.
int clinux_seal_size(int file);

/// A new file without a name on the file system of a directory, for reading and writing. Returns a descriptor or -1.
int clinux_unnamed_file(const char *directory);

/// Lists names of an open directory from its position on (getdents64(2)). Returns bytes, 0 at the end, or -1.
ssize_t clinux_list(int directory, void *entries, size_t size);

/// Renames without replacing anything that has the new name (EEXIST). Returns 0 or -1.
int clinux_rename_new(const char *from, const char *to);

/// The number that says of what kind the file system of a path is (statfs(2), f_type); -1 where that cannot be said.
int64_t clinux_file_system_kind(const char *path);

#endif
