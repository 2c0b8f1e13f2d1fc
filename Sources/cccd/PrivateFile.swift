import FoundationEssentials
import Glibc

/// A file that only its owner may read.
enum PrivateFile {
    /// Writes `bytes` whole or not at all: to a file beside `path`, which then takes its place.
    ///
    /// - Throws: `UsageError` when the file cannot be written; then a file that was there is still there.
    static func write(_ bytes: [UInt8], to path: String) throws(UsageError) {
        let temporary = path + ".\(UUID().uuidString.prefix(8)).part"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw error(path, errno) }
        var failure: Int32 = 0
        var rest = bytes[...]
        while !rest.isEmpty, failure == 0 {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { failure = errno }
            rest = rest.dropFirst(max(0, written))
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        if failure == 0, unsafe rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            _ = unsafe unlink(temporary)
            throw error(path, failure)
        }
    }

    private static func error(_ path: String, _ number: Int32) -> UsageError {
        UsageError(description: "cannot write \(path): \(unsafe String(cString: strerror(number)))")
    }
}
