import CMicroHTTPD
import Glibc

/// Sockets, and who is at their other end.
extension SystemCalls {
    /// The longest path that a Unix socket's address can hold, in bytes.
    static let longestSocketPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    static func unixSocket() throws(SystemCallError) -> Int32 {
        try check("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
    }

    static func internetSocket() throws(SystemCallError) -> Int32 {
        try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
    }

    /// Calls that would wait return at once instead, with EAGAIN.
    static func makeNonblocking(_ descriptor: Int32) { _ = cccd_make_nonblocking(descriptor) }

    /// Binds to a port of 127.0.0.1; 0 takes any that is free.
    static func bindLoopback(_ descriptor: Int32, port: UInt16) throws(SystemCallError) {
        var yes: Int32 = 1
        try check("setsockopt SO_REUSEADDR") {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        try check("bind") { cccd_bind_loopback(descriptor, port) }
    }

    static func connectLoopback(_ descriptor: Int32, port: UInt16) throws(SystemCallError) {
        try check("connect") { cccd_connect_loopback(descriptor, port) }
    }

    /// The port that an internet socket is bound to; nil for any other.
    static func boundPort(_ descriptor: Int32) -> UInt16? {
        let port = cccd_bound_port(descriptor)
        return port == 0 ? nil : port
    }

    /// The path that a Unix socket is bound to; nil for any other.
    static func boundPath(_ descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe getsockname(descriptor, generic, &size)
            }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let bytes = unsafe withUnsafeBytes(of: &address.sun_path) { unsafe $0.prefix { $0 != 0 }.map { $0 } }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// Whether it is a socket of the internet's family, and not a Unix socket.
    static func isInternetSocket(_ descriptor: Int32) -> Bool {
        var domain: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_INET
    }

    /// How long a call may wait for a socket.
    static func setTimeLimit(_ seconds: Int, on descriptor: Int32) throws(SystemCallError) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            try check("setsockopt") { unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, size) }
        }
    }

    /// Sends one datagram to a Unix socket; a name that begins with `@` is in the abstract namespace.
    static func sendDatagram(_ text: String, to path: String) throws(SystemCallError) {
        let socket = try check("socket") {
            Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        }
        defer { close(socket) }
        var address = try address(of: path)
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        if path.hasPrefix("@") {
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0[0] = 0 }
        }
        let size = socklen_t(offset + path.utf8.count + (path.hasPrefix("@") ? 0 : 1))
        let bytes = Array(text.utf8)
        try check("sendto") {
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe bytes.withUnsafeBytes {
                        Int32(
                            clamping: unsafe sendto(
                                socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), generic, size))
                    }
                }
            }
        }
    }

    /// - Parameter path: At most `longestSocketPath` bytes of UTF-8.
    static func bind(_ descriptor: Int32, to path: String) throws(SystemCallError) {
        var address = try address(of: path)
        try check("bind") {
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe Glibc.bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    /// - Parameter path: At most `longestSocketPath` bytes of UTF-8.
    static func connect(_ descriptor: Int32, to path: String) throws(SystemCallError) {
        var address = try address(of: path)
        try check("connect") {
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    static func listen(_ descriptor: Int32, backlog: Int32) throws(SystemCallError) {
        try check("listen") { Glibc.listen(descriptor, backlog) }
    }

    /// Whether the descriptor is a socket that listens for connections.
    static func isListening(_ descriptor: Int32) -> Bool {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0 && isListening != 0
    }

    /// The process at the other end of a connected Unix socket, as it was when it connected.
    static func peerCredentials(_ descriptor: Int32) throws(SystemCallError) -> PeerCredentials {
        var credentials = cccd_peer_credentials()
        var size = socklen_t(MemoryLayout<cccd_peer_credentials>.size)
        try check("getsockopt SO_PEERCRED") {
            unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
        }
        return PeerCredentials(
            pid: credentials.pid, uid: credentials.uid, gid: credentials.gid, groups: peerGroups(descriptor))
    }

    /// The supplementary groups of the process at the other end; empty when the kernel does not tell.
    private static func peerGroups(_ descriptor: Int32) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            var size = socklen_t(clamping: groups.count * MemoryLayout<gid_t>.stride)
            let result = unsafe getsockopt(descriptor, SOL_SOCKET, CCCD_SO_PEERGROUPS, &groups, &size)
            let count = Int(size) / MemoryLayout<gid_t>.stride
            if result == 0 { return Array(groups.prefix(count)) }
            guard errno == ERANGE, count > groups.count, count <= 65536 else { return [] }
            groups = [gid_t](repeating: 0, count: count)
        }
    }

    /// Ends both directions of a connection without giving its descriptor back.
    static func shutDown(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Whether bytes have come on a connection that were not read yet. Does not wait.
    static func hasUnreadBytes(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    /// Takes no more bytes from a connection than have come; nor can the other end of a Unix socket send any.
    static func shutDownReading(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RD))
    }

    private static func address(of path: String) throws(SystemCallError) -> sockaddr_un {
        let bytes = Array(path.utf8)
        guard bytes.count <= longestSocketPath, !bytes.contains(0) else {
            throw SystemCallError(call: "socket address", code: ENAMETOOLONG)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return address
    }
}
