// What the agent in the guest needs of the C library and the kernel.
#ifndef CGUEST_AGENT_H
#define CGUEST_AGENT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// Opens the virtio-serial port of this name, non-blocking. Returns a descriptor or -1 (ENODEV when there is none).
int guest_open_port(const char *name);

/// Lets calls on a descriptor wait. Returns 0 or -1.
int guest_let_wait(int descriptor);

/// A descriptor that becomes readable when a child has ended; SIGCHLD is blocked from then on. Returns it or -1.
int guest_watch_children(void);

/// Takes what has come on such a descriptor.
void guest_clear_children(int descriptor);

/// Whether this child has ended, and how. Returns 1, 0 while it runs, -1.
int guest_reap(pid_t process, bool *signalled, uint8_t *code);

/// How a program is started in the guest.
struct guest_program {
    /// The program, looked for in the PATH of `environment` when it has no slash.
    char *const *arguments;
    char *const *environment;
    const char *directory;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    int group_count;
    /// Its descriptors 0, 1 and 2.
    int streams[3];
    /// Whether descriptor 0 is a terminal that becomes its controlling one.
    bool has_terminal;
};

/// Which step of a start has failed.
enum guest_start_step { GUEST_START_FORK, GUEST_START_IDENTITY, GUEST_START_DIRECTORY, GUEST_START_EXECUTE };

/// Starts a program in a session of its own. Returns its process id, or -1 with errno and the step.
pid_t guest_start(const struct guest_program *program, enum guest_start_step *failed_step);

/// Forks a child with these streams that goes on in the caller. Returns 0 in the child, its process id in the parent, or -1.
pid_t guest_fork(const int streams[3]);

/// A pipe, closed on exec; our end (0 the reading one, 1 the writing one, -1 none) is non-blocking. Returns 0 or -1.
int guest_pipe(int ends[2], int own_end);

/// A new pseudo-terminal of this size; the controlling side is non-blocking. Returns 0 or -1.
int guest_open_terminal(uint16_t rows, uint16_t columns, int *controller, int *terminal);

/// Sets a terminal's size. Returns 0 or -1.
int guest_resize_terminal(int controller, uint16_t rows, uint16_t columns);

/// Listens on a socket on which events come. Returns a descriptor or -1.
int guest_listen_for_events(const char *path);

/// Takes one event. Its sender waits until `sender` is closed. Returns the event's length or -1.
ssize_t guest_take_event(int listener, void *buffer, size_t capacity, int *sender);

/// Sends one event and waits until it is on its way to the host. Returns 0 or -1.
int guest_send_event(const char *path, const void *bytes, size_t count);

/// What a program writes to its standard output, at most `capacity` bytes. Returns how many, or -1.
ssize_t guest_capture(char *const *arguments, void *buffer, size_t capacity);

/// fork(2).
pid_t guest_fork_plainly(void);

/// How many processors are at work.
long guest_processors(void);

/// Waits until a child has ended.
void guest_wait(pid_t child);

/// Opens the null device wherever one of the descriptors 0, 1 and 2 is closed.
void guest_occupy_standard_streams(void);

/// Makes the caller the leader of a session of its own, without a terminal, hard for the kernel to choose when memory is short.
void guest_detach(void);

/// Sets the clock. Returns 0 or -1.
int guest_set_clock(uint64_t seconds, uint32_t nanoseconds);

/// Mixes new random bytes into the kernel's pool (random(4): RNDADDENTROPY), at most 256, and has every generator take them up
/// at once. Returns 0 or -1.
int guest_reseed(const void *seed, size_t count);

/// The process of the ssh server that listens (sshd(8), /run/sshd.pid); 0 without one.
pid_t guest_ssh_server(void);

/// Milliseconds since some moment; nobody sets this clock.
uint64_t guest_uptime(void);

/// The machine's name now. Returns its length, 0 where there is none.
size_t guest_host_name(char *buffer, size_t capacity);

/// Signals process 1 with systemd's signal for a power-off (systemd(1): SIGRTMIN+4). Returns 0 or -1.
int guest_ask_for_power_off(void);

/// What process 1 waits for.
enum guest_init_signal { GUEST_INIT_CHILD, GUEST_INIT_STOP, GUEST_INIT_TIME_OVER, GUEST_INIT_NOTHING };

/// Blocks the signals that process 1 waits for, and leaves ctrl-alt-del to it.
void guest_block_init_signals(void);

/// Waits for one of them, at most so many seconds; -1 without end.
enum guest_init_signal guest_wait_init_signal(int seconds);

/// Collects one child that has ended. Returns its process id, 0 when none has.
pid_t guest_collect(bool *signalled, uint8_t *code);

/// The event masks of poll(2).
extern const short guest_poll_in, guest_poll_out;

#endif
