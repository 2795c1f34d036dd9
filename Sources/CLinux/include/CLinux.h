// Linux calls that Swift's Glibc module does not import, one topic a header.
#ifndef CLINUX_H
#define CLINUX_H

#include "clinux_spawn.h"
#include "clinux_paths.h"
#include "clinux_events.h"
#include "clinux_sockets.h"
#if __has_include("clinux_files.h")
#include "clinux_files.h"
#endif
#if __has_include("clinux_guest.h")
#include "clinux_guest.h"
#endif

#endif
