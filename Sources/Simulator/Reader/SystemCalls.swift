import Glibc

/// The system calls of the Simulator, each wrapped once: EINTR is retried, errno becomes an error at the call.
@safe final class ReaderSocket: Sendable {
    private let descriptor: Int32

    /// Connects to a TCP port.
    ///
    /// - Throws: `system` with the reason, `noVirtualReader` being for the caller to say.
    init(host: String, port: UInt16) throws(SimulatorError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            throw .system(call: "getaddrinfo", reason: unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(list) }
        var failure = SimulatorError.system(call: "getaddrinfo", reason: "\(host) has no address")
        var candidate = unsafe list
        while let address = unsafe candidate {
            let family = unsafe address.pointee.ai_family
            let opened = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard opened >= 0 else { throw Self.error("socket") }
            if unsafe Self.connected(opened, address.pointee.ai_addr, address.pointee.ai_addrlen) {
                descriptor = opened
                // Without it each small answer would wait for the acknowledgement of the one before.
                switchOn(TCP_NODELAY)
                return
            }
            failure = Self.error("connect")
            _ = Glibc.close(opened)
            unsafe candidate = address.pointee.ai_next
        }
        throw failure
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Makes every call that waits on this socket return, now and later. The descriptor itself lives as long as the value.
    func shutDown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Exactly `count` bytes; nil when the other end closed the connection before the last of them.
    ///
    /// - Throws: `system` when the connection failed.
    func receive(_ count: Int) throws(SimulatorError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe recv(descriptor, buffer.baseAddress?.advanced(by: received), count - received, 0)
            }
            if got == 0 { return nil }
            if got < 0 {
                if errno == EINTR { continue }
                throw Self.error("recv")
            }
            received += got
            // The driver sends length and data apart, and the data only after the length is acknowledged. The kernel
            // forgets the option, so it is set each time.
            switchOn(TCP_QUICKACK)
        }
        return bytes
    }

    /// Sends all of `bytes`.
    ///
    /// - Throws: `system` when the connection failed.
    func send(_ bytes: [UInt8]) throws(SimulatorError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.error("send")
            }
            sent += count
        }
    }

    /// Sets an option of TCP that only makes it faster: a failure does no harm.
    private func switchOn(_ option: Int32) {
        var isOn: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), option, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects; a connection that a signal interrupts goes on by itself and is waited for.
    private static func connected(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> Bool
    {
        if unsafe connect(descriptor, address, length) == 0 { return true }
        guard errno == EINTR else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while unsafe poll(&waiting, 1, -1) < 0 {
            guard errno == EINTR else { return false }
        }
        var status: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size) == 0 else { return false }
        errno = status
        return status == 0
    }

    private static func error(_ call: String) -> SimulatorError {
        let number = errno
        return .system(call: call, reason: unsafe String(cString: strerror(number)))
    }
}

/// A thread of its own for work that blocks; such work never runs on the cooperative pool.
enum WorkerThread {
    /// Makes the calling thread wait.
    static func pause(milliseconds: Int) { pause(microseconds: milliseconds * 1000) }

    /// Makes the calling thread wait.
    static func pause(microseconds: Int) {
        var rest = timespec(tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
        var left = timespec()
        while unsafe nanosleep(&rest, &left) < 0, errno == EINTR { rest = left }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread that runs `body`.
    ///
    /// - Throws: `system` when the machine gives no thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SimulatorError) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { unsafe pthread_attr_destroy(&attributes) }
        let box = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            unsafe box.release()
            throw .system(call: "pthread_create", reason: unsafe String(cString: strerror(status)))
        }
    }
}
