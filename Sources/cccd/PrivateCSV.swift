import Glibc

/// A file of comma-separated values (RFC 4180) that only its owner may read. What cannot be written is told at `close`.
final class PrivateCSV {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var failure: Int32 = 0

    /// - Throws: `UsageError` when the file cannot be made.
    init(path: String, header: [String]) throws(UsageError) {
        self.path = path
        // Removed first, so that whoever may read an old file is not given the new one.
        _ = unsafe unlink(path)
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.error(path, errno) }
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
        guard failure == 0, fsync(descriptor) == 0 else { throw Self.error(path, failure == 0 ? errno : failure) }
    }

    private func flush() {
        var rest = buffer[...]
        while !rest.isEmpty, failure == 0 {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { failure = errno }
            rest = rest.dropFirst(max(0, written))
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func error(_ path: String, _ number: Int32) -> UsageError {
        UsageError(description: "cannot write \(path): \(unsafe String(cString: strerror(number)))")
    }
}
