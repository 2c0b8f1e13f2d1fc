import Glibc

/// One line on standard error that is written over, when that is a terminal; otherwise nothing.
final class ProgressMeter {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var width = 0

    /// Replaces the line; false where there is none.
    @discardableResult
    func show(_ text: String) -> Bool {
        guard isTerminal else { return false }
        Console.write("\r" + text + String(repeating: " ", count: max(0, width - text.count)))
        width = text.count
        return true
    }

    /// Removes the line.
    func clear() {
        guard isTerminal, width > 0 else { return }
        show("")
        Console.write("\r")
        width = 0
    }
}
