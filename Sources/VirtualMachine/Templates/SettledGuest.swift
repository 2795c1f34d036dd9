internal import Glibc
package import GuestProtocol
internal import LinuxSystem
internal import Machine
internal import SystemPackage

/// What is done in a guest before its state is saved, once, so that not every machine that goes on from it does it again.
package enum SettledGuest {
    /// Does it. Some guests never come to rest: when their time is over, the wait ends first and, in the same time, all the rest.
    /// - Parameter note: told where the time was over.
    static func settle(_ record: MachineRecord, _ interruption: Interruption, note: (String) -> Void) throws {
        let seconds = record.accelerator == .kvm ? 60 : 180
        let execution = try GuestExecution(
            socket: FilePath(record.agentSocket), .execute(request(user: record.sshUser)))
        let timer = try TimerDescriptor(milliseconds: seconds * 1000)
        var signal = SIGTERM
        var isRestless = false
        _ = try execution.run(
            input: nil, output: { _ in }, errorOutput: { _ in },
            events: [
                (interruption.descriptor, { _ in try interruption.check() }),
                (
                    timer.descriptor,
                    { execution in
                        timer.drain()
                        isRestless = true
                        try execution.signal(signal)
                        signal = SIGKILL
                    }
                ),
            ])
        if isRestless { note("the machine does not come to rest in \(seconds) seconds: it is saved as it is") }
    }

    /// Needs a guest that has booted.
    /// - Parameter user: who will log in.
    package static func request(user: String) -> ExecuteRequest {
        ExecuteRequest(["/bin/sh", "-c", script, "settle", user])
    }

    /// Waits for what the default target does not wait for, and reads the files of a login: a machine that goes on would have to ask
    /// the host for each of them, in the middle of its first login. Nothing here leaves a trace, as a login would.
    /// The first SIGTERM ends the wait, another one nothing.
    static let script = #"""
        trap : TERM
        systemctl is-system-running --wait
        trap '' TERM
        for file in /etc/passwd /usr/lib/passwd; do
            [ -f "$file" ] || continue
            while IFS=: read -r name password uid gid comment home shell; do
                [ "$name" = "$1" ] && break 2
            done <"$file"
        done
        {
            for program in /usr/lib/openssh/sshd-* /usr/libexec/openssh/sshd-* /usr/lib/ssh/sshd-* \
                /usr/libexec/ssh/sshd-* "$shell"; do
                [ -x "$program" ] || continue
                printf '%s\n' "$program"
                ldd "$program" 2>/dev/null | while read -r name arrow library address; do
                    printf '%s\n' "$library"
                done
            done
            printf '%s\n' /usr/lib/security/pam_*.so /usr/lib64/security/pam_*.so /usr/lib/*/security/pam_*.so \
                /etc/pam.d/* /etc/security/*.conf /etc/environment /etc/default/locale /etc/shells \
                /etc/motd /etc/update-motd.d/* /usr/bin/run-parts /usr/bin/uname \
                /etc/profile /etc/profile.d/*.sh /etc/bash.bashrc /etc/bashrc \
                "$home/.profile" "$home/.bash_profile" "$home/.bashrc"
        } | sort -u | while read -r file; do
            [ -f "$file" ] && cat "$file"
        done
        sync
        """#
}
