// libseccomp, with inline functions in place of the macros and the variadic call that Swift cannot import.
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

/// A filter that refuses every call as one that the kernel does not have; NULL on error.
static inline scmp_filter_ctx cseccomp_refuse_all(void) { return seccomp_init(SCMP_ACT_ERRNO(ENOSYS)); }

/// Allows a call; one that this processor does not have is no error. Returns 0 or a negative errno.
static inline int cseccomp_allow(scmp_filter_ctx filter, const char *name) {
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 0, NULL);
}

/// Allows a call only while an argument, masked, has this value. Returns 0 or a negative errno.
static inline int cseccomp_allow_masked(scmp_filter_ctx filter, const char *name, unsigned argument, uint64_t mask,
                                        uint64_t value) {
    int number = seccomp_syscall_resolve_name(name);
    struct scmp_arg_cmp rule = {argument, SCMP_CMP_MASKED_EQ, mask, value};
    return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &rule);
}
