import Glibc

/// The process: its users, environment, signals and limits.
extension SystemCalls {
    /// The name of this machine.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

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

    /// Lets other threads that are ready to run go first.
    static func yieldProcessor() { sched_yield() }

    /// Sleeps for a whole number of milliseconds, or less when a signal comes.
    static func sleep(milliseconds: UInt32) {
        _ = usleep(milliseconds &* 1000)
    }

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

    /// Milliseconds since 1970 in UTC.
    static var millisecondsSince1970: Int {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// Nanoseconds of a clock that never goes back.
    static var monotonicNanoseconds: Int {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000_000 + now.tv_nsec
    }

    /// How many processors there are to run on.
    static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// A number for the thread that asks.
    static var thread: UInt { UInt(pthread_self()) }

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
}
