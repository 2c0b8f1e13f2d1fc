import Document

/// What stands in the clear before access: EF.CardAccess and EF.ATR/INFO in the master file (Doc 9303-10, 3.11).
struct MasterFile {
    /// EF.CardAccess as it was read; nil when the chip has none.
    let cardAccess: [UInt8]?
    /// How long the data of an answer may be, protection included, when extended length fields are used; nil when chip
    /// or reader do not know them.
    let extendedAnswerLimit: Int?

    /// Of EF.CardAccess: real ones have at most a few hundred bytes.
    private static let cardAccessLimit = 4096

    /// Reads both. The first command has extended length fields, as a harmless try: nothing is lost yet when it fails.
    init(_ session: ChipSession) throws(CardReaderError) {
        // Where the card was left by another program is not known; a chip without a master file says so, and is none
        // the worse.
        _ = try session.send(CommandAPDU(instruction: 0xA4, parameter1: 0x00, parameter2: 0x0C, data: [0x3F, 0x00]))

        let mayTryExtended =
            session.channel.allowsExtendedLength && AnswerToReset(session.channel.atr).allowsExtendedLength != false
        let first = try Self.firstBytes(session, extended: mayTryExtended)
        cardAccess = try Self.rest(of: first.bytes, session)
        extendedAnswerLimit = first.wasExtended ? try Self.statedLimit(session) : nil
    }

    private static func readCommand(extended: Bool) -> CommandAPDU {
        CommandAPDU(
            instruction: 0xB0, parameter1: 0x80 | ElementaryFile.cardAccess.shortFileIdentifier, parameter2: 0,
            expectedCount: CommandAPDU.shortExpectedLimit, prefersExtendedLength: extended)
    }

    private static func firstBytes(
        _ session: ChipSession, extended: Bool
    ) throws(CardReaderError) -> (bytes: [UInt8], wasExtended: Bool) {
        if extended {
            do throws(CardReaderError) {
                let answer = try session.send(readCommand(extended: true))
                if answer.isReading { return (answer.data, true) }
                // The chip looked for the file, and so took the command in.
                if answer.status == .notFound { return ([], true) }
            } catch {
                // A reader that cannot pass such a command on fails in its own way, and is then asked the short way.
                guard error.mayComeFromLength else { throw error }
                try session.reset()
            }
        }
        let answer = try session.send(readCommand(extended: false))
        if answer.isReading { return (answer.data, false) }
        let selected = try session.send(.select(.cardAccess))
        guard selected.status == .success else { return ([], false) }
        let read = try session.send(.readBinary(offset: 0, count: CommandAPDU.shortExpectedLimit))
        return (read.isReading ? read.data : [], false)
    }

    private static func rest(of first: [UInt8], _ session: ChipSession) throws(CardReaderError) -> [UInt8]? {
        var bytes = first
        while !bytes.isEmpty {
            var rest = 1
            switch FileHeader(bytes, tag: .set) {
            case .malformed: return nil
            case .incomplete: break
            case .complete(let count) where count > cardAccessLimit: return nil
            case .complete(let count) where bytes.count >= count: return Array(bytes.prefix(count))
            case .complete(let count): rest = min(count - bytes.count, CommandAPDU.shortExpectedLimit)
            }
            let answer = try session.send(.readBinary(offset: bytes.count, count: rest))
            guard answer.isReading, !answer.data.isEmpty else { return nil }
            bytes += answer.data
        }
        return nil
    }

    /// DO'7F66' of EF.ATR/INFO: the longest command and the longest answer (ISO/IEC 7816-4, 12.7.1). Where it is not
    /// there, as long as there is: a first try that fails puts an end to it.
    private static func statedLimit(_ session: ChipSession) throws(CardReaderError) -> Int {
        let answer = try session.send(
            CommandAPDU(
                instruction: 0xB0, parameter1: 0x81, parameter2: 0, expectedCount: CommandAPDU.shortExpectedLimit))
        guard answer.isReading, let stated = answerLimit(in: answer.data) else {
            return CommandAPDU.extendedExpectedLimit
        }
        return min(stated, CommandAPDU.extendedExpectedLimit)
    }

    static func answerLimit(in information: [UInt8]) -> Int? {
        var cursor = TLVCursor(information.span)
        while !cursor.isAtEnd, let element = try? cursor.next() {
            guard element.tag == 0x7F66 else { continue }
            var limits = cursor.inside(element)
            guard (try? limits.next(.integer)) != nil, let answer = try? limits.next(.integer),
                (1...4).contains(answer.content.count)
            else { return nil }
            let limit = cursor.copy(answer.content).reduce(0) { $0 << 8 | Int($1) }
            return limit >= CommandAPDU.shortExpectedLimit ? limit : nil
        }
        return nil
    }
}

extension CardReaderError {
    /// Whether a reader or chip that cannot bear a long command or answer could have caused this.
    var mayComeFromLength: Bool {
        switch self {
        case .cardMute, .readerFailure, .invalidAnswer: true
        default: false
        }
    }
}
