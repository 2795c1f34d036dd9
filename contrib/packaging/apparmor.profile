# Where the kernel takes privileges from the user namespaces of programs without a profile
# (kernel.apparmor_restrict_unprivileged_userns=1, as on Ubuntu 24.04), this lets an ordinary user's bcvk have them: layers are
# unpacked, and directories are served, with the owners that images have. Nothing else is allowed or forbidden by it: what
# confines these processes bcvk does itself.
abi <abi/4.0>,

include <tunables/global>

profile bcvk @PREFIX@/bin/bcvk flags=(unconfined) {
  userns,

  include if exists <local/bcvk>
}
