import CSeccomp
import Glibc

/// Puts this process behind limits that it cannot leave: the system calls that it may make, and what it may use.
enum Confinement {
    /// The system calls of a process that reads its input, computes, writes its output and ends. It opens nothing, starts
    /// nothing and connects to nothing.
    private static let allowed = [
        "read", "write", "exit", "exit_group", "brk", "munmap", "mremap", "madvise", "futex", "rt_sigprocmask",
        "rt_sigreturn", "getrandom", "sched_yield", "clock_gettime", "sysinfo",
    ]

    /// Sets every limit, in an order in which none hinders the next.
    ///
    /// - Throws: `notStarted` when one could not be set.
    static func enter() throws(PortraitError) {
        try require(cccd_die_with_parent() == 0, "PR_SET_PDEATHSIG")
        try require(cccd_not_dumpable() == 0, "PR_SET_DUMPABLE")
        // Counted from what the program itself takes, most of it shared.
        try limit(RLIMIT_AS, UInt(try addressSpace() + PortraitLimits.memory))
        // The soft limit's signal says why the process ended; a second later the hard one's ends it in any case.
        try limit(RLIMIT_CPU, UInt(PortraitLimits.processorSeconds), hard: UInt(PortraitLimits.processorSeconds) + 1)
        for resource in [RLIMIT_FSIZE, RLIMIT_CORE, __RLIMIT_NPROC, RLIMIT_NOFILE] { try limit(resource, 0) }
        try require(cccd_no_new_privileges() == 0, "PR_SET_NO_NEW_PRIVS")
        try filterSystemCalls()
    }

    private static func limit(
        _ resource: __rlimit_resource, _ value: UInt, hard: UInt? = nil
    ) throws(PortraitError) {
        var limit = rlimit(rlim_cur: value, rlim_max: hard ?? value)
        try require(unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, "setrlimit")
    }

    /// The size of this process, in bytes, by /proc/self/statm.
    private static func addressSpace() throws(PortraitError) -> Int {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        try require(file >= 0, "open /proc/self/statm")
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = unsafe text.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        let digits = text.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: " ") }
        guard let pages = Int(String(decoding: digits, as: UTF8.self)) else { throw .notStarted(reason: "no statm") }
        let (bytes, isTooLarge) = pages.multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
        try require(!isTooLarge && bytes > 0 && bytes < Int.max - PortraitLimits.memory, "statm")
        return bytes
    }

    /// Any other system call kills the process. Memory is never made executable.
    private static func filterSystemCalls() throws(PortraitError) {
        guard let filter = unsafe seccomp_init(SCMP_ACT_KILL_PROCESS) else { throw .notStarted(reason: "seccomp_init") }
        defer { unsafe seccomp_release(filter) }
        for name in allowed {
            let number = unsafe seccomp_syscall_resolve_name(name)
            try require(unsafe seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 0, nil) == 0, "seccomp \(name)")
        }
        for name in ["mmap", "mprotect"] {
            let number = unsafe seccomp_syscall_resolve_name(name)
            var isNotExecutable = scmp_arg_cmp(
                arg: 2, op: SCMP_CMP_MASKED_EQ, datum_a: UInt64(PROT_EXEC), datum_b: 0)
            let status = unsafe seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &isNotExecutable)
            try require(status == 0, "seccomp \(name)")
        }
        try require(unsafe seccomp_load(filter) == 0, "seccomp_load")
    }

    private static func require(_ isDone: Bool, _ call: String) throws(PortraitError) {
        guard isDone else { throw .notStarted(reason: call) }
    }
}
