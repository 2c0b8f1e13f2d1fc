import Dispatch
import Synchronization

/// Holds a chip in a virtual reader: the card's end of the socket protocol of vsmartcard's `vpcd`, which Debian's
/// `vsmartcard-vpcd` puts into pcscd as readers "Virtual PCD 00 00" and "Virtual PCD 00 01".
///
///     let connection = VirtualReaderConnection(to: .first, chip: chip)
///     try connection.start()          // the card is in the reader
///     …
///     connection.stop()               // the card is taken away
///
/// pcscd looks for cards every 0.4 seconds, and a card that took another's place in between is to it the same card. So a
/// connection to the reader from which this process has just taken a card waits until the removal was noticed.
///
/// Each message is a length of two bytes, big-endian, and as many bytes. One byte is a control: 00 power off, 01 power
/// on, 02 reset, 04 "what is your answer to reset?". Anything longer is a command, answered by a message with its answer.
public final class VirtualReaderConnection: Sendable {
    /// Where a virtual reader listens.
    public struct Address: Hashable, Sendable {
        /// The host's name or address.
        public var host: String
        /// The TCP port.
        public var port: UInt16

        /// - Parameters:
        ///   - host: The host's name or address.
        ///   - port: The TCP port.
        public init(host: String = "127.0.0.1", port: UInt16) {
            self.host = host
            self.port = port
        }

        /// The reader that vsmartcard-vpcd sets up by default: port 0x8C7B.
        public static let first = Address(port: 0x8C7B)
        /// Its second slot.
        public static let second = Address(port: 0x8C7C)
    }

    /// How a connection ended.
    public enum Ending: Equatable, Sendable {
        /// `stop()` was called.
        case stopped
        /// The chip left by itself (`SimulatedChip.hasLeft`).
        case left
        /// The connection could not be made, or broke.
        case failed(SimulatorError)
    }

    private enum Control {
        static let powerOff: UInt8 = 0
        static let powerOn: UInt8 = 1
        static let reset: UInt8 = 2
        static let answerToReset: UInt8 = 4
    }

    private struct State {
        var socket: ReaderSocket?
        var isRunning = false
        var isStopped = false
    }

    private let address: Address
    private let chip: any SimulatedChip
    private let patience: Duration
    private let removalPause: Duration
    private let state = Mutex(State())
    /// Shows ThreadSanitizer, which does not know the mutex on Linux, that one thread follows the other.
    private let handOver = Atomic(false)
    private let running = DispatchGroup()

    /// - Parameters:
    ///   - address: Where the virtual reader listens.
    ///   - chip: The chip to hold in it.
    ///   - patience: How long to try to connect: a daemon that was just started needs a moment.
    ///   - removalPause: How long the reader stays empty at least between two cards of this process.
    public init(
        to address: Address = .first, chip: any SimulatedChip, patience: Duration = .seconds(10),
        removalPause: Duration = .milliseconds(600)
    ) {
        self.address = address
        self.chip = chip
        self.patience = patience
        self.removalPause = removalPause
    }

    /// When this process last took a card out of a reader.
    private static let removals = Mutex<[Address: ContinuousClock.Instant]>([:])
    private static let removalsHandOver = Atomic(false)

    /// Connects, and serves on a thread of its own; returns when the connection stands. The thread keeps this value
    /// alive until the connection ends.
    ///
    /// - Parameter onEnd: Called once, on that thread, when the connection is over. It must not call `stop()`.
    /// - Throws: `noVirtualReader` when nobody listens for as long as the patience lasts, `system`. Starting twice without
    ///   stopping is `unsupported`.
    public func start(onEnd: @escaping @Sendable (Ending) -> Void = { _ in }) throws(SimulatorError) {
        let socket = try open()
        do throws(SimulatorError) {
            try WorkerThread.start { onEnd(self.serve(socket)) }
        } catch {
            close()
            throw error
        }
    }

    /// Connects, and serves on the calling thread until the connection ends.
    ///
    /// - Throws: As `start`.
    public func run() throws(SimulatorError) -> Ending { serve(try open()) }

    /// Takes the card out of the reader; returns when it is out. Without a connection, ends an attempt to make one.
    public func stop() {
        withState { state in
            state.isStopped = true
            state.socket?.shutDown()
        }
        running.wait()
    }

    // MARK: The connection

    private func withState<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            _ = handOver.load(ordering: .acquiring)
            defer { handOver.store(true, ordering: .releasing) }
            return body(&state)
        }
    }

    private func open() throws(SimulatorError) -> ReaderSocket {
        let isFree = withState { state in
            guard !state.isRunning else { return false }
            state.isRunning = true
            state.isStopped = false
            running.enter()
            return true
        }
        guard isFree else { throw .unsupported(what: "a second connection for the same card") }
        do throws(SimulatorError) {
            let socket = try connect()
            let isStopped = withState { state in
                state.socket = socket
                return state.isStopped
            }
            if isStopped { socket.shutDown() }
            return socket
        } catch {
            close()
            throw error
        }
    }

    private static func withRemovals<Result: Sendable>(
        _ body: (inout [Address: ContinuousClock.Instant]) -> Result
    ) -> Result {
        removals.withLock { removals in
            _ = removalsHandOver.load(ordering: .acquiring)
            defer { removalsHandOver.store(true, ordering: .releasing) }
            return body(&removals)
        }
    }

    private func waitForRemoval() {
        guard let removal = Self.withRemovals({ $0[address] }) else { return }
        let rest = removal + removalPause - ContinuousClock.now
        if rest > .zero { WorkerThread.pause(milliseconds: Int(rest / .milliseconds(1)) + 1) }
    }

    private func close() {
        withState { state in
            state.socket = nil
            state.isRunning = false
        }
        running.leave()
    }

    private func connect() throws(SimulatorError) -> ReaderSocket {
        waitForRemoval()
        let deadline = ContinuousClock.now + patience
        while true {
            do throws(SimulatorError) {
                return try ReaderSocket(host: address.host, port: address.port)
            } catch {
                let isStopped = withState { $0.isStopped }
                guard ContinuousClock.now < deadline, !isStopped else {
                    throw .noVirtualReader(host: address.host, port: address.port, reason: error.description)
                }
                WorkerThread.pause(milliseconds: 50)
            }
        }
    }

    /// Answers messages until the connection ends.
    private func serve(_ socket: ReaderSocket) -> Ending {
        defer {
            Self.withRemovals { $0[address] = ContinuousClock.now }
            close()
        }
        chip.reset()
        do throws(SimulatorError) {
            while let length = try socket.receive(2) {
                let count = Int(length[0]) << 8 | Int(length[1])
                guard let message = try socket.receive(count) else { break }
                if let answer = answer(to: message) { try socket.send(Self.framed(answer)) }
                if chip.hasLeft { return .left }
            }
            return withState { $0.isStopped } ? .stopped : .failed(.readerGone)
        } catch {
            return withState { $0.isStopped } ? .stopped : .failed(error)
        }
    }

    private func answer(to message: [UInt8]) -> [UInt8]? {
        guard message.count == 1 else { return message.isEmpty ? nil : chip.answer(message) }
        switch message[0] {
        case Control.powerOff, Control.powerOn, Control.reset: chip.reset()
        case Control.answerToReset: return chip.answerToReset
        default: break
        }
        return nil
    }

    /// The answer behind its length. The protocol carries 65 535 bytes; a longer answer is none that a chip may give.
    private static func framed(_ answer: [UInt8]) -> [UInt8] {
        let answer = answer.count <= Int(UInt16.max) ? answer : StatusWord.internalError.bytes
        return [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)] + answer
    }
}
