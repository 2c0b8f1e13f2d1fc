import CSeccomp
import Glibc

/// The system calls around a child process, each wrapped once: EINTR is retried, errno becomes an error at the call.
///
/// The child gets a socket as its standard input and output, nothing on standard error, no other descriptor and no
/// environment. It is killed, and its status taken, when this value ends.
@safe struct ChildProcess: ~Copyable {
    /// How a process ended.
    enum End: Equatable {
        case exited(Int32)
        case killed(Int32)
    }

    private let identifier: pid_t
    private let socket: Int32
    private var status: Int32?

    /// - Throws: `notStarted`.
    init(program: String, arguments: [String]) throws(PortraitError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        else {
            throw Self.failure("socketpair", errno)
        }
        defer { close(ends[1]) }
        let (started, number) = Self.spawn(program, arguments, ends[1])
        guard number == 0 else {
            close(ends[0])
            throw Self.failure("posix_spawn", number)
        }
        identifier = started
        socket = ends[0]
    }

    deinit {
        close(socket)
        guard status == nil else { return }
        kill(identifier, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    }

    /// Sends `request`, and takes what the child writes until it closes its end.
    ///
    /// - Throws: `timedOut`; `invalidAnswer` for more than `limit` bytes.
    func answer(to request: [UInt8], limit: Int, deadline: ContinuousClock.Instant) throws(PortraitError) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var sent = 0
        var isSending = true
        while true {
            if isSending, sent == request.count {
                shutdown(socket, Int32(SHUT_WR))
                isSending = false
            }
            var wanted = pollfd(fd: socket, events: Int16(isSending ? POLLIN | POLLOUT : POLLIN), revents: 0)
            guard let left = Self.milliseconds(until: deadline) else { throw .timedOut }
            let ready = unsafe poll(&wanted, 1, left)
            if ready == 0 { throw .timedOut }
            if ready < 0 {
                guard errno == EINTR else { throw Self.failure("poll", errno) }
                continue
            }
            if isSending, wanted.revents & Int16(POLLOUT) != 0 {
                let count = unsafe request.withUnsafeBytes { bytes in
                    unsafe send(
                        socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
                        Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                if count >= 0 {
                    sent += count
                } else if errno != EINTR, errno != EAGAIN {
                    // It reads no more; what it has to say about that may still come.
                    isSending = false
                }
            }
            guard wanted.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { continue }
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(socket, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
            }
            if count == 0 { return answer }
            if count < 0 {
                // A connection that was reset is at its end.
                guard errno == EINTR || errno == EAGAIN else { return answer }
                continue
            }
            guard answer.count + count <= limit else { throw .invalidAnswer }
            answer += buffer.prefix(count)
        }
    }

    /// How the child ended.
    ///
    /// - Throws: `timedOut` when it does not end by `deadline`.
    mutating func end(by deadline: ContinuousClock.Instant) throws(PortraitError) -> End {
        while true {
            var status: Int32 = 0
            let found = unsafe waitpid(identifier, &status, WNOHANG)
            if found == identifier {
                self.status = status
                let signal = status & 0x7F
                return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
            }
            if found < 0, errno != EINTR {
                // Somebody else took its status, so its identifier may be another's.
                self.status = 0
                throw Self.failure("waitpid", errno)
            }
            guard Self.milliseconds(until: deadline) != nil else { throw .timedOut }
            // It closed its socket, and ends within moments as a rule.
            var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
            unsafe nanosleep(&pause, nil)
        }
    }

    /// What is left, rounded up; nil when nothing is.
    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32? {
        let left = (deadline - ContinuousClock.now).components
        guard left.seconds >= 0, left.attoseconds >= 0, left.seconds > 0 || left.attoseconds > 0 else { return nil }
        return Int32(min(left.seconds, 3600)) * 1000 + Int32(left.attoseconds / 1_000_000_000_000_000) + 1
    }

    /// Starts a program with `socket` as its standard input and output; its identifier and 0, or the number of an error.
    private static func spawn(_ program: String, _ arguments: [String], _ socket: Int32) -> (pid_t, Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        unsafe cccd_close_from(&actions, 3)

        // Signals as a fresh program expects them, whatever this thread blocks.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var identifier: pid_t = 0
        let number = unsafe posix_spawn(&identifier, program, &actions, &attributes, &words, &environment)
        return (identifier, number)
    }

    private static func failure(_ call: String, _ number: Int32) -> PortraitError {
        .notStarted(reason: "\(call): \(unsafe String(cString: strerror(number)))")
    }
}
