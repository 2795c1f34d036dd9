#!/bin/sh
# Tests as lines of shell, each in a machine of its own; prints them in the Test Anything Protocol.
#   contrib/harness/example.sh IMAGE
# Environment: BCVK names the program where it is not in PATH.
set -u
image=${1:?"usage: example.sh IMAGE"}
bcvk=${BCVK:-bcvk}
number=0 failures=0

check() { # NAME LINE
    number=$((number + 1))
    # The code is the line's own; 124 and 125 say that the machine, not the line, is to blame.
    "$bcvk" ephemeral run --memory 1G --timeout 600 --execute "$2" "$image" >/dev/null 2>&1
    code=$?
    if [ "$code" = 0 ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1 # exit code $code"
        failures=$((failures + 1))
    fi
}

check "the system is up" 'systemctl is-system-running --wait'
check "/usr is read-only" '! touch /usr/x 2>/dev/null && test "$(findmnt --noheadings --output FSTYPE /)" = virtiofs'
echo "1..$number"
[ "$failures" = 0 ]
