import Crypto
import FoundationEssentials

/// The answer of `GET /v1/receipts/key`: what receipts and heads of the audit log are checked with.
struct ReceiptKey: Encodable {
    /// A JSON Web Key (RFC 7517).
    struct Key: Encodable {
        var kty = "EC"
        var crv = "P-256"
        var alg = "ES256"
        var use = "sig"
        var x: String
        var y: String
        var x5c: [String]
    }

    /// The terminal's certificate in PEM.
    var certificate: String
    /// Its fingerprint, SHA-256.
    var fingerprint: String
    /// The key as other libraries take it.
    var key: Key

    init(_ terminal: Terminal) throws(Problem) {
        certificate = String(decoding: PEM.text("CERTIFICATE", terminal.certificate.der), as: UTF8.self)
        fingerprint = terminal.certificate.fingerprint
        // The uncompressed point (SEC 1, 2.3.3) ends the SubjectPublicKeyInfo of a key on P-256.
        let point = terminal.certificate.subjectPublicKeyInfo.suffix(65)
        guard point.count == 65, point.first == 0x04 else {
            throw Problem(.internalError, "The terminal's key is not encoded as an uncompressed point.")
        }
        key = Key(
            x: Base64URL.text(Array(point.dropFirst().prefix(32))), y: Base64URL.text(Array(point.suffix(32))),
            x5c: [Data(terminal.certificate.der).base64EncodedString()])
    }
}
