import Glibc

/// The processor time of the calling thread: what a step costs, whoever else the machine works for.
package enum ThreadClock {
    /// Seconds since the thread began.
    package static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds that all threads of the process took together.
    package static var process: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds that `work` takes, the shortest of so many rounds of so many calls.
    static func shortest(of rounds: Int, each calls: Int, _ work: () -> Void) -> Double {
        var shortest = Double.infinity
        for _ in 0..<rounds {
            let start = now
            for _ in 0..<calls { work() }
            shortest = min(shortest, (now - start) / Double(calls))
        }
        return shortest
    }
}
