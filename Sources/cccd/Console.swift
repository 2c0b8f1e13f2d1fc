import FoundationEssentials
import Glibc

/// What the commands say to people.
enum Console {
    /// An error: what happened and what to do, on standard error.
    static func complain(_ text: String) { note("cccd: \(text)") }

    /// A line on standard error.
    static func note(_ text: String) { write(text + "\n") }

    /// Text on standard error as it is.
    static func write(_ text: String) {
        // Where nobody reads what is said, there is nobody to tell.
        try? SystemCalls.write(Array(text.utf8), to: STDERR_FILENO)
    }

    /// A JSON value on standard output, its keys in a stable order.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
