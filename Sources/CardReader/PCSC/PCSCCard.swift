import Synchronization

/// The card in a PC/SC reader, kept in a transaction: no other program gets between two commands.
///
/// Letting go of the value resets the card, so that nobody finds it opened, and frees the reader.
public final class PCSCCard: CardChannel, Sendable {
    /// The reader's name.
    public let reader: String
    /// The card's answer to reset.
    public var atr: [UInt8] { connection.atr }
    /// Whether commands and answers with extended length fields can be passed on: not with T=0.
    public var allowsExtendedLength: Bool { connection.transmissionProtocol == .t1 }

    private let connection: Connection
    private let thread: CallThread
    /// Whether a call was given up that may still be running.
    private let isAbandoned = Atomic(false)

    /// How long a removed card takes at most to be noticed by pcscd, which asks readers for it every 400 ms.
    private static let removalDelay: UInt = 1000

    /// - Parameters:
    ///   - reader: A name from `PCSCContext.readers()`.
    ///   - timeLimit: How long to wait while another program has the reader.
    /// - Throws: `noCard`, `cardMute`, `readerInUse`, `readerUnavailable`, `serviceUnavailable`.
    public init(reader: String, timeLimit: Duration = .seconds(5)) throws(CardReaderError) {
        let deadline = ContinuousClock.now + timeLimit
        let thread = CallThread(label: "card in \(reader)")
        let result = thread.run(deadline: deadline) { () -> Result<Connection, PCSCFailure> in
            do throws(PCSCFailure) {
                return .success(try Connection.open(reader: reader, deadline: deadline))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let connection)?: self.connection = connection
        case .failure(let failure)?: throw failure.asError(reader: reader)
        case nil: throw Self.isInUse(reader) ? .readerInUse(reader: reader) : .cardMute()
        }
        self.reader = reader
        self.thread = thread
    }

    deinit { close() }

    /// Resets the card and frees the reader; further commands fail. Does not wait for it.
    public func close() {
        let connection = connection
        thread.start { connection.close() }
    }

    /// Sends one command APDU and waits for its answer.
    ///
    /// - Throws: `cardRemoved`, `cardReset`, `cardMute`, `timeLimitExceeded`, `serviceUnavailable`,
    ///   `readerUnavailable`, `readerFailure`.
    public func transmit(
        _ command: [UInt8], deadline: ContinuousClock.Instant?
    ) throws(CardReaderError) -> [UInt8] {
        try transmit(command, deadline: deadline, waiting: { _ in })
    }

    /// Sends one command APDU and waits for its answer, telling every second that it still does.
    ///
    /// - Throws: As `transmit(_:deadline:)`.
    public func transmit(
        _ command: [UInt8], deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void
    ) throws(CardReaderError) -> [UInt8] {
        let connection = connection
        return try call(deadline: deadline, waiting: waiting) { () throws(PCSCFailure) in
            try connection.transmit(command)
        }
    }

    /// Resets the chip: it forgets what was selected and opened.
    ///
    /// - Throws: As `transmit(_:deadline:)`.
    public func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError) {
        let connection = connection
        try call(deadline: deadline) { () throws(PCSCFailure) in try connection.reset() }
    }

    private func call<Value: Sendable>(
        deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void = { _ in },
        _ body: @escaping @Sendable () throws(PCSCFailure) -> Value
    ) throws(CardReaderError) -> Value {
        guard !isAbandoned.load(ordering: .acquiring) else { throw .timeLimitExceeded }
        let result = thread.run(deadline: deadline, waiting: waiting) { () -> Result<Value, PCSCFailure> in
            do throws(PCSCFailure) { return .success(try body()) } catch { return .failure(error) }
        }
        switch result {
        case .success(let value)?: return value
        case .failure(let failure)?: throw explained(failure)
        case nil:
            isAbandoned.store(true, ordering: .releasing)
            throw .timeLimitExceeded
        }
    }

    /// Drivers report a card that was pulled out as a transmission that failed. Whether it is gone, the reader knows a
    /// little later.
    private func explained(_ failure: PCSCFailure) -> CardReaderError {
        switch failure.code {
        case .noSmartCard: return .cardRemoved(code: failure.code)
        case .notTransacted, .commError:
            let reader = reader
            let connection = connection
            let cause = thread.run(deadline: nil) {
                connection.cause(of: failure, in: reader, within: Self.removalDelay)
            }
            return cause ?? failure.asError(reader: reader)
        default: return failure.asError(reader: reader)
        }
    }

    private static func isInUse(_ reader: String) -> Bool {
        guard let context = try? PCSCContext(), let readers = try? context.readers() else { return false }
        return readers.contains { $0.name == reader && $0.isInUse }
    }
}

/// A context, a card handle in it, and the transaction around its use. Every call but `close` is made on the card's own
/// thread.
private final class Connection: Sendable {
    let atr: [UInt8]
    let transmissionProtocol: PCSCLibrary.TransmissionProtocol

    private let context: PCSCLibrary.Context
    private let handle: PCSCLibrary.Handle
    private let isOpen = Atomic(true)

    /// How long to wait before asking again for a reader that another program keeps for itself.
    private static let pause = Duration.milliseconds(50)
    /// Data and status word of the longest answers, short and extended.
    private static let shortAnswerLimit = 258
    private static let extendedAnswerLimit = 65_538

    /// - Throws: PC/SC's failure; `SCARD_E_SHARING_VIOLATION` once `deadline` passed while another program had the
    ///   reader.
    static func open(reader: String, deadline: ContinuousClock.Instant) throws(PCSCFailure) -> Connection {
        let context = try PCSCLibrary.establishContext()
        do throws(PCSCFailure) {
            while true {
                do throws(PCSCFailure) {
                    return try Connection(context, reader: reader)
                } catch  where error.code == .sharingViolation && ContinuousClock.now < deadline {
                    let anything = PCSCLibrary.ReaderEvent(reader: PCSCLibrary.plugAndPlay, state: 0)
                    _ = try? PCSCLibrary.waitForChange(context, from: [anything], milliseconds: pause.milliseconds)
                }
            }
        } catch {
            PCSCLibrary.releaseContext(context)
            throw error
        }
    }

    private init(_ context: PCSCLibrary.Context, reader: String) throws(PCSCFailure) {
        let (handle, transmissionProtocol) = try PCSCLibrary.connect(context, reader: reader)
        do throws(PCSCFailure) {
            try PCSCLibrary.beginTransaction(handle)
            atr = try PCSCLibrary.atr(handle)
        } catch {
            PCSCLibrary.disconnect(handle)
            throw error
        }
        self.context = context
        self.handle = handle
        self.transmissionProtocol = transmissionProtocol
    }

    deinit { close() }

    func close() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        PCSCLibrary.endTransaction(handle)
        PCSCLibrary.disconnect(handle)
        PCSCLibrary.releaseContext(context)
    }

    func transmit(_ command: [UInt8]) throws(PCSCFailure) -> [UInt8] {
        guard isOpen.load(ordering: .acquiring) else { throw PCSCFailure(call: "SCardTransmit", code: .removedCard) }
        let isExtended = command.count >= 7 && command[4] == 0
        let answer = try PCSCLibrary.transmit(
            handle, transmissionProtocol, transmissionProtocol == .t0 ? Self.withoutLe(command) : command,
            answerLimit: isExtended ? Self.extendedAnswerLimit : Self.shortAnswerLimit)
        // Some drivers report a card that went away during a command as an answer of nothing.
        guard !answer.isEmpty else { throw PCSCFailure(call: "SCardTransmit", code: .notTransacted) }
        return answer
    }

    func reset() throws(PCSCFailure) {
        guard isOpen.load(ordering: .acquiring) else { throw PCSCFailure(call: "SCardReconnect", code: .removedCard) }
        // The protocol that was agreed on at first stays: both sides choose it by the same rule.
        _ = try PCSCLibrary.reconnect(handle)
    }

    /// T=0 has no Le in a command that carries data: the chip answers 61xx and is asked for the rest (ISO/IEC 7816-3,
    /// 12.2.5).
    private static func withoutLe(_ command: [UInt8]) -> [UInt8] {
        guard command.count > 6, command.count == 6 + Int(command[4]) else { return command }
        return Array(command.dropLast())
    }

    /// Why a transmission failed: the card went away within so many milliseconds, pcscd ended, or the card does not
    /// answer.
    func cause(of failure: PCSCFailure, in reader: String, within milliseconds: UInt) -> CardReaderError {
        let unaware = PCSCLibrary.ReaderEvent(reader: reader, state: 0)
        let isPresent = { (events: [PCSCLibrary.ReaderEvent]) in
            events.contains { $0.state & PCSCLibrary.State.present != 0 }
        }
        do throws(PCSCFailure) {
            let events = try PCSCLibrary.waitForChange(context, from: [unaware], milliseconds: 0)
            guard isPresent(events) else { return .cardRemoved(code: failure.code) }
            let later = try PCSCLibrary.waitForChange(context, from: events, milliseconds: milliseconds)
            return isPresent(later) ? .cardMute(code: failure.code) : .cardRemoved(code: failure.code)
        } catch {
            return error.code == .timeout ? .cardMute(code: failure.code) : error.asError(reader: reader)
        }
    }
}
