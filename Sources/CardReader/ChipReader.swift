import Crypto
import Document

/// Reads an identity document's chip: opens it, reads its files in the order in which a verdict needs them, and asks it
/// for proof that it is the original.
///
///     let context = try PCSCContext()
///     let card = try context.connect(reader: name)
///     let read = try ChipReader(channel: card).read(ReadRequest(key: .personalNumber(number)))
///
/// Everything blocks; use it from a thread of your own.
public struct ChipReader {
    private let channel: any CardChannel
    private let randomness: Randomness

    /// DG14 is needed before chip authentication, and the portrait, which takes longest, last.
    private static let order: [ElementaryFile] =
        [.dg14, .dg13, .dg1, .dg15, .dg11, .dg12, .dg5, .dg6, .dg7, .dg8, .dg9, .dg10, .dg16, .dg2]
    /// What is tried where neither EF.COM nor EF.SOD can be read.
    private static let usual: Set<ElementaryFile> = [.dg14, .dg13, .dg1, .dg15, .dg2]
    /// Fingerprints and irises (Doc 9303-11, 7.1).
    private static let extendedAccess: [ElementaryFile] = [.dg3, .dg4]

    /// - Parameter channel: The chip, such as `PCSCCard`.
    public init(channel: any CardChannel) { self.init(channel: channel, randomness: .openSSL) }

    init(channel: any CardChannel, randomness: Randomness) {
        self.channel = channel
        self.randomness = randomness
    }

    /// Opens the chip and reads its files.
    ///
    /// A file that cannot be read though the chip goes on answering is told in `ChipRead.unread`, and a proof that the
    /// chip does not give in `ChipRead.proofs`; neither ends the read.
    ///
    /// - Parameters:
    ///   - request: What to read, and with which key.
    ///   - progress: Called on the same thread after every piece.
    ///   - beforePortrait: Called on the same thread with what was read when nothing but the portrait is left of what a
    ///     verdict needs, if the portrait is going to be read, which takes longest.
    ///   - waiting: Called on the same thread every second that the chip lets wait for an answer.
    /// - Throws: Why nothing could be read, or what ended the conversation: `wrongKey`, `keyNotUsable`, `cardRemoved`,
    ///   `cardMute`, `timeLimitExceeded`, `secureMessaging`, …; `interrupted` around it where the read can go on with
    ///   the same card, and `differentCard` where it is another one that came back.
    public func read(
        _ request: ReadRequest, progress: (ReadProgress) -> Void = { _ in },
        beforePortrait: (ChipRead) -> Void = { _ in },
        waiting: @escaping (ReadDelay) -> Void = { _ in }
    ) throws(CardReaderError) -> ChipRead {
        let start = ContinuousClock.now
        let session = ChipSession(channel: channel, deadline: start + request.timeLimit, waiting: waiting)
        do throws(CardReaderError) {
            return try read(request, in: session, since: start, progress, beforePortrait)
        } catch {
            // A read that went on and broke again keeps what there was before.
            guard error.leavesCardAsItWas, let earlier = request.resuming else { throw error }
            throw .interrupted(earlier, cause: error)
        }
    }

    private func read(
        _ request: ReadRequest, in session: ChipSession, since start: ContinuousClock.Instant,
        _ progress: (ReadProgress) -> Void, _ beforePortrait: (ChipRead) -> Void
    ) throws(CardReaderError) -> ChipRead {
        let masterFile = try MasterFile(session)
        let offers = masterFile.cardAccess.flatMap { try? SecurityInfos($0.span) }
        var access = ChipAccess(session: session, randomness: randomness, offers: offers, key: request.key)
        let files = FileReader(session, extendedAnswerLimit: masterFile.extendedAnswerLimit)
        var cardSecurity: Result<[UInt8], ReadingFault>?
        let opening = try access.open { (chip) throws(CardReaderError) in
            // Where chip authentication mapping's public key is signed. DG14 holds it too on some chips, which is not
            // known yet.
            guard chip.mapping != nil, request.proofs != .none else { return }
            cardSecurity = try files.read(.cardSecurity, progress: { _, _ in })
        }
        let attempts = opening.attempts
        access.key = request.key.narrowed(to: attempts.last)
        var reading = ChipReading(session: session, files: files, access: access, chip: opening.chip)
        reading.image[.cardAccess] = masterFile.cardAccess
        if let cardSecurity { reading.record(cardSecurity, as: .cardSecurity) }
        reading.proofs.paceChipAuthenticationMapping = Self.mappingProof(opening, offers, request.proofs)
        reading.proofs.opening = Self.told(attempts)
        func soFar(_ reading: ChipReading) -> ChipRead {
            ChipRead(
                image: reading.image, digests: files.digested, unread: reading.unread, proofs: reading.proofs,
                terminalAuthentication: reading.terminalAuthentication,
                access: attempts.last?.method ?? .none, attempts: attempts, atr: channel.atr,
                apduCount: session.commandCount, byteCount: session.byteCount,
                seconds: (ContinuousClock.now - start) / .seconds(1))
        }
        do throws(CardReaderError) {
            if let earlier = request.resuming { try reading.resume(earlier) }
            try Self.read(request, &reading, progress) { beforePortrait(soFar($0)) }
        } catch {
            throw reading.interrupted(by: error)
        }
        return soFar(reading)
    }

    /// Reads the files, EF.SOD first: by it the card is known again.
    private static func read(
        _ request: ReadRequest, _ reading: inout ChipReading, _ progress: (ReadProgress) -> Void,
        _ beforePortrait: (ChipReading) -> Void
    ) throws(CardReaderError) {
        try reading.read(.sod, progress)
        let hashes = reading.image[.sod].flatMap { try? SecurityObject($0) }?.lds
        reading.files.digestAlgorithm = hashes.flatMap {
            DigestAlgorithm(objectIdentifier: $0.hashAlgorithm.algorithm.encoded)
        }
        try reading.read(.com, progress)
        let listed = listed(reading.image[.com], hashes)
        if !listed.contains(.dg14) { reading.proofs.chipAuthentication = .notOffered }
        if !listed.contains(.dg15) { reading.proofs.activeAuthentication = .notOffered }
        for file in order where listed.contains(file) && request.files.contains(file) {
            if file == .dg2 { beforePortrait(reading) }
            try reading.read(file, progress)
            if file == .dg14 { try reading.authenticateChip(request.proofs) }
            if file == .dg15 { try reading.authenticateActively(request.proofs) }
        }
        let restricted = extendedAccess.filter { listed.contains($0) && request.files.contains($0) }
        if !restricted.isEmpty, let credentials = request.terminalCredentials {
            try reading.authenticateTerminal(credentials)
        }
        for file in restricted {
            if reading.terminalAuthentication == .succeeded {
                try reading.read(file, progress)
            } else {
                reading.unread.append(UnreadFile(file: file, reason: .needsTerminalAuthentication))
            }
        }
    }

    /// How the chip was opened, for a verdict.
    private static func told(_ attempts: [AccessAttempt]) -> ChipOpening {
        switch attempts.last?.method {
        case .pace: .pace
        case .basicAccessControl:
            .basicAccessControl(
                refused: attempts.compactMap { attempt in
                    if case .pace = attempt.method { attempt.description } else { nil }
                })
        case .some(.none), nil: .unprotected
        }
    }

    private static func mappingProof(
        _ opening: ChipAccess.Opening, _ offers: SecurityInfos?, _ wanted: ReadRequest.Proofs
    ) -> ChipProof<PACEChipAuthenticationMappingTranscript> {
        guard wanted != .none else { return .notAsked }
        if let transcript = opening.chip?.mapping { return .answered(transcript) }
        let isOffered = offers?.pace.contains { $0.variant.mapping == .chipAuthentication } ?? false
        return isOffered ? .notAsked : .notOffered
    }

    /// The data groups that there are by EF.COM or by EF.SOD: the former is not signed, and may hide one.
    private static func listed(_ commonData: [UInt8]?, _ hashes: LDSSecurityObject?) -> Set<ElementaryFile> {
        let index = commonData.flatMap { try? CommonData($0.span) }?.dataGroups ?? []
        let hashed = hashes?.hashes.keys.map { $0 } ?? []
        let listed = Set((index + hashed).compactMap(ElementaryFile.dataGroup))
        return listed.isEmpty ? usual : listed
    }
}
