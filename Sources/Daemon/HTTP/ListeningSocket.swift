import Glibc

/// A Unix socket, or a port of this machine alone, that listens.
///
/// Made by `bind`, which also removes its file at the end, or adopted from the service manager, who keeps the file.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    let path: String
    /// The file that we made; nil when the socket was inherited, and once it is removed.
    private let ownFile: Guarded<FileIdentity?>

    private init(descriptor: Int32, path: String, ownFile: FileIdentity?) {
        self.descriptor = descriptor
        self.path = path
        self.ownFile = Guarded(ownFile)
    }

    deinit {
        removeFile()
        SystemCalls.close(descriptor)
    }

    /// Makes the socket at `path` and listens.
    ///
    /// A socket file that nobody listens at, left by a daemon that died, is replaced. Nobody can connect before the
    /// mode is set.
    /// - Parameter mode: The permission bits of the socket's file; who may write to it may connect.
    /// - Throws: `DaemonError.socketInUse` when somebody answers there, `notASocket`, `socketUnusable`.
    static func bind(path: String, mode: UInt32, backlog: Int32 = 512) throws(DaemonError) -> ListeningSocket {
        guard path.hasPrefix("/") else { throw .socketUnusable(path: path, reason: "the path must begin with a slash") }
        guard path.utf8.count <= SystemCalls.longestSocketPath else {
            throw .socketUnusable(path: path, reason: "the path is longer than \(SystemCalls.longestSocketPath) bytes")
        }
        // Two daemons that start at the same time must not each take the other's fresh socket for a dead one.
        let folder = try lockFolder(of: path)
        defer { SystemCalls.close(folder) }

        switch try occupant(of: path) {
        case .nobody: break
        case .deadSocket: try telling(path) { () throws(SystemCallError) in try SystemCalls.unlink(path) }
        case .liveSocket: throw .socketInUse(path: path)
        case .otherFile: throw .notASocket(path: path)
        }
        return try telling(path) { () throws(SystemCallError) in
            try listen(path: path, mode: mode, backlog: backlog)
        }
    }

    /// Takes over a socket that already listens, made by the service manager; its file stays when we stop.
    /// - Throws: `DaemonError.socketUnusable` when the descriptor is not a listening socket.
    static func adopt(descriptor: Int32) throws(DaemonError) -> ListeningSocket {
        guard SystemCalls.isListening(descriptor) else {
            throw .socketUnusable(path: "descriptor \(descriptor)", reason: "it is not a listening socket")
        }
        let path = SystemCalls.boundPath(descriptor) ?? "descriptor \(descriptor)"
        return ListeningSocket(descriptor: descriptor, path: path, ownFile: nil)
    }

    /// Listens on a port of 127.0.0.1.
    /// - Parameter port: 0 takes any that is free.
    /// - Throws: `DaemonError.socketUnusable`.
    static func bindLoopback(port: UInt16, backlog: Int32 = 512) throws(DaemonError) -> ListeningSocket {
        let name = "127.0.0.1:\(port)"
        return try telling(name) { () throws(SystemCallError) in
            let descriptor = try SystemCalls.internetSocket()
            let socket = ListeningSocket(descriptor: descriptor, path: name, ownFile: nil)
            try SystemCalls.bindLoopback(descriptor, port: port)
            try SystemCalls.listen(descriptor, backlog: backlog)
            return socket
        }
    }

    /// Whether browsers can reach it: it listens on a port, not on a Unix socket.
    var isInternet: Bool { SystemCalls.isInternetSocket(descriptor) }

    /// Removes the socket's file, unless it was inherited or somebody else's stands there by now.
    func removeFile() {
        ownFile.withLock { file in
            defer { file = nil }
            guard let own = file, SystemCalls.identity(of: path) == own else { return }
            try? SystemCalls.unlink(path)
        }
    }

    private enum Occupant { case nobody, deadSocket, liveSocket, otherFile }

    private static func occupant(of path: String) throws(DaemonError) -> Occupant {
        guard let file = SystemCalls.identity(of: path) else { return .nobody }
        guard file.isSocket else { return .otherFile }
        let probe = try telling(path) { () throws(SystemCallError) in try SystemCalls.unixSocket() }
        defer { SystemCalls.close(probe) }
        do throws(SystemCallError) {
            try SystemCalls.connect(probe, to: path)
            return .liveSocket
        } catch {
            switch error.code {
            case ECONNREFUSED: return .deadSocket
            case ENOENT: return .nobody
            // EAGAIN: somebody listens whose queue is full. EACCES: we may not even ask.
            case EAGAIN: return .liveSocket
            default: throw .socketUnusable(path: path, reason: error.description)
            }
        }
    }

    private static func listen(path: String, mode: UInt32, backlog: Int32) throws(SystemCallError) -> ListeningSocket {
        let descriptor = try SystemCalls.unixSocket()
        do throws(SystemCallError) {
            try SystemCalls.bind(descriptor, to: path)
        } catch {
            SystemCalls.close(descriptor)
            throw error
        }
        let socket = ListeningSocket(descriptor: descriptor, path: path, ownFile: SystemCalls.identity(of: path))
        try SystemCalls.setMode(mode, of: path)
        try SystemCalls.listen(descriptor, backlog: backlog)
        return socket
    }

    /// The folder of `path`, open and locked; the lock ends when the descriptor is closed.
    private static func lockFolder(of path: String) throws(DaemonError) -> Int32 {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "/"
        return try telling(path) { () throws(SystemCallError) in
            let descriptor = try SystemCalls.open(folder, flags: O_RDONLY | O_DIRECTORY)
            for attempt in 0... {
                do throws(SystemCallError) {
                    try SystemCalls.lockWithoutWaiting(descriptor)
                    break
                } catch {
                    guard error.code == EWOULDBLOCK, attempt < 200 else {
                        SystemCalls.close(descriptor)
                        throw error
                    }
                    SystemCalls.sleep(milliseconds: 10)
                }
            }
            return descriptor
        }
    }

    private static func telling<Result>(
        _ path: String, _ body: () throws(SystemCallError) -> Result
    ) throws(DaemonError) -> Result {
        do throws(SystemCallError) {
            return try body()
        } catch {
            throw .socketUnusable(path: path, reason: error.description)
        }
    }
}
