import Glibc

/// SIGTERM, SIGINT and SIGHUP as something to wait for, instead of something that interrupts.
///
/// They are held back on this thread and on every thread that it starts from here on; nothing is done in a signal
/// handler. To be made by the program's first thread before there are others, and used and restored by the same one.
struct Signals: ~Copyable {
    /// What a signal asks for.
    enum Wish { case stop, reload }

    private let held: SystemCalls.HeldSignals

    /// Holds the signals back.
    init() { held = SystemCalls.holdBackSignals() }

    deinit { SystemCalls.restore(held) }

    /// Returns once one of the signals has come.
    func wait() -> Wish { SystemCalls.awaitSignal(held) == SIGHUP ? .reload : .stop }
}
