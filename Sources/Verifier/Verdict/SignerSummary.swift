import Crypto
import FoundationEssentials

/// The document signer and the trust anchor above it, for people and logs.
public struct SignerSummary: Equatable, Codable, Sendable {
    /// The subject of the document signer's certificate (RFC 2253).
    public let subject: String
    /// The issuer of the document signer's certificate (RFC 2253).
    public let issuer: String
    /// The serial number of the document signer's certificate in hexadecimal.
    public let serialNumber: String
    /// The first day of the certificate's validity, `YYYY-MM-DD`.
    public let notBefore: String
    /// The last day of the certificate's validity, `YYYY-MM-DD`.
    public let notAfter: String
    /// How EF.SOD is signed; nil when the algorithm is unknown.
    public let signatureAlgorithm: String?
    /// The key of the document signer: `P-256`, `RSA-2048`; nil when it is unusable.
    public let key: String?
    /// The subject of the CSCA's certificate that issued the signer's (RFC 2253); nil when none is trusted.
    public let trustAnchor: String?

    /// Nil when no certificate fits the signer.
    init?(_ signer: SignerExamination?) {
        guard let signer, let certificate = signer.certificate else { return nil }
        subject = certificate.subject.text
        issuer = certificate.issuer.text
        serialNumber = certificate.serialNumber
        notBefore = Self.day(certificate.notBefore)
        notAfter = Self.day(certificate.notAfter)
        signatureAlgorithm = signer.scheme?.name
        key = signer.key?.kind.name
        trustAnchor = signer.chain.anchor?.certificate.subject.text
    }

    /// Another signer of the same CSCA, key and algorithm.
    ///
    /// - Parameters:
    ///   - serialNumber: The content of a positive number's encoding.
    ///   - validity: Of the certificate; nil when it is the other's.
    init(_ other: SignerSummary, subject: String, serialNumber: [UInt8], validity: (Date, Date)?) {
        self.subject = subject
        issuer = other.issuer
        self.serialNumber = Self.hexadecimal(serialNumber)
        notBefore = validity.map { Self.day($0.0) } ?? other.notBefore
        notAfter = validity.map { Self.day($0.1) } ?? other.notAfter
        (signatureAlgorithm, key, trustAnchor) = (other.signatureAlgorithm, other.key, other.trustAnchor)
    }

    /// As `Certificate.serialNumber`.
    private static func hexadecimal(_ number: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = number.drop { $0 == 0 }.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}
