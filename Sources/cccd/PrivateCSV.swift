import Glibc

/// A file of comma-separated values (RFC 4180) that only its owner may read. What cannot be written is told at `close`.
final class PrivateCSV {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var failure: SystemCallError?

    /// - Throws: `UsageError` when the file cannot be made.
    init(path: String, header: [String]) throws(UsageError) {
        self.path = path
        // Removed first, so that whoever may read an old file is not given the new one.
        SystemCalls.remove(path)
        do throws(SystemCallError) {
            descriptor = try SystemCalls.createPrivateFile(path)
        } catch {
            throw Self.error(path, error)
        }
        write(header)
    }

    deinit { Glibc.close(descriptor) }

    /// Writes a line; nil is an empty field.
    func write(_ fields: [String?]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            let text = field ?? ""
            if text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 < 0x20 }) {
                buffer.append(UInt8(ascii: "\""))
                for byte in text.utf8 {
                    buffer.append(byte)
                    if byte == UInt8(ascii: "\"") { buffer.append(byte) }
                }
                buffer.append(UInt8(ascii: "\""))
            } else {
                buffer += Array(text.utf8)
            }
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count > 1 << 16 { flush() }
    }

    /// Writes what is left.
    /// - Throws: `UsageError` when not all could be written.
    func close() throws(UsageError) {
        flush()
        attempt { () throws(SystemCallError) in try SystemCalls.synchronise(descriptor) }
        if let failure { throw Self.error(path, failure) }
    }

    private func flush() {
        attempt { () throws(SystemCallError) in try SystemCalls.write(buffer, to: descriptor) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Does nothing more once something failed: that is what `close` tells.
    private func attempt(_ call: () throws(SystemCallError) -> Void) {
        guard failure == nil else { return }
        do throws(SystemCallError) { try call() } catch { failure = error }
    }

    private static func error(_ path: String, _ error: SystemCallError) -> UsageError {
        UsageError(description: "cannot write \(path): \(error)")
    }
}
