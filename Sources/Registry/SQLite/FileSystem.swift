import Glibc

/// The system calls that a registry needs beside SQLite's own, each wrapped once.
enum FileSystem {
    static let noSuchFile = ENOENT
    static let accessDenied = EACCES
    static let notOwner = EPERM

    /// Seconds since 1970 in UTC.
    static var now: Int { time(nil) }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The path with its symbolic links followed; as it is when there is nothing there.
    static func resolved(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Removes a file; a file that is not there is no error.
    static func remove(_ path: String) throws(RegistryError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure(path, "remove") }
    }

    /// Puts the file at `source` in the place of the one at `target` in one step, lasting through a loss of power.
    static func replace(_ target: String, with source: String) throws(RegistryError) {
        try synchronise(source)
        guard unsafe rename(source, target) == 0 else { throw failure(target, "replace") }
        try synchronise(folder(of: target))
    }

    /// Gives `path` the owner and mode of `model`, or the mode of a new registry when there is no model.
    ///
    /// Only a privileged user may give a file away; for everybody else the owner stays.
    static func setAccess(of path: String, like model: String) throws(RegistryError) {
        var status = stat()
        guard unsafe stat(model, &status) == 0 else {
            guard unsafe chmod(path, 0o640) == 0 else { throw failure(path, "set the mode of") }
            return
        }
        _ = unsafe chown(path, status.st_uid, status.st_gid)
        guard unsafe chmod(path, status.st_mode & 0o777) == 0 else { throw failure(path, "set the mode of") }
    }

    /// Seconds since 1970 of the file's last change; nil when there is no such file.
    static func modificationTime(_ path: String) -> Int? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return status.st_mtim.tv_sec
    }

    /// The folder that holds `path`.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func failure(_ path: String, _ operation: String) -> RegistryError {
        let number = errno
        switch number {
        case ENOENT where operation == "open": return .missing(path: path)
        case EACCES, EPERM: return .notPermitted(path: path, reason: text(number))
        default: return .fileFailure(path: path, operation: operation, reason: text(number))
        }
    }

    private static func text(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }

    private static func synchronise(_ path: String) throws(RegistryError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "write") }
    }
}

/// The bytes of a file or of standard input, one piece after the other.
struct InputFile: ~Copyable {
    /// The file's size in bytes; nil for a pipe.
    let byteCount: Int?
    private let descriptor: Int32
    private let path: String

    /// - Parameter path: "-" is standard input.
    init(path: String) throws(RegistryError) {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystem.failure(path, "open") }
        var status = stat()
        let isFile = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        byteCount = isFile ? status.st_size : nil
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Appends at most `count` bytes to `bytes`; appends none at the end of the file.
    func read(_ count: Int, appendingTo bytes: inout [UInt8]) throws(RegistryError) {
        let before = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        var received: Int
        repeat {
            received = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + before }, count)
            }
        } while received < 0 && errno == EINTR
        guard received >= 0 else { throw FileSystem.failure(path, "read") }
        bytes.removeLast(count - received)
    }
}

/// Holds a registry for one load at a time, also between programs. The system lets go of it when the program ends.
struct LoadLock: ~Copyable {
    private let descriptor: Int32

    /// A file of its own, because closing a descriptor of the database would drop SQLite's locks on it.
    init(for path: String) throws(RegistryError) {
        let lockPath = path + ".lock"
        let descriptor = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw FileSystem.failure(lockPath, "open") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .loadRunning(path: path)
        }
        // Whoever may load into the registry may take the lock.
        if FileSystem.exists(path) { try? FileSystem.setAccess(of: lockPath, like: path) }
        self.descriptor = descriptor
    }

    deinit {
        // A child that is just being made may have the descriptor too, and hold the lock until it runs its program.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
