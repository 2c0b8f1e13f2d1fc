import Crypto
import Document

/// Opens a chip (Doc 9303-11, 4.2): PACE where EF.CardAccess offers a variant that is supported here, BAC otherwise.
///
/// A key that PACE found to be wrong is not tried again with BAC.
struct ChipAccess {
    let session: ChipSession
    let randomness: Randomness
    /// What EF.CardAccess offers; nil when there is none, or none that can be read.
    let offers: SecurityInfos?
    var key: AccessKey

    /// The ICAO application (Doc 9303-10, 3.6).
    static let application: [UInt8] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]

    private struct Password {
        let kind: PACEPassword
        let candidate: Int?
        let secret: SecretBytes
    }

    /// A chip that is open, with the ICAO application selected.
    struct Opening {
        /// What was tried, in order; the last is what opened the chip.
        let attempts: [AccessAttempt]
        /// What the protocol left; nil where the chip is open to anybody.
        let chip: OpenedChip?
    }

    /// Opens the chip and selects the ICAO application.
    ///
    /// - Parameter inMasterFile: Runs once PACE opened the chip, before the application is selected.
    func open(
        inMasterFile: (OpenedChip) throws(CardReaderError) -> Void = { _ in }
    ) throws(CardReaderError) -> Opening {
        var attempts: [AccessAttempt] = []
        let variants = Self.supported(
            offers?.pace ?? [], explicit: offers?.paceDomainParameters ?? [],
            withExtendedLength: session.channel.allowsExtendedLength)
        var hasWrongKey = false
        for password in variants.isEmpty ? [] : try passwords() {
            switch try run(variants, password: password, &attempts) {
            case .opened(let chip):
                session.start(chip.messaging)
                try inMasterFile(chip)
                try selectApplication()
                return Opening(attempts: attempts, chip: chip)
            case .wrongKey where password.kind == .can: throw .wrongKey(attempts)
            case .wrongKey:
                hasWrongKey = true
                session.hasRefusedKey = true
            case .refused: continue
            }
        }
        guard !hasWrongKey else { throw .wrongKey(attempts) }
        try selectApplication()
        return try openWithoutPACE(attempts)
    }

    typealias Variant = (info: PACEInfo, parameters: DomainParameters)

    /// The variants that are supported here, the better ones first, those alike in the chip's order.
    static func supported(
        _ offered: [PACEInfo], explicit: [PACEDomainParameterInfo] = [], withExtendedLength: Bool
    ) -> [Variant] {
        let supported = offered.compactMap { info in PACE.parameters(of: info, explicit: explicit).map { (info, $0) } }
            .filter { withExtendedLength || !$0.1.needsExtendedLength }
        return supported.enumerated()
            .sorted { (rank($0.element.0), $0.offset) < (rank($1.element.0), $1.offset) }.map(\.element)
    }

    /// AES before 3DES; elliptic curves, which are faster and stronger than the integers of their time, before those; and
    /// first the mapping that proves the chip by the way.
    private static func rank(_ info: PACEInfo) -> Int {
        let cipher = info.variant.cipher == .tripleDES ? 6 : 0
        let agreement = info.variant.keyAgreement == .dh ? 3 : 0
        switch info.variant.mapping {
        case .chipAuthentication: return cipher + agreement
        case .generic: return cipher + agreement + 1
        case .integrated: return cipher + agreement + 2
        }
    }

    /// Runs the variants with one password until the chip accepts one of them; the last outcome.
    private func run(
        _ variants: [Variant], password: Password, _ attempts: inout [AccessAttempt]
    ) throws(CardReaderError) -> AccessOutcome {
        var last = AccessOutcome.refused(.referencedDataNotFound, step: "PACE")
        let namesParameters = Set(offers?.pace.map(\.parameterID) ?? []).count > 1
        for (info, parameters) in variants {
            let outcome = try PACE(
                session: session, randomness: randomness, info: info, parameters: parameters,
                namesParameters: namesParameters
            ).open(with: password.kind, secret: password.secret)
            let method = AccessMethod.pace(
                protocolOID: info.protocolOID, parameterID: info.parameterID, password: password.kind)
            attempts.append(AccessAttempt(method: method, candidate: password.candidate, outcome: outcome.told))
            guard case .refused = outcome else { return outcome }
            last = outcome
        }
        return last
    }

    private func openWithoutPACE(_ earlier: [AccessAttempt]) throws(CardReaderError) -> Opening {
        var attempts = earlier
        for (number, fields) in key.candidates.enumerated() {
            let outcome = try BasicAccessControl(session: session, randomness: randomness).open(with: fields)
            attempts.append(
                AccessAttempt(method: .basicAccessControl, candidate: number, outcome: outcome.told))
            switch outcome {
            case .opened(let chip):
                session.start(chip.messaging)
                return Opening(attempts: attempts, chip: chip)
            case .wrongKey: session.hasRefusedKey = true
            case .refused(let status, let step):
                if let opening = try openWithoutProtocol(attempts) { return opening }
                throw .unexpectedStatus(status, command: step)
            }
        }
        if key.candidates.isEmpty {
            if let opening = try openWithoutProtocol(attempts) { return opening }
            let refusal =
                attempts.last.map { "it refused PACE with it (\($0))" } ?? "it offers no PACE that is supported here"
            throw .keyNotUsable(
                key: key.kind, reason: "\(refusal), and BAC needs the machine readable zone or the QR code")
        }
        throw .wrongKey(attempts)
    }

    /// Doc 9303-11, 4.1, note 1: chips without access control are deprecated, and must be read.
    private func openWithoutProtocol(_ attempts: [AccessAttempt]) throws(CardReaderError) -> Opening? {
        let index = CommandAPDU(
            instruction: 0xB0, parameter1: 0x80 | ElementaryFile.com.shortFileIdentifier, parameter2: 0,
            expectedCount: 1)
        let answer = try session.send(index)
        guard answer.status == .success, answer.data.count == 1 else { return nil }
        let attempt = AccessAttempt(method: .none, candidate: nil, outcome: .opened)
        return Opening(attempts: attempts + [attempt], chip: nil)
    }

    /// The passwords that the key holds, the card access number first.
    private func passwords() throws(CardReaderError) -> [Password] {
        var passwords: [Password] = []
        if let number = try key.cardAccessNumber() {
            passwords.append(Password(kind: .can, candidate: nil, secret: SecretBytes(Array(number.utf8))))
        }
        for (number, fields) in key.candidates.enumerated() {
            let secret = try cryptography { () throws(CryptoError) in try fields.paceSecret() }
            passwords.append(Password(kind: .mrz, candidate: number, secret: secret))
        }
        return passwords
    }

    private func selectApplication() throws(CardReaderError) {
        var command = CommandAPDU(instruction: 0xA4, parameter1: 0x04, parameter2: 0x0C, data: Self.application)
        var answer = try session.send(command)
        if answer.status != .success, answer.status != .notFound {
            // Some chips do not know how to leave the file control information out.
            command.parameter2 = 0x00
            command.expectedCount = CommandAPDU.shortExpectedLimit
            answer = try session.send(command)
        }
        guard answer.status == .success else { throw .applicationNotFound(answer.status) }
    }
}
