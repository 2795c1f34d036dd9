import DiskImage
import LinuxSystem

/// A machine of the image that makes an initramfs with the image's own tool.
struct InitramfsMachine {
    let image: String
    let release: String

    /// Runs dracut or mkinitramfs there. The result comes back as the command's standard output.
    func make() throws -> [UInt8] {
        // This very program, so that everything that a machine takes is in one place.
        let program = ChildProgram(
            try ProgramSearch.ownExecutable(),
            ["ephemeral", "run-ssh", "--root", "writable", image, "--", "sh", "-c", Self.script, "sh", release])
        let result = try program.run()
        guard result.exit == .exited(0), !result.output.isEmpty else {
            throw DiskImageError.initramfsNotMade(image: image, reason: result.errorText)
        }
        return result.output
    }

    /// For any machine, not for the one in which it is made.
    private static let script = """
        set -e
        out=/tmp/bcvk-initramfs.img
        if command -v dracut >/dev/null; then
            dracut --force --no-hostonly --no-hostonly-cmdline --kver "$1" "$out" >&2
        elif command -v mkinitramfs >/dev/null; then
            mkinitramfs -o "$out" "$1" >&2
        else
            echo "the image has neither dracut nor initramfs-tools" >&2
            exit 1
        fi
        cat "$out"
        """
}
