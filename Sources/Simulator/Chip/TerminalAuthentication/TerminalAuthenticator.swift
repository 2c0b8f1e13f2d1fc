import Crypto
import Document

/// The chip's side of terminal authentication, version 1 (Doc 9303-11, 7.1; BSI TR-03110-1, 3.5 and TR-03110-3, C).
struct TerminalAuthenticator: Sendable {
    /// A certificate that the chip has accepted.
    private struct Accepted: Sendable {
        let reference: [UInt8]
        let key: CardVerifiableKey
        let role: TerminalRole
        /// What this certificate and all above it allow.
        let rights: TerminalRights
        let expirationDate: CalendarDate
    }

    /// The authorities' certificates, which outlast sessions: the current one first.
    private var authorities: [Accepted] = []
    /// The day that the chip takes for today (BSI TR-03110-1, 2.5.3).
    private(set) var date: CalendarDate

    // What one session has come to.
    private var certificates: [Accepted] = []
    private var verifying: Accepted?
    private var terminal: Accepted?
    /// ID_IC and Comp(PK_IFD) of the session's protocols; nil until they have run.
    var chipIdentifier: [UInt8]?
    var terminalIdentifier: [UInt8]?
    /// What the terminal has shown that it may read.
    private(set) var rights: TerminalRights = []

    init(_ trust: TerminalTrust?, issued: CalendarDate) {
        date = trust?.date ?? issued
        authorities = (trust?.authorities ?? []).prefix(2).compactMap { bytes in
            guard let certificate = try? CardVerifiableCertificate(bytes),
                let key = try? CardVerifiableKey(Self.publicKey(certificate), issuer: nil)
            else { return nil }
            return try? Self.accepted(certificate, key, under: nil)
        }
    }

    /// The authorities' references, as EF.CVCA and PACE tell them.
    var references: [[UInt8]] { authorities.map(\.reference) }

    /// Whether a terminal was named that has yet to sign.
    var awaitsSignature: Bool { terminal != nil }

    mutating func endSession() {
        certificates = []
        (verifying, terminal) = (nil, nil)
        (chipIdentifier, terminalIdentifier) = (nil, nil)
        rights = []
    }

    /// New session keys: what was shown under the old ones counts no more.
    mutating func restart(terminalIdentifier: [UInt8]) {
        (verifying, terminal, rights) = (nil, nil, [])
        self.terminalIdentifier = terminalIdentifier
    }

    /// MSE:Set DST (TR-03110-3, B.2.6): whose key the next certificate is checked with.
    mutating func selectVerifying(_ reference: [UInt8]?) throws(ChipRefusal) {
        guard terminalIdentifier != nil else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        verifying = (authorities + certificates).first { $0.reference == reference }
        guard verifying != nil else { throw ChipRefusal(status: .referencedDataNotFound) }
    }

    /// PSO:Verify Certificate (TR-03110-3, B.2.7 and C.2): body and signature, checked with the key selected.
    mutating func verify(_ data: [UInt8]) throws(ChipRefusal) {
        guard let issuer = verifying else { throw ChipRefusal(status: .conditionsNotSatisfied) }
        verifying = nil
        let certificate: CardVerifiableCertificate
        let signature: [UInt8]
        do throws(DocumentError) {
            certificate = try CardVerifiableCertificate(TLVEncoder.element(0x7F21, data))
            var cursor = TLVCursor(certificate.signature.span)
            signature = cursor.copy(try cursor.next(0x5F37).content)
        } catch {
            throw ChipRefusal(status: .wrongData)
        }
        guard certificate.authorityReference == issuer.reference, issuer.key.verify(signature, over: certificate.body)
        else { throw ChipRefusal(status: .authenticationFailed) }
        let key = try CardVerifiableKey(Self.publicKey(certificate), issuer: issuer.key)
        let accepted = try Self.accepted(certificate, key, under: issuer)
        // A link certificate is good for ever; the others end (C.2).
        guard accepted.role == .authority || certificate.expirationDate >= date else {
            throw ChipRefusal(status: .authenticationFailed)
        }
        if accepted.role == .authority {
            authorities = [accepted] + authorities.filter { $0.reference != accepted.reference }.prefix(1)
        } else {
            certificates.append(accepted)
        }
        if accepted.role != .foreignVerifier, issuer.role != .foreignVerifier {
            date = max(date, certificate.effectiveDate)
        }
    }

    /// MSE:Set AT (TR-03110-3, B.2.3): which terminal is going to sign.
    mutating func selectTerminal(_ reference: [UInt8]?) throws(ChipRefusal) {
        terminal = certificates.first { $0.reference == reference && $0.role == .inspectionSystem }
        guard terminal != nil else { throw ChipRefusal(status: .referencedDataNotFound) }
    }

    /// EXTERNAL AUTHENTICATE: the terminal's signature over ID_IC ‖ r_IC ‖ Comp(PK_DH,IFD).
    mutating func authenticate(_ signature: [UInt8], challenge: [UInt8]) throws(ChipRefusal) {
        guard let terminal, let chipIdentifier, let terminalIdentifier else {
            throw ChipRefusal(status: .conditionsNotSatisfied)
        }
        self.terminal = nil
        guard terminal.key.verify(signature, over: chipIdentifier + challenge + terminalIdentifier) else {
            throw ChipRefusal(status: .authenticationFailed)
        }
        rights = terminal.rights
    }

    /// The certificate with what it gives under its issuer.
    ///
    /// - Throws: `authenticationFailed` when the issuer may not give that role.
    private static func accepted(
        _ certificate: CardVerifiableCertificate, _ key: CardVerifiableKey, under issuer: Accepted?
    ) throws(ChipRefusal) -> Accepted {
        guard certificate.terminalType == inspectionSystem, let authorization = certificate.authorization.last,
            certificate.authorization.count == 1, let role = TerminalRole(rawValue: authorization & 0xC0)
        else { throw ChipRefusal(status: .wrongData) }
        let isAllowed =
            switch issuer?.role {
            case nil: role == .authority
            case .authority: role != .inspectionSystem
            case .domesticVerifier, .foreignVerifier: role == .inspectionSystem
            case .inspectionSystem: false
            }
        guard isAllowed else { throw ChipRefusal(status: .authenticationFailed) }
        let own = TerminalRights(rawValue: authorization & 0x3F)
        return Accepted(
            reference: certificate.holderReference, key: key, role: role,
            rights: issuer.map { $0.rights.intersection(own) } ?? own, expirationDate: certificate.expirationDate)
    }

    /// id-IS.
    private static let inspectionSystem = ObjectIdentifier([0, 4, 0, 127, 0, 7, 3, 1, 2, 1])

    /// The content of DO'7F49' of a certificate.
    private static func publicKey(_ certificate: CardVerifiableCertificate) throws(ChipRefusal) -> [UInt8] {
        do throws(DocumentError) {
            var outer = TLVCursor(certificate.body.span)
            var fields = outer.inside(try outer.next(0x7F4E))
            while true {
                let object = try fields.next()
                if object.tag == 0x7F49 { return fields.copy(object.content) }
            }
        } catch {
            throw ChipRefusal(status: .wrongData)
        }
    }
}

extension TerminalAuthenticator {
    /// EF.CVCA (TR-03110-3, A.1.2): the authorities' references, filled up with zeros to 36 bytes.
    var trustFile: [UInt8] {
        let objects = references.flatMap { TLVEncoder.element(0x42, $0) }
        return objects + [UInt8](repeating: 0, count: max(0, 36 - objects.count))
    }
}
