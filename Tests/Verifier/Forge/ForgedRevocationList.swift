import Crypto
import Document
import Simulator

/// A certificate revocation list (RFC 5280, 5) to the profile of Doc 9303-12, 7.1.4, each part free to be wrong.
struct ForgedRevocationList {
    var issuer: [UInt8]
    var thisUpdate = "240501000000Z"
    var nextUpdate: String? = "240801000000Z"
    /// The certificates that are revoked.
    var revoked: [[UInt8]] = []
    var extensions: [CertificateExtension] = []

    init(of certificate: [UInt8]) throws { issuer = try Self.subject(certificate) }

    func signed(by key: SigningKey) throws -> [UInt8] {
        let algorithm = key.scheme.forgedIdentifier
        let entries = try revoked.map {
            DERWriter.sequence(try Self.serialNumber($0), Self.time("240401000000Z"))
        }
        let written = extensions.map {
            DERWriter.sequence(
                $0.identifier.encoded, $0.isCritical ? TLVEncoder.element(.boolean, [0xFF]) : [],
                DERWriter.octets($0.value))
        }
        let body = DERWriter.sequence(
            DERWriter.integer(1), algorithm, issuer, Self.time(thisUpdate), nextUpdate.map(Self.time) ?? [],
            entries.isEmpty ? [] : DERWriter.sequence(entries),
            written.isEmpty ? [] : DERWriter.explicit(0, DERWriter.sequence(written)))
        return DERWriter.sequence(body, algorithm, DERWriter.bits(try key.sign(body)))
    }

    private static func time(_ text: String) -> [UInt8] { TLVEncoder.element(.utcTime, Array(text.utf8)) }

    private static func subject(_ certificate: [UInt8]) throws -> [UInt8] {
        try DERWriter.children(try DERWriter.children(certificate)[0])[5]
    }

    private static func serialNumber(_ certificate: [UInt8]) throws -> [UInt8] {
        try DERWriter.children(try DERWriter.children(certificate)[0])[1]
    }
}
