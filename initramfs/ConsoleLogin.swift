/// Root's shell on the console, for the person who sits at it: there is no password that it could be asked for.
enum ConsoleLogin {
    static func write(_ terminal: String) throws(GuestError) {
        try Units.extend(
            "serial-getty@\(terminal).service",
            """
            [Service]
            ExecStart=
            ExecStart=-/sbin/agetty --autologin root --keep-baud 115200,57600,38400,9600 - $TERM

            """)
    }
}
