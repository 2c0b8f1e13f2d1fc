import CMicroHTTPD
import Glibc

/// A system call that failed: its name and `errno`.
struct SystemCallError: Error, Equatable, CustomStringConvertible {
    var call: String
    var code: Int32

    var description: String {
        guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
        return unsafe "\(call): \(String(cString: text))"
    }
}

/// The system calls of the daemon, each wrapped once: interrupted ones are repeated, `errno` becomes an error at the call.
enum SystemCalls {
    /// The longest path that a Unix socket's address can hold, in bytes.
    static let longestSocketPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    static func unixSocket() throws(SystemCallError) -> Int32 {
        try check("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
    }

    static func internetSocket() throws(SystemCallError) -> Int32 {
        try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
    }

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

    static func closeOnExec(_ descriptor: Int32) { _ = cccd_close_on_exec(descriptor) }

    /// How long a call may wait for a socket.
    static func setTimeLimit(_ seconds: Int, on descriptor: Int32) throws(SystemCallError) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            try check("setsockopt") { unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, size) }
        }
    }

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

    // MARK: Files

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

    /// The name of this machine.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    // MARK: Users

    /// The user that this process acts as.
    static var ownUser: UInt32 { geteuid() }

    /// The number of the user of this name.
    static func userNumber(_ name: String) -> UInt32? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65536)
        guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.pw_uid
    }

    /// The number of the group of this name.
    static func groupNumber(_ name: String) -> UInt32? {
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.gr_gid
    }

    /// Ends both directions of a connection without giving its descriptor back.
    static func shutDown(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
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

    /// Sleeps for a whole number of milliseconds, or less when a signal comes.
    static func sleep(milliseconds: UInt32) {
        _ = usleep(milliseconds &* 1000)
    }

    // MARK: The process

    /// The value of a variable of the environment.
    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(validatingCString: value)
    }

    static func unsetEnvironment(_ name: String) { _ = unsafe unsetenv(name) }

    /// Microseconds of CLOCK_MONOTONIC.
    static var monotonicMicroseconds: Int {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }

    /// Bytes of memory in use and open descriptors of this process; nil where /proc is not there.
    static func ownUsage() -> (residentBytes: Int, descriptors: Int)? {
        guard let text = try? contents(of: "/proc/self/statm", limit: 256), let folder = unsafe opendir("/proc/self/fd")
        else { return nil }
        defer { unsafe closedir(folder) }
        var count = -3  // `.`, `..`, and the folder itself
        while unsafe readdir(folder) != nil { count += 1 }
        let pages = String(decoding: text, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return ((pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))), max(0, count))
    }

    /// Signals that are held back, and what was held back before.
    struct HeldSignals {
        fileprivate var signals: sigset_t
        fileprivate var former: sigset_t
    }

    /// Holds back the signals that ask a process to end or to read its configuration again, on this thread and those that it starts.
    static func holdBackSignals() -> HeldSignals {
        var held = HeldSignals(signals: sigset_t(), former: sigset_t())
        unsafe sigemptyset(&held.signals)
        unsafe sigaddset(&held.signals, SIGTERM)
        unsafe sigaddset(&held.signals, SIGINT)
        unsafe sigaddset(&held.signals, SIGHUP)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &held.signals, &held.former)
        return held
    }

    /// Waits for one of the signals that are held back on this thread, and returns its number.
    static func awaitSignal(_ held: HeldSignals) -> Int32 {
        var signals = held.signals
        var number: Int32 = 0
        while unsafe sigwait(&signals, &number) != 0 {}
        return number
    }

    /// Holds back what was held back before.
    static func restore(_ held: HeldSignals) {
        var former = held.former
        _ = unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
    }

    /// Writing to a pipe that nobody reads any more is an error of the call, not the end of the process.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Raises the limit of open descriptors to `count` where the system allows it.
    static func allowDescriptors(_ count: Int) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let wanted = min(rlim_t(clamping: count), limit.rlim_max)
        guard wanted > limit.rlim_cur else { return }
        limit.rlim_cur = wanted
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    // MARK: Watching descriptors

    static func makeWatch() throws(SystemCallError) -> Int32 {
        try check("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    }

    /// Asks the watch to tell `identifier` once, when the other end of `descriptor` has closed it wholly.
    ///
    /// Over TCP that cannot be told from closing one direction, which no browser does.
    static func watchForHangUp(_ descriptor: Int32, identifier: UInt64, on watch: Int32) throws(SystemCallError) {
        let halfClose = isInternetSocket(descriptor) ? EPOLLRDHUP.rawValue : 0
        let conditions = EPOLLHUP.rawValue | EPOLLERR.rawValue | EPOLLONESHOT.rawValue | halfClose
        try add(descriptor, conditions: conditions, identifier: identifier, to: watch)
    }

    /// Asks the watch to tell `identifier` whenever `descriptor` can be read.
    static func watchForInput(_ descriptor: Int32, identifier: UInt64, on watch: Int32) throws(SystemCallError) {
        try add(descriptor, conditions: EPOLLIN.rawValue, identifier: identifier, to: watch)
    }

    private static func add(
        _ descriptor: Int32, conditions: UInt32, identifier: UInt64, to watch: Int32
    ) throws(SystemCallError) {
        var event = unsafe epoll_event(events: conditions, data: epoll_data_t(u64: identifier))
        try check("epoll_ctl") { unsafe epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) }
    }

    static func unwatch(_ descriptor: Int32, on watch: Int32) {
        _ = epoll_ctl(watch, EPOLL_CTL_DEL, descriptor, nil)
    }

    /// Waits for events and returns their identifiers.
    static func awaitEvents(on watch: Int32) throws(SystemCallError) -> [UInt64] {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        let capacity = unsafe Int32(events.count)
        let count = try check("epoll_wait") { unsafe epoll_wait(watch, &events, capacity, -1) }
        return unsafe events.prefix(Int(count)).map { unsafe $0.data.u64 }
    }

    /// A descriptor that can be read once it is signalled.
    static func makeWakeUp() throws(SystemCallError) -> Int32 {
        try check("eventfd") { eventfd(0, Int32(EFD_CLOEXEC)) }
    }

    static func signalWakeUp(_ wakeUp: Int32) {
        _ = eventfd_write(wakeUp, 1)
    }

    // MARK: -

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

    @discardableResult
    private static func check(_ name: String, _ call: () -> Int32) throws(SystemCallError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw SystemCallError(call: name, code: errno) }
        }
    }
}

/// One file of one file system.
struct FileIdentity: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
    var isSocket: Bool
}
