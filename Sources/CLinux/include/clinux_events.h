// Waiting for signals and descriptors without handlers.
#ifndef CLINUX_EVENTS_H
#define CLINUX_EVENTS_H

#include <stdint.h>

/// Blocks the signals for the whole process and returns a descriptor that becomes readable for each. -1 on error.
int clinux_signal_descriptor(const int *signals, int count);

/// Reads one signal; returns its number, 0 when there is none, -1 on error.
int clinux_read_signal(int descriptor);

/// A descriptor that becomes readable when a file was written to. -1 on error.
int clinux_watch_file(const char *path);

/// The same for names that come to be in a directory.
int clinux_watch_directory(const char *path);

/// An inotify descriptor that watches nothing yet, or -1.
int clinux_watch(void);

/// Watches a file until it is written to once. Returns -1 where there is none.
int clinux_watch_once(int descriptor, const char *path);

/// Reads and forgets what a non-blocking descriptor has.
void clinux_drain(int descriptor);

/// A non-blocking descriptor that becomes readable each time that so much time has gone by. -1 on error.
int clinux_timer(int64_t milliseconds);

#endif
