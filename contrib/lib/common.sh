# shellcheck shell=bash
# What the scripts share. Sourced, never run.

# The checkout's top.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Words for people go to standard error.
say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# Runs a command as root: directly, or by sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# has_package NAME: whether the distribution's package is installed.
has_package() {
    if command -v dpkg-query >/dev/null; then
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
    else
        rpm -q "$1" >/dev/null 2>&1
    fi
}

# need_packages NAME…: installs what is missing. Nothing is asked of the network when nothing is.
need_packages() {
    local name missing=()
    for name in "$@"; do has_package "$name" || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing: ${missing[*]}"
    if command -v apt-get >/dev/null; then
        as_root apt-get -qq update >&2
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >&2
    elif command -v dnf >/dev/null; then
        as_root dnf -q -y install "${missing[@]}" >&2
    else
        die "neither apt-get nor dnf: install by hand: ${missing[*]}"
    fi
}

# The distribution's identity: ID and VERSION_ID of os-release.
os_id() { (. /etc/os-release && printf '%s' "$ID"); }
os_version() { (. /etc/os-release && printf '%s' "${VERSION_ID:-}"); }

# Whether this is Debian 12, whose QEMU and virtiofsd are too old for some of what bcvk can do.
is_debian_12() { [ "$(os_id)" = debian ] && [ "$(os_version)" = 12 ]; }

# Puts the Swift compiler on PATH.
need_swift() {
    command -v swift >/dev/null && return 0
    local directory
    for directory in /opt/swift/usr/bin /usr/libexec/swift/bin "$HOME/.local/share/swiftly/bin"; do
        if [ -x "$directory/swift" ]; then
            PATH=$PATH:$directory
            return 0
        fi
    done
    die "Swift 6.3 is not installed: see swift.org/install, or put its bin directory on PATH"
}

# Where images are kept between runs.
images_directory() { printf '%s' "${BCVK_IMAGES:-${XDG_CACHE_HOME:-$HOME/.cache}/bcvk-images}"; }

# Where host-tools puts its programs.
host_tools_directory() {
    if [ "$(id -u)" = 0 ]; then printf /opt/bcvk/host-tools; else printf '%s' "$HOME/.local/share/bcvk/host-tools"; fi
}
