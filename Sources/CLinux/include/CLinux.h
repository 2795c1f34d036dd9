// Linux calls that Swift's Glibc module does not import, one topic a header.
#ifndef CLINUX_H
#define CLINUX_H

#include "clinux_confine.h"
#include "clinux_copying.h"
#include "clinux_events.h"
#include "clinux_files.h"
#include "clinux_paths.h"
#include "clinux_sockets.h"
#include "clinux_spawn.h"

#endif
