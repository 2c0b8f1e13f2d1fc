import Foundation

extension Process {
    /// Runs the program with no signal blocked. Without this it inherits the calling thread's mask; threads on which tests
    /// run block nearly all, and the program could not be asked to end.
    public func runOpenToSignals() throws {
        var none = sigset_t()
        var previous = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try run()
    }
}
