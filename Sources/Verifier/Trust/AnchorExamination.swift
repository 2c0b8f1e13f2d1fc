import Crypto
import Document
import FoundationEssentials

/// A trust anchor that has the name of a certificate's issuer, looked at: whether its key issued the certificate, and
/// what speaks against it.
struct AnchorExamination: Sendable {
    /// What speaks against an anchor whose name fits.
    enum Fault: String, Sendable {
        /// Its key did not sign the certificate.
        case notSignedByKey
        /// It does not say that it is an authority.
        case notAuthority
        /// Its key is not for signing certificates.
        case noCertificateSigning
        /// It was not yet valid.
        case notYetValid
        /// It was no longer valid.
        case expired
    }

    let anchor: TrustAnchor
    /// How the certificate names the anchor otherwise than it should.
    let tolerances: Set<SignatureTolerance>
    let faults: [Fault]

    /// - Parameter date: When the anchor must be valid.
    init(_ anchor: TrustAnchor, of certificate: Certificate, date: Date) {
        self.anchor = anchor
        let own = anchor.certificate
        var tolerances: Set<SignatureTolerance> = []
        if certificate.issuer != own.subject { tolerances.insert(.issuerNameOrder) }
        if !certificate.authorityKeyIdentifierNames(own) { tolerances.insert(.authorityKeyIdentifier) }
        self.tolerances = tolerances
        var faults: [Fault] = []
        if !certificate.isSigned(by: anchor.key) { faults.append(.notSignedByKey) }
        if own.basicConstraints?.isCA != true { faults.append(.notAuthority) }
        if own.keyUsage?.contains(.keyCertSign) != true { faults.append(.noCertificateSigning) }
        if date < own.notBefore { faults.append(.notYetValid) }
        if date > own.notAfter { faults.append(.expired) }
        self.faults = faults
    }

    /// Whether the anchor's key signed the certificate; usage and validity are judged by the checks that own them.
    var isIssuer: Bool { !faults.contains(.notSignedByKey) }

    /// The one of `candidates` that issued: one without any fault if there is, of those the one that is named as it should
    /// be; otherwise the first whose key signed. One key may have several certificates: renewed ones, and those that link it
    /// to another name.
    static func issuer(among candidates: [AnchorExamination]) -> AnchorExamination? {
        let faultless = candidates.filter(\.faults.isEmpty)
        return faultless.first(where: \.tolerances.isEmpty) ?? faultless.first ?? candidates.first(where: \.isIssuer)
    }
}

extension Certificate {
    /// Whether the authority key identifier (RFC 5280, 4.2.1.1) names `authority`, as far as it names anything.
    fileprivate func authorityKeyIdentifierNames(_ authority: Certificate) -> Bool {
        if let wanted = authorityKeyIdentifier, let own = authority.subjectKeyIdentifier, wanted != own { return false }
        guard let serialNumber = authoritySerialNumber else { return true }
        return serialNumber == authority.serialNumberContent
    }

    /// The content of authorityCertSerialNumber; nil when there is none, or the extension is malformed, which the check
    /// of usage tells.
    private var authoritySerialNumber: [UInt8]? {
        guard let value = extensions.first(where: { $0.type == "2.5.29.35" })?.value else { return nil }
        return try? Self.authoritySerialNumber(value)
    }

    private static func authoritySerialNumber(_ der: [UInt8]) throws(DocumentError) -> [UInt8]? {
        var cursor = TLVCursor(der.span)
        var fields = cursor.inside(try cursor.next(.sequence))
        _ = try fields.nextIfPresent(0x80)
        _ = try fields.nextIfPresent(0xA1)
        return try fields.nextIfPresent(0x82).map { fields.copy($0.content) }
    }
}
