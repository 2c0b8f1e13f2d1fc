/// One conversation with one chip: sends commands, in the clear or under secure messaging, and fetches whole answers.
///
/// Once access was established there is no way back to plain commands but `restart()`: a session whose protection broke
/// refuses every command, so that nothing said in the clear can pass for an answer of it.
final class ChipSession {
    private enum Protection {
        case none
        case established(SecureMessaging)
        case broken
    }

    let channel: any CardChannel
    /// When the conversation has to be over; nil without a limit.
    let deadline: ContinuousClock.Instant?
    /// Command APDUs sent.
    private(set) var commandCount = 0
    /// Bytes sent and received.
    private(set) var byteCount = 0
    private var protection = Protection.none
    /// Whether the chip refused a key: it may take its time from then on.
    var hasRefusedKey = false
    private let waiting: (ReadDelay) -> Void

    /// GET RESPONSE and repetitions that one command may cost. The longest answer over T=0 comes in 256 pieces of 256
    /// bytes.
    private static let exchangeLimit = 260

    /// - Parameter waiting: Told every second that the chip lets wait for an answer.
    init(
        channel: any CardChannel, deadline: ContinuousClock.Instant? = nil,
        waiting: @escaping (ReadDelay) -> Void = { _ in }
    ) {
        self.channel = channel
        self.deadline = deadline
        self.waiting = waiting
    }

    /// The cipher of the session, nil in the clear.
    var cipher: SecureMessaging.Cipher? {
        if case .established(let messaging) = protection { messaging.cipher } else { nil }
    }

    /// Protects all further commands.
    func start(_ messaging: SecureMessaging) { protection = .established(messaging) }

    /// Forgets secure messaging, before access is established anew.
    func restart() { protection = .none }

    /// Resets the chip and forgets secure messaging.
    func reset() throws(CardReaderError) {
        protection = .broken
        try channel.reset(deadline: deadline)
        protection = .none
    }

    /// Sends a command and gives the whole answer, decrypted and checked where secure messaging runs.
    ///
    /// - Throws: `secureMessaging` when the answer is not protected as it must be; the session is then broken.
    func send(_ command: CommandAPDU) throws(CardReaderError) -> ResponseAPDU {
        switch protection {
        case .none: return try exchange(command)
        case .broken: throw .secureMessaging(.sessionOver)
        case .established(var messaging):
            protection = .broken
            let answer = try messaging.unprotect(exchange(messaging.protect(command)))
            protection = .established(messaging)
            return answer
        }
    }

    /// Sends a command as it is and follows `61xx` and `6Cxx` (ISO/IEC 7816-4, 5.3.4) to the end of the answer.
    func exchange(_ command: CommandAPDU) throws(CardReaderError) -> ResponseAPDU {
        var answer = try transmit(command)
        if answer.data.isEmpty, let count = answer.status.namedCount {
            var corrected = command
            corrected.expectedCount = count
            corrected.prefersExtendedLength = false
            answer = try transmit(corrected)
        }
        var data = answer.data
        for _ in 0..<Self.exchangeLimit {
            guard answer.status.first == 0x61 else { return ResponseAPDU(data: data, status: answer.status) }
            answer = try transmit(
                CommandAPDU(
                    instruction: 0xC0, parameter1: 0, parameter2: 0, expectedCount: Self.count(answer.status.second)))
            guard !answer.data.isEmpty || answer.status.first != 0x61 else {
                throw .invalidAnswer("61xx announces data that does not come")
            }
            data += answer.data
            guard data.count <= CommandAPDU.extendedExpectedLimit else {
                throw .invalidAnswer("61xx announces more data than an answer can have")
            }
        }
        throw .invalidAnswer("61xx without end")
    }

    private func transmit(_ command: CommandAPDU) throws(CardReaderError) -> ResponseAPDU {
        if let deadline, ContinuousClock.now >= deadline { throw .timeLimitExceeded }
        let bytes = try command.encoded()
        let answer = try channel.transmit(bytes, deadline: deadline) { elapsed in
            waiting(ReadDelay(elapsed: elapsed, followsWrongKey: hasRefusedKey))
        }
        commandCount += 1
        byteCount += bytes.count + answer.count
        return try ResponseAPDU(answer)
    }

    /// SW2 as a number of bytes: `00` stands for 256.
    private static func count(_ second: UInt8) -> Int { second == 0 ? CommandAPDU.shortExpectedLimit : Int(second) }
}
