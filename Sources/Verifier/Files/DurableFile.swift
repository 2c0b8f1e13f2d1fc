import Glibc

/// A system call that failed.
struct SystemCallFailure: Error, CustomStringConvertible {
    let call: String
    let number: Int32

    var description: String { "\(call): \(unsafe String(cString: strerror(number)))" }
}

/// Files that are replaced as a whole: after a crash or a loss of power there is the old one or the new.
enum DurableFile {
    /// Writes `bytes` beside `path`, to the disk, and then gives them its name.
    static func replace(_ path: String, with bytes: [UInt8]) throws(SystemCallFailure) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = try check("open", unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644))
        do throws(SystemCallFailure) {
            try writeAll(bytes, to: descriptor)
            try check("fsync", fsync(descriptor))
        } catch {
            close(descriptor)
            unsafe unlink(temporary)
            throw error
        }
        close(descriptor)
        try check("rename", unsafe rename(temporary, path))
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let folderDescriptor = try check("open", unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { close(folderDescriptor) }
        try check("fsync", fsync(folderDescriptor))
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemCallFailure) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            try check("write", Int32(clamping: count))
            written += count
        }
    }

    @discardableResult
    private static func check(_ call: String, _ result: Int32) throws(SystemCallFailure) -> Int32 {
        guard result >= 0 else { throw SystemCallFailure(call: call, number: errno) }
        return result
    }
}
