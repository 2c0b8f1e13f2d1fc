import Crypto
import FoundationEssentials
import Registry
import Verifier

/// A terminal's statement about one check-in: which attributes of a card were proven, when, where, by which checks.
///
/// Signed as a JWT (RFC 7519) in a JWS with ES256: any JOSE library checks it. It holds the attributes alone that were
/// asked for, and none that the card did not prove.
public struct Receipt: Codable, Equatable, Sendable {
    /// What was found about the card.
    public struct Card: Codable, Equatable, Sendable {
        /// `genuine` or `authenticData`.
        public var outcome: String
        /// What spoke against using the card: `expired`, `reportedLost`, `expiryUnknown`.
        public var validity: [String]
        /// The checks that were decided, each with its result; what was not performed or does not apply is left out.
        public var checks: [String: String]
    }

    /// Names the check-in: the `Audit-Id` of its answer.
    public var jti: String
    /// When it was made, in seconds since 1970 (`iat` of RFC 7519).
    public var iat: Int
    /// The terminal, as its certificate names it.
    public var iss: String
    /// For whom it was made; absent when for anybody.
    public var aud: String?
    /// The text of the caller who wanted it.
    public var nonce: String?
    /// The code of the facility where it was made (maCSKCB).
    public var facility: String?
    /// The day that the validity is about, `YYYY-MM-DD`.
    public var on: String
    /// What was found about the card.
    public var card: Card
    /// What the card proves of its holder, by the names of the check-in's answer.
    public var attributes: [String: String]

    static let type = "cccd-receipt+jwt"

    /// - Throws: `Problem`: `identityNotProven`, since nothing is stated that is not proven.
    init(
        _ order: ReceiptRequest, id: String, verdict: Verdict, on day: String, facility: String?, terminal: Terminal
    ) throws(Problem) {
        guard let holder = verdict.holder, holder.isProven else {
            throw Problem(.identityNotProven, "A receipt states what a card proves, and this one proves nothing.")
        }
        jti = id
        iat = Timestamp.now.secondsSince1970
        iss = terminal.certificate.subject.text
        aud = order.audience
        nonce = order.nonce
        self.facility = facility
        on = day
        let decided = verdict.checks.filter { $0.result == .passed || $0.result == .failed }
        card = Card(
            outcome: verdict.outcome.rawValue, validity: verdict.validity.map(\.rawValue),
            checks: Dictionary(decided.map { ($0.id.rawValue, $0.result.rawValue) }, uniquingKeysWith: { $1 }))
        attributes = [:]
        for field in order.attributes { attributes[field.rawValue] = holder[field] }
    }

    /// The receipt as a signed text.
    func signed(by terminal: Terminal) throws(Problem) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try JSONWebSignature.sign([UInt8](try encoder.encode(self)), type: Self.type, by: terminal)
        } catch {
            throw Problem(.internalError, "The receipt could not be signed: \(error).")
        }
    }
}

/// A receipt whose signature was checked, offline.
public struct VerifiedReceipt: Sendable {
    /// What the terminal stated.
    public let receipt: Receipt
    /// The fingerprint (SHA-256) of the certificate whose key signed it.
    public let fingerprint: String
    /// Whether that certificate is one of those given, or was issued by one of them and was valid when it signed.
    public let isTrusted: Bool

    /// - Parameters:
    ///   - text: The receipt.
    ///   - certificates: Those of the terminals, or of the authorities that issue to terminals, that are trusted; in DER.
    /// - Throws: `TerminalError`: `malformedStatement`, `wrongSignature`.
    public init(_ text: String, trusting certificates: [[UInt8]]) throws(TerminalError) {
        let signature = try JSONWebSignature(text, type: Receipt.type)
        guard let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(signature.payload)) else {
            throw .malformedStatement("it does not say what a receipt says")
        }
        self.receipt = receipt
        fingerprint = signature.certificate.fingerprint
        let signed = signature.certificate
        let moment = Date(timeIntervalSince1970: Double(receipt.iat))
        isTrusted = certificates.contains { der in
            guard der != signed.der else { return true }
            guard let issuer = try? Certificate(der: der), issuer.subject == signed.issuer,
                let key = try? issuer.publicKey(), signed.isSigned(by: key)
            else { return false }
            return issuer.isAuthority && signed.notBefore <= moment && moment <= signed.notAfter
        }
    }
}

extension Certificate {
    /// Whether its basic constraints let it issue certificates (RFC 5280, 4.2.1.9).
    fileprivate var isAuthority: Bool {
        // SEQUENCE { BOOLEAN TRUE, … }
        extensions.first { $0.type == "2.5.29.19" }.map { $0.value.dropFirst(2).starts(with: [0x01, 0x01, 0xFF]) }
            ?? false
    }
}
