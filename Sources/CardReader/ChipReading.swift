import Document

/// One read in progress: what came of it so far, and how to go on where the chip gave the session up.
struct ChipReading {
    let session: ChipSession
    let files: FileReader
    /// How the chip was opened, for opening it again.
    let access: ChipAccess
    var image = CardImage()
    var unread: [UnreadFile] = []
    var proofs = ChipProofs()
    private(set) var terminalAuthentication = TerminalAuthentication.Outcome.notAsked
    /// What the protocol that opened the chip left; nil where none ran.
    private var chip: OpenedChip?
    /// Comp() of the terminal's ephemeral key that the session keys are from, once chip authentication ran.
    private var terminalIdentifier: [UInt8]?
    private var bytesRead = 0
    private var recoveries = 0

    /// How often a chip is opened again in one read.
    private static let recoveryLimit = 8

    init(session: ChipSession, files: FileReader, access: ChipAccess, chip: OpenedChip?) {
        self.session = session
        self.files = files
        self.access = access
        self.chip = chip
    }

    /// Reads a file into the image unless it is there already, or tells why it could not be read.
    mutating func read(_ file: ElementaryFile, _ progress: (ReadProgress) -> Void) throws(CardReaderError) {
        guard image[file] == nil else { return }
        record(try contents(of: file, progress), as: file)
    }

    /// Keeps what came of reading a file.
    mutating func record(_ result: Result<[UInt8], ReadingFault>, as file: ElementaryFile) {
        switch result {
        case .success(let bytes):
            image[file] = bytes
            bytesRead += bytes.count
        case .failure(let fault): unread.append(UnreadFile(file: file, reason: fault.reason))
        }
    }

    /// Whether chip authentication mapping ran, and its key was read: without that nobody can judge it.
    private var isProvenByMapping: Bool {
        guard case .answered = proofs.paceChipAuthenticationMapping else { return false }
        return image[.cardSecurity] != nil
    }

    /// Asks the chip to prove that it holds the private key to DG14's public one. All that follows runs under the new
    /// session keys.
    mutating func authenticateChip(_ wanted: ReadRequest.Proofs) throws(CardReaderError) {
        guard wanted != .none, session.cipher != nil, let bytes = image[.dg14] else { return }
        if wanted == .one, isProvenByMapping { return }
        guard let group = try? DataGroup14(bytes.span) else {
            proofs.chipAuthentication = .notSupported("DG14 is malformed")
            return
        }
        let outcome = try ChipAuthentication(session: session, randomness: access.randomness).run(group.securityInfos)
        proofs.chipAuthentication = outcome.proof
        terminalIdentifier = outcome.terminalIdentifier
        if !outcome.sessionGoesOn { try reopen() }
    }

    /// Shows the chip the terminal's rights. A chip that was opened anew since chip authentication runs that again before.
    mutating func authenticateTerminal(_ credentials: TerminalCredentials) throws(CardReaderError) {
        if terminalIdentifier == nil, case .answered = proofs.chipAuthentication { try authenticateChip(.all) }
        let identifier = terminalIdentifier ?? (chip?.mapping == nil ? nil : chip?.terminalIdentifier)
        guard let chip, let identifier else {
            terminalAuthentication = .notPossible("chip authentication comes before it, and did not run")
            return
        }
        do throws(CardReaderError) {
            terminalAuthentication = try TerminalAuthentication(
                session: session, credentials: credentials, chipIdentifier: chip.chipIdentifier,
                terminalIdentifier: identifier
            ).run(authorities: chip.certificationAuthorities)
        } catch {
            guard case .secureMessaging(.ended(let status)) = error else { throw error }
            terminalAuthentication = .refused(status, command: "terminal authentication")
            try reopen()
        }
    }

    /// Asks the chip to sign with the private key to DG15's public one, unless it answered to chip authentication and
    /// one proof will do.
    mutating func authenticateActively(_ wanted: ReadRequest.Proofs) throws(CardReaderError) {
        guard wanted != .none, image[.dg15] != nil else { return }
        if wanted == .one, case .answered = proofs.chipAuthentication { return }
        if wanted == .one, isProvenByMapping { return }
        let outcome = try ActiveAuthentication(
            session: session, randomness: access.randomness, extendedAnswerLimit: files.extendedAnswerLimit
        ).run()
        proofs.activeAuthentication = outcome.proof
        if !outcome.sessionGoesOn { try reopen() }
    }

    /// Reads a file; where the chip gives the session up over it, opens the chip again and tries once more with short
    /// answers.
    private mutating func contents(
        of file: ElementaryFile, _ progress: (ReadProgress) -> Void
    ) throws(CardReaderError) -> Result<[UInt8], ReadingFault> {
        let earlier = bytesRead
        func tell(_ read: Int, _ announced: Int) {
            progress(
                ReadProgress(file: file, fileBytesRead: read, fileByteCount: announced, bytesRead: earlier + read))
        }
        do throws(CardReaderError) {
            return try files.read(file, progress: tell)
        } catch {
            guard recoveries < Self.recoveryLimit, mayRecover(from: error) else { throw error }
        }
        files.useShortLength()
        try reopen()
        do throws(CardReaderError) {
            return try files.read(file, progress: tell)
        } catch {
            guard case .secureMessaging(.ended(let status)) = error else { throw error }
            try reopen()
            return .failure(ReadingFault(.endedSecureMessaging(status)))
        }
    }

    /// A chip may end the session over a command that it does not like; a reader may fail over an answer that is too
    /// long for it. A forged answer is neither.
    private func mayRecover(from error: CardReaderError) -> Bool {
        if case .secureMessaging(.ended) = error { return true }
        return files.extendedAnswerLimit != nil && error.mayComeFromLength
    }

    private mutating func reopen() throws(CardReaderError) {
        recoveries += 1
        try session.reset()
        chip = try access.open().chip
        terminalIdentifier = nil
        try confirmCard()
    }

    /// Reads EF.SOD again, where it was read before, and compares: what is read from here on is of the same card.
    ///
    /// - Throws: `differentCard`.
    func confirmCard() throws(CardReaderError) {
        guard let known = image[.sod] else {
            // Without EF.SOD nothing tells that the start of a file and its end are of one card.
            files.unfinished = nil
            return
        }
        let unfinished = files.unfinished
        defer { files.unfinished = unfinished }
        guard case .success(let found) = try files.read(.sod, progress: { _, _ in }), found == known else {
            throw .differentCard
        }
    }

    /// Takes up what an earlier read of the same card came to.
    mutating func resume(_ earlier: PartialRead) throws(CardReaderError) {
        guard earlier.image[.sod] != nil else { return }
        let (cardAccess, cardSecurity) = (image[.cardAccess], image[.cardSecurity])
        image = earlier.image
        (image[.cardAccess], image[.cardSecurity]) = (cardAccess, cardSecurity)
        files.unfinished = earlier.unfinished
        try confirmCard()
        bytesRead = image.files.reduce(0) { $0 + ($1.key == .cardAccess ? 0 : $1.value.count) }
    }

    /// The error with which a read ends that `error` broke.
    func interrupted(by error: CardReaderError) -> CardReaderError {
        guard error.leavesCardAsItWas, image[.sod] != nil else { return error }
        return .interrupted(PartialRead(image: image, unfinished: files.unfinished), cause: error)
    }
}
