import Crypto
import Document

extension Certificate {
    /// The issuer's name as the certificate writes it; nil when it is not written in definite lengths.
    var issuerEncoding: [UInt8]? { try? Self.issuer(of: der) }

    private static func issuer(of der: [UInt8]) throws(DocumentError) -> [UInt8] {
        var outer = TLVCursor(der.span)
        var certificate = outer.inside(try outer.next(.sequence))
        var body = certificate.inside(try certificate.next(.sequence))
        _ = try body.nextIfPresent(0xA0)
        _ = try body.next(.integer)
        _ = try body.next(.sequence)
        return body.copy(try body.next(.sequence).range)
    }
}
