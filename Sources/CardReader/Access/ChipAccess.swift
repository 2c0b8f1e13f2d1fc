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

    /// Opens the chip and selects the ICAO application.
    ///
    /// - Returns: What was tried, in order; the last is what opened the chip.
    func open() throws(CardReaderError) -> [AccessAttempt] {
        var attempts: [AccessAttempt] = []
        let variants = Self.supported(offers?.pace ?? [])
        var hasWrongKey = false
        for password in variants.isEmpty ? [] : try passwords() {
            switch try run(variants, password: password, &attempts) {
            case .opened(let messaging):
                session.start(messaging)
                try selectApplication()
                return attempts
            case .wrongKey where password.kind == .can: throw .wrongKey(attempts)
            case .wrongKey: hasWrongKey = true
            case .refused: continue
            }
        }
        guard !hasWrongKey else { throw .wrongKey(attempts) }
        try selectApplication()
        return try openWithoutPACE(attempts)
    }

    /// The variants that are supported here, those with AES before those with 3DES.
    static func supported(_ offered: [PACEInfo]) -> [(info: PACEInfo, curve: NamedCurve)] {
        let supported = offered.compactMap { info in PACE.curve(of: info).map { (info, $0) } }
        return supported.filter { $0.0.variant.cipher != .tripleDES }
            + supported.filter { $0.0.variant.cipher == .tripleDES }
    }

    /// Runs the variants with one password until the chip accepts one of them; the last outcome.
    private func run(
        _ variants: [(info: PACEInfo, curve: NamedCurve)], password: Password, _ attempts: inout [AccessAttempt]
    ) throws(CardReaderError) -> AccessOutcome {
        var last = AccessOutcome.refused(.referencedDataNotFound, step: "PACE")
        let namesParameters = Set(offers?.pace.map(\.parameterID) ?? []).count > 1
        for (info, curve) in variants {
            let outcome = try PACE(
                session: session, randomness: randomness, info: info, curve: curve, namesParameters: namesParameters
            ).open(with: password.kind, secret: password.secret)
            let method = AccessMethod.pace(
                protocolOID: info.protocolOID, parameterID: info.parameterID, password: password.kind)
            attempts.append(AccessAttempt(method: method, candidate: password.candidate, outcome: outcome.told))
            guard case .refused = outcome else { return outcome }
            last = outcome
        }
        return last
    }

    private func openWithoutPACE(_ earlier: [AccessAttempt]) throws(CardReaderError) -> [AccessAttempt] {
        var attempts = earlier
        for (number, fields) in key.candidates.enumerated() {
            let outcome = try BasicAccessControl(session: session, randomness: randomness).open(with: fields)
            attempts.append(
                AccessAttempt(method: .basicAccessControl, candidate: number, outcome: outcome.told))
            switch outcome {
            case .opened(let messaging):
                session.start(messaging)
                return attempts
            case .wrongKey: continue
            case .refused(let status, let step):
                if try isOpenToAnybody() {
                    return attempts + [AccessAttempt(method: .none, candidate: nil, outcome: .opened)]
                }
                throw .unexpectedStatus(status, command: step)
            }
        }
        if key.candidates.isEmpty {
            if try isOpenToAnybody() {
                return attempts + [AccessAttempt(method: .none, candidate: nil, outcome: .opened)]
            }
            let refusal =
                attempts.last.map { "it refused PACE with it (\($0))" } ?? "it offers no PACE that is supported here"
            throw .keyNotUsable(
                key: key.kind, reason: "\(refusal), and BAC needs the machine readable zone or the QR code")
        }
        throw .wrongKey(attempts)
    }

    /// Doc 9303-11, 4.1, note 1: chips without access control are deprecated, and must be read.
    private func isOpenToAnybody() throws(CardReaderError) -> Bool {
        let index = CommandAPDU(
            instruction: 0xB0, parameter1: 0x80 | ElementaryFile.com.shortFileIdentifier, parameter2: 0,
            expectedCount: 1)
        let answer = try session.send(index)
        return answer.status == .success && answer.data.count == 1
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

extension AccessOutcome {
    fileprivate var told: AccessAttempt.Outcome {
        switch self {
        case .opened: .opened
        case .wrongKey(let status): .wrongKey(status)
        case .refused(let status, let step): .refused(status, step: step)
        }
    }
}
