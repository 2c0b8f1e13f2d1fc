import Dispatch

/// Notices callers that go away while their answer is being made.
///
/// The HTTP library does not look at a connection whose request is being worked on. A connection that the caller has
/// merely half closed, to say that no more requests will come, still gets its answer.
final class DepartureWatch: Sendable {
    private struct State {
        var actions: [UInt64: @Sendable () -> Void] = [:]
        var nextIdentifier: UInt64 = 1
    }

    /// One watched connection, to be handed back to `forget`.
    struct Ticket: Sendable {
        fileprivate var identifier: UInt64
        fileprivate var descriptor: Int32
    }

    private static let stopIdentifier: UInt64 = 0

    private let watch: Int32
    private let stopSignal: Int32
    private let state = Guarded(State())
    private let hasStopped = DispatchSemaphore(value: 0)

    init() throws(SystemCallError) {
        watch = try SystemCalls.makeWatch()
        do throws(SystemCallError) {
            stopSignal = try SystemCalls.makeWakeUp()
        } catch {
            SystemCalls.close(watch)
            throw error
        }
        do throws(SystemCallError) {
            try SystemCalls.watchForInput(stopSignal, identifier: Self.stopIdentifier, on: watch)
        } catch {
            SystemCalls.close(watch)
            SystemCalls.close(stopSignal)
            throw error
        }
    }

    /// Begins to watch, on a thread of its own, until `stop`.
    func start() {
        DispatchQueue(label: "cccd.departures").async { [self] in
            run()
            hasStopped.signal()
        }
    }

    /// Ends what `start` began and gives the descriptors back; nothing may be watched any more.
    func stop() {
        SystemCalls.signalWakeUp(stopSignal)
        hasStopped.wait()
        close()
    }

    /// Gives the descriptors back when `start` was never called.
    func close() {
        SystemCalls.close(watch)
        SystemCalls.close(stopSignal)
    }

    /// Runs `action` once if the other end of the connection closes.
    /// - Returns: nil when the connection cannot be watched; then its caller is simply answered.
    func notice(departureAt descriptor: Int32, _ action: @escaping @Sendable () -> Void) -> Ticket? {
        let identifier = state.withLock { state in
            defer { state.nextIdentifier += 1 }
            state.actions[state.nextIdentifier] = action
            return state.nextIdentifier
        }
        do throws(SystemCallError) {
            try SystemCalls.watchForHangUp(descriptor, identifier: identifier, on: watch)
            return Ticket(identifier: identifier, descriptor: descriptor)
        } catch {
            state.withLock { _ = $0.actions.removeValue(forKey: identifier) }
            return nil
        }
    }

    /// Stops watching; must come before the descriptor is closed.
    func forget(_ ticket: Ticket) {
        SystemCalls.unwatch(ticket.descriptor, on: watch)
        state.withLock { _ = $0.actions.removeValue(forKey: ticket.identifier) }
    }

    private func run() {
        while let identifiers = try? SystemCalls.awaitEvents(on: watch) {
            for identifier in identifiers {
                if identifier == Self.stopIdentifier { return }
                let action = state.withLock { $0.actions.removeValue(forKey: identifier) }
                action?()
            }
        }
    }
}
