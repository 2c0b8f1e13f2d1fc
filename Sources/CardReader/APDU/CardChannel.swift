/// One chip that one can talk to: a card in a PC/SC reader, or a script in a test.
///
/// All calls block; call them from a thread of your own, never from a Swift task.
public protocol CardChannel: AnyObject {
    /// The answer to reset (ISO/IEC 7816-3, 8.2); for a contactless chip the reader makes one up from its historical
    /// bytes (PC/SC Part 3, 3.1.3.2.3). Empty when unknown.
    var atr: [UInt8] { get }

    /// Whether commands and answers with extended length fields can be passed on at all. T=0 cannot.
    var allowsExtendedLength: Bool { get }

    /// Sends one command APDU and waits for its answer.
    ///
    /// - Parameters:
    ///   - command: CLA INS P1 P2 and what follows (ISO/IEC 7816-3, 12.1.3).
    ///   - deadline: When waiting ends; nil waits for as long as the reader does.
    /// - Returns: The data of the answer and SW1-SW2, at least two bytes.
    /// - Throws: `cardRemoved`, `cardReset`, `cardMute`, `timeLimitExceeded`, `serviceUnavailable`, `readerFailure`.
    func transmit(_ command: [UInt8], deadline: ContinuousClock.Instant?) throws(CardReaderError) -> [UInt8]

    /// Sends one command APDU and waits for its answer, telling every second that it still does.
    ///
    /// - Parameters:
    ///   - command: As of `transmit(_:deadline:)`.
    ///   - deadline: As of `transmit(_:deadline:)`.
    ///   - waiting: Told on the caller's thread how long the chip has not answered.
    /// - Returns: As of `transmit(_:deadline:)`.
    /// - Throws: As `transmit(_:deadline:)`.
    func transmit(
        _ command: [UInt8], deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void
    ) throws(CardReaderError) -> [UInt8]

    /// Resets the chip: it forgets what was selected and opened.
    ///
    /// - Throws: As `transmit(_:deadline:)`.
    func reset(deadline: ContinuousClock.Instant?) throws(CardReaderError)
}

extension CardChannel {
    /// Sends one command APDU and waits for its answer for as long as the reader does.
    public func transmit(_ command: [UInt8]) throws(CardReaderError) -> [UInt8] { try transmit(command, deadline: nil) }

    /// Sends one command APDU and waits for its answer, telling nothing meanwhile.
    public func transmit(
        _ command: [UInt8], deadline: ContinuousClock.Instant?, waiting: (Duration) -> Void
    ) throws(CardReaderError) -> [UInt8] {
        try transmit(command, deadline: deadline)
    }
}
