import Crypto
import Document

/// What opens a chip: something printed on the document.
public enum AccessKey: Hashable, Sendable {
    /// The personal number, whose last six digits are the card access number of a Vietnamese card. Needs a chip with
    /// PACE.
    case personalNumber(PersonalNumber)
    /// A card access number of six digits. Needs a chip with PACE.
    case can(String)
    /// Document number, birth and expiry date as in the machine readable zone. Opens chips with PACE and with BAC.
    case mrz(AccessFields)
    /// The text of the QR code printed on a Vietnamese card, which holds the personal number and from which the three
    /// fields follow.
    case qr(QRText)

    /// Which kind of key it is, without its value.
    public enum Kind: String, Hashable, Sendable, CustomStringConvertible {
        /// `AccessKey.personalNumber`.
        case personalNumber
        /// `AccessKey.can`.
        case can
        /// `AccessKey.mrz`.
        case mrz
        /// `AccessKey.qr`.
        case qr

        /// What the key is called in a sentence.
        public var description: String {
            switch self {
            case .personalNumber: "the personal number"
            case .can: "the card access number"
            case .mrz: "the fields of the machine readable zone"
            case .qr: "the QR code"
            }
        }
    }

    /// Which kind of key it is.
    public var kind: Kind {
        switch self {
        case .personalNumber: .personalNumber
        case .can: .can
        case .mrz: .mrz
        case .qr: .qr
        }
    }

    /// The card access number that the key holds, if any.
    ///
    /// - Throws: `invalidKey` for one that is not six digits.
    func cardAccessNumber() throws(CardReaderError) -> String? {
        switch self {
        case .personalNumber(let number): return number.can
        case .can(let text):
            guard text.utf8.count == 6, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { throw .invalidKey(reason: "a card access number has six digits") }
            return text
        case .mrz: return nil
        case .qr(let text): return text.personalNumber.can
        }
    }

    /// What the three fields of the machine readable zone are, or may be: each is tried in order.
    var candidates: [AccessFields] {
        switch self {
        case .personalNumber, .can: []
        case .mrz(let fields): [fields]
        case .qr(let text): text.accessCandidates
        }
    }

    /// The part of the key that opened the chip, for opening the same chip again.
    func narrowed(to attempt: AccessAttempt?) -> AccessKey {
        if let candidate = attempt?.candidate {
            return candidates.dropFirst(candidate).first.map(AccessKey.mrz) ?? self
        }
        if case .pace(_, _, .can) = attempt?.method, case .qr(let text) = self {
            return .personalNumber(text.personalNumber)
        }
        return self
    }
}

/// How a chip was opened, or tried to be.
public enum AccessMethod: Hashable, Sendable {
    /// PACE, by the variant named (Doc 9303-11, 9.2.4) and the standardised domain parameters of that number.
    case pace(protocolOID: ObjectIdentifier, parameterID: Int?, password: PACEPassword)
    /// Basic Access Control.
    case basicAccessControl
    /// None: the chip gives its data to anybody.
    case none
}

/// One try to open the chip, and what became of it.
public struct AccessAttempt: Hashable, Sendable {
    /// What the chip made of it.
    public enum Outcome: Hashable, Sendable {
        /// The chip opened.
        case opened
        /// The chip does not know the key.
        case wrongKey(StatusWord)
        /// The chip refused the step named for another reason.
        case refused(StatusWord, step: String)
    }

    /// What was tried.
    public let method: AccessMethod
    /// Which of the key's candidates for the machine readable zone, counted from zero; nil with the card access number.
    public let candidate: Int?
    /// What the chip made of it.
    public let outcome: Outcome
}

extension AccessMethod: CustomStringConvertible {
    /// `PACE with the CAN`, `BAC`, …
    public var description: String {
        switch self {
        case .pace(_, _, let password): "PACE with the \(password == .can ? "CAN" : "MRZ")"
        case .basicAccessControl: "BAC"
        case .none: "no access control"
        }
    }
}

extension AccessAttempt: CustomStringConvertible {
    /// `PACE with the CAN: wrong key, 6300 (authentication failed)`.
    public var description: String {
        let place = candidate.map { $0 > 0 ? ", candidate \($0 + 1)" : "" } ?? ""
        switch outcome {
        case .opened: return "\(method)\(place): opened"
        case .wrongKey(let status): return "\(method)\(place): wrong key, \(status)"
        case .refused(let status, let step): return "\(method)\(place): \(step) refused, \(status)"
        }
    }
}

extension AccessFields {
    /// f(π) for the MRZ: SHA-1 over the MRZ information (Doc 9303-11, table 14).
    func paceSecret() throws(CryptoError) -> SecretBytes {
        var digest = try Digest(.sha1)
        try digest.update(Array(mrzInformation.utf8))
        return try digest.finishSecret()
    }
}
