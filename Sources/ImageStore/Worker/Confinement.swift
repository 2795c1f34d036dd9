package import LinuxSystem

/// The fence around the process that reads layers from strangers: it can make and remove files, and nothing else. It has no
/// sockets, starts no program, and sees no other process.
package enum Confinement {
    package static func apply() throws(SystemError) {
        try Capabilities.keepOnly([
            .changeOwner, .overrideAccess, .searchAndRead, .actAsOwner, .keepSetID, .makeDevice, .setFileCapabilities,
        ])
        try SystemCallFilter(allowed: files + memory + process).apply()
    }

    private static let files = [
        "access", "chmod", "close", "copy_file_range", "creat", "dup", "dup2", "dup3", "faccessat", "faccessat2",
        "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fcntl",
        "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync",
        "ftruncate", "getcwd", "getdents", "getdents64", "getxattr", "lchown", "lgetxattr", "link", "linkat",
        "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "mkdir", "mkdirat", "mknod",
        "mknodat", "newfstatat", "open", "openat", "openat2", "poll", "ppoll", "pread64", "preadv", "preadv2",
        "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "rename",
        "renameat", "renameat2", "rmdir", "setxattr", "stat", "statfs", "statx", "symlink", "symlinkat",
        "sync_file_range", "syncfs", "umask", "unlink", "unlinkat", "utimensat", "write", "writev",
    ]
    private static let memory = [
        "brk", "madvise", "membarrier", "mremap", "munmap",
    ]
    private static let process = [
        "arch_prctl", "clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group", "futex",
        "get_robust_list", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom", "getrusage", "gettid",
        "gettimeofday", "getuid", "nanosleep", "prlimit64", "restart_syscall", "rseq", "rt_sigaction",
        "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield", "set_robust_list", "set_tid_address",
        "sigaltstack", "sysinfo", "tgkill", "time", "uname",
    ]
}
