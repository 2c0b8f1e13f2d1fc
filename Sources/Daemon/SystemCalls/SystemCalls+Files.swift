import CMicroHTTPD
import Glibc

/// Files and folders.
extension SystemCalls {
    /// All that comes until the other end closes.
    /// - Throws: When it takes too long, or more than `limit` bytes come.
    static func readAll(_ descriptor: Int32, limit: Int) throws(SystemCallError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let capacity = buffer.count
            let count = try check("read") { Int32(clamping: unsafe Glibc.read(descriptor, &buffer, capacity)) }
            if count == 0 { return bytes }
            bytes += buffer.prefix(Int(count))
            guard bytes.count <= limit else { throw SystemCallError(call: "read", code: EFBIG) }
        }
    }

    /// The first `limit` bytes of a file.
    static func contents(of path: String, limit: Int) throws(SystemCallError) -> [UInt8] {
        let descriptor = try open(path, flags: O_RDONLY)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count < limit {
            let wanted = min(buffer.count, limit - bytes.count)
            let count = try check("read") { Int32(clamping: unsafe Glibc.read(descriptor, &buffer, wanted)) }
            if count == 0 { break }
            bytes += buffer.prefix(Int(count))
        }
        return bytes
    }

    /// Makes a file with this content, on the disk when this returns; a file that is there already is an error.
    static func createFile(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(SystemCallError) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = try check("open") {
            unsafe cccd_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        }
        do throws(SystemCallError) {
            var written = 0
            while written < bytes.count {
                let count = try check("write") {
                    unsafe bytes.withUnsafeBytes {
                        Int32(
                            clamping: unsafe Glibc.write(
                                descriptor, $0.baseAddress.map { unsafe $0 + written }, bytes.count - written))
                    }
                }
                written += Int(count)
            }
            try check("fsync") { fsync(descriptor) }
            // A link, unlike a rename, does not take the place of a file that another process made meanwhile.
            try check("link") { unsafe link(temporary, path) }
        } catch {
            close(descriptor)
            _ = unsafe Glibc.unlink(temporary)
            throw error
        }
        close(descriptor)
        try unlink(temporary)
    }

    static func makeFolder(_ path: String, mode: UInt32) throws(SystemCallError) {
        try check("mkdir") { unsafe mkdir(path, mode) }
    }

    static func open(_ path: String, flags: Int32) throws(SystemCallError) -> Int32 {
        try check("open") { unsafe Glibc.open(path, flags | O_CLOEXEC) }
    }

    /// Takes the advisory lock on an open file, if nobody else has it.
    static func lockWithoutWaiting(_ descriptor: Int32) throws(SystemCallError) {
        try check("flock") { flock(descriptor, LOCK_EX | LOCK_NB) }
    }

    static func setMode(_ mode: UInt32, of path: String) throws(SystemCallError) {
        try check("chmod") { unsafe chmod(path, mode) }
    }

    static func unlink(_ path: String) throws(SystemCallError) {
        try check("unlink") { unsafe Glibc.unlink(path) }
    }

    /// Which file a path names, told by device and inode; nil when there is none.
    static func identity(of path: String) -> FileIdentity? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return FileIdentity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), isSocket: status.st_mode & S_IFMT == S_IFSOCK)
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Writes all of `text`; what cannot be written is lost, since there is nobody to tell.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[written...])
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count > 0 { written += count } else if errno != EINTR { return }
            }
        }
    }
}

/// One file of one file system.
struct FileIdentity: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
    var isSocket: Bool
}
