/// SIGTERM and SIGINT as something to wait for, instead of something that interrupts.
///
/// They are held back on this thread and on every thread that it starts from here on; nothing is done in a signal
/// handler. To be made by the program's first thread before there are others, and used and restored by the same one.
struct StopSignals: ~Copyable {
    private let held: SystemCalls.HeldSignals

    /// Holds the signals back.
    init() { held = SystemCalls.holdBackStopSignals() }

    deinit { SystemCalls.restore(held) }

    /// Returns once one of the signals has come.
    func wait() { SystemCalls.awaitSignal(held) }
}
