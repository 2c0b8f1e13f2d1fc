import Glibc

/// A system call that failed, with its `errno`.
struct SystemCallError: Error, Equatable, CustomStringConvertible {
    let code: Int32

    init(_ code: Int32 = errno) { self.code = code }

    var description: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// The system calls of the command line, each wrapped once: interrupted ones are repeated, `errno` becomes an error at the call.
enum SystemCalls {
    /// Makes a file that only its owner may read, and that was not there before.
    static func createPrivateFile(_ path: String) throws(SystemCallError) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemCallError() }
        return descriptor
    }

    /// Writes all of `bytes`.
    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemCallError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written >= 0 || errno == EINTR else { throw SystemCallError() }
            rest = rest.dropFirst(max(0, written))
        }
    }

    /// Waits until what was written is on the disk.
    static func synchronise(_ descriptor: Int32) throws(SystemCallError) {
        guard fsync(descriptor) == 0 else { throw SystemCallError() }
    }

    /// Gives a file another name; a file that had it is no more.
    static func rename(_ path: String, to newPath: String) throws(SystemCallError) {
        guard unsafe Glibc.rename(path, newPath) == 0 else { throw SystemCallError() }
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// What a command of the shell writes, at most 64 KiB; nil when it fails.
    static func output(ofShellCommand command: String) -> [UInt8]? {
        guard let stream = unsafe popen(command, "r") else { return nil }
        var output: [UInt8] = []
        while case let byte = unsafe getc(stream), byte != EOF, output.count < 65_536 {
            output.append(UInt8(truncatingIfNeeded: byte))
        }
        return unsafe pclose(stream) == 0 ? output : nil
    }
}
