import Crypto
import Document

/// Reads the elementary files of the selected application, each byte once, in the longest pieces that work.
final class FileReader {
    private let session: ChipSession
    /// The longest answer with extended length fields; nil once it showed that they do not work.
    private(set) var extendedAnswerLimit: Int?
    /// Whether files are read in the order header, then exactly the rest: for chips that refuse to read past the end.
    private var readsExactly = false
    /// The start of the file that is being read, or was when the conversation broke.
    private var current: UnfinishedFile?
    /// The start of a file that was read earlier, to go on with when its turn comes.
    private var earlier: UnfinishedFile?

    /// The hash that EF.SOD lists of data groups; nil before it is known. They are then hashed as they come.
    var digestAlgorithm: DigestAlgorithm?
    /// The files that were hashed while they were read.
    private(set) var digested: [ElementaryFile: DigestedBytes] = [:]

    /// The longest file that is read.
    static let byteLimit = 65_536
    /// How many bytes are asked for first where nothing is to be read past the end; every header is in them.
    private static let headerCount = 8

    init(_ session: ChipSession, extendedAnswerLimit: Int?) {
        self.session = session
        self.extendedAnswerLimit = extendedAnswerLimit
    }

    /// Gives extended length fields up for the rest of the session.
    func useShortLength() { extendedAnswerLimit = nil }

    /// The start of the file at which the conversation broke; set, to go on with it.
    var unfinished: UnfinishedFile? {
        get { (current?.bytes.count ?? 0) > (earlier?.bytes.count ?? 0) ? current : earlier }
        set { (current, earlier) = (nil, newValue) }
    }

    /// Reads a file, from where an earlier try to read it broke.
    ///
    /// - Parameter progress: Told after every piece how many bytes of how many were read.
    /// - Returns: The whole file, or why there is none.
    /// - Throws: What ends the conversation, or breaks secure messaging; the bytes read are then in `unfinished`.
    func read(
        _ file: ElementaryFile, progress: (_ read: Int, _ announced: Int) -> Void
    ) throws(CardReaderError) -> Result<[UInt8], ReadingFault> {
        var bytes = try startReadEarlier(file)
        if bytes.isEmpty {
            let first = try firstPiece(file)
            guard first.isReading else { return .failure(ReadingFault(Self.reason(first.status))) }
            bytes = first.data
        }
        let result = try readOn(file, after: bytes, progress: progress)
        current = nil
        return result
    }

    /// What an earlier try read of the file, which is then selected; nothing when it was another file.
    private func startReadEarlier(_ file: ElementaryFile) throws(CardReaderError) -> [UInt8] {
        guard let start = [current, earlier].compactMap({ $0 }).first(where: { $0.file == file }), !start.bytes.isEmpty
        else { return [] }
        let selected = try session.send(.select(file))
        if earlier?.file == file { earlier = nil }
        return selected.status == .success ? start.bytes : []
    }

    private func readOn(
        _ file: ElementaryFile, after start: [UInt8], progress: (_ read: Int, _ announced: Int) -> Void
    ) throws(CardReaderError) -> Result<[UInt8], ReadingFault> {
        var bytes = start
        var announced: Int?
        let buffer = startDigest(file)
        while true {
            current = UnfinishedFile(file: file, bytes: bytes)
            if announced == nil {
                switch FileHeader(bytes, tag: file.outerTag) {
                case .malformed: return .failure(ReadingFault(.malformed))
                case .complete(let count) where count > Self.byteLimit:
                    return .failure(ReadingFault(.tooLong(announced: count)))
                case .complete(let count): announced = count
                case .incomplete: break
                }
            }
            if let announced {
                progress(min(bytes.count, announced), announced)
                let hashed = buffer?.bytes.count ?? 0
                try cryptography { () throws(CryptoError) in
                    try buffer?.append(bytes.prefix(announced).dropFirst(hashed))
                }
                if bytes.count >= announced {
                    digested[file] = try cryptography { () throws(CryptoError) in try buffer?.finish() }
                    return .success(Array(bytes.prefix(announced)))
                }
            }
            let piece = try nextPiece(offset: bytes.count, count: (announced ?? Self.headerCount) - bytes.count)
            guard piece.isReading || piece.status.meansNothingLeft else {
                return .failure(ReadingFault(Self.reason(piece.status)))
            }
            guard !piece.data.isEmpty else {
                return .failure(
                    ReadingFault(announced.map { .truncated(announced: $0, received: bytes.count) } ?? .malformed))
            }
            bytes += piece.data
        }
    }

    /// Nil for what EF.SOD lists no hash of.
    private func startDigest(_ file: ElementaryFile) -> DigestingBuffer? {
        guard let digestAlgorithm, file.dataGroupNumber != nil else { return nil }
        return try? DigestingBuffer(digestAlgorithm)
    }

    /// The longest data that one short command gets.
    private var shortLimit: Int {
        session.cipher.map { SecureMessaging.dataLimit($0, answerByteCount: CommandAPDU.shortExpectedLimit) }
            ?? CommandAPDU.shortExpectedLimit
    }

    /// The longest data that one command gets.
    private var pieceLimit: Int {
        guard let extendedAnswerLimit else { return shortLimit }
        let limit =
            session.cipher.map { SecureMessaging.dataLimit($0, answerByteCount: extendedAnswerLimit) }
            ?? extendedAnswerLimit
        return max(limit, shortLimit)
    }

    /// The start of the file, as long as a short command gets; selects the file by the way.
    private func firstPiece(_ file: ElementaryFile) throws(CardReaderError) -> ResponseAPDU {
        if !readsExactly {
            let answer = try readBinary(.readBinary(file, count: shortLimit))
            if answer.isReading || answer.status == .securityStatusNotSatisfied { return answer }
        }
        let selected = try session.send(.select(file))
        guard selected.status == .success else { return ResponseAPDU(status: selected.status) }
        if !readsExactly {
            let answer = try readBinary(.readBinary(offset: 0, count: shortLimit))
            if answer.isReading || answer.status == .securityStatusNotSatisfied { return answer }
        }
        let answer = try readBinary(.readBinary(offset: 0, count: Self.headerCount))
        readsExactly = readsExactly || answer.isReading
        return answer
    }

    /// READ BINARY. A chip that names the right length in a protected `6Cxx` is asked once more with that one; unprotected
    /// ones never come so far.
    private func readBinary(_ command: CommandAPDU) throws(CardReaderError) -> ResponseAPDU {
        let answer = try session.send(command)
        guard answer.data.isEmpty, let count = answer.status.namedCount else { return answer }
        var corrected = command
        corrected.expectedCount = count
        return try session.send(corrected)
    }

    private func nextPiece(offset: Int, count: Int) throws(CardReaderError) -> ResponseAPDU {
        let isOdd = offset > CommandAPDU.offsetLimit
        let overhead = isOdd ? CommandAPDU.discretionaryOverhead : 0
        let limit = pieceLimit - overhead
        var answer = try readBinary(.readBinary(offset: offset, count: min(count, limit)))
        if !answer.isReading, min(count, limit) > shortLimit - overhead {
            extendedAnswerLimit = nil
            answer = try readBinary(.readBinary(offset: offset, count: min(count, shortLimit - overhead)))
        }
        guard isOdd, answer.isReading else { return answer }
        do throws(DocumentError) {
            var cursor = TLVCursor(answer.data.span)
            let data = cursor.copy(try cursor.next(0x53).content)
            try cursor.expectEnd()
            return ResponseAPDU(data: data, status: answer.status)
        } catch {
            throw .invalidAnswer("READ BINARY at \(offset) is not answered in DO'53': \(error)")
        }
    }

    /// The reason for which a file cannot be read when the chip answers so.
    private static func reason(_ status: StatusWord) -> UnreadFile.Reason {
        switch status {
        case .notFound: .notPresent(status)
        case .securityStatusNotSatisfied: .accessDenied(status)
        default: .refused(status)
        }
    }
}

extension StatusWord {
    /// Whether READ BINARY found that the file ends before the offset.
    fileprivate var meansNothingLeft: Bool { self == .endOfFile || self == .offsetOutsideFile }
}

/// Why a file could not be read though the conversation goes on.
struct ReadingFault: Error {
    let reason: UnreadFile.Reason

    init(_ reason: UnreadFile.Reason) { self.reason = reason }
}

extension ElementaryFile {
    /// The tag that the file begins with: EF.CardAccess is a SET, EF.CardSecurity a SEQUENCE.
    var outerTag: Tag { tag ?? (self == .cardAccess ? .set : .sequence) }
}
