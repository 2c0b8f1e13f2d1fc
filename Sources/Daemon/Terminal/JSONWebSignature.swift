import Crypto
import Document
import FoundationEssentials

/// A statement in JSON that a terminal signed: a JWS in compact form (RFC 7515), ES256 (RFC 7518, 3.4), with the terminal's
/// certificate in `x5c`.
struct JSONWebSignature {
    /// What was stated: JSON in UTF-8.
    var payload: [UInt8]
    /// Whose key signed it, as the statement says itself: whether to trust it is for the reader to decide.
    var certificate: Certificate

    private struct Header: Codable {
        var alg: String
        var typ: String?
        var x5c: [String]
        var crit: [String]?
    }

    /// The longest text that is looked at.
    static let lengthLimit = 1 << 20

    /// Signs a statement.
    /// - Parameter type: What kind of statement it is, the header's `typ`.
    static func sign(_ payload: [UInt8], type: String, by terminal: Terminal) throws(TerminalError) -> String {
        let header = Header(
            alg: "ES256", typ: type, x5c: [Data(terminal.certificate.der).base64EncodedString()], crit: nil)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let encoded = try? encoder.encode(header) else { throw .malformedStatement("its header") }
        let signed = "\(Base64URL.text([UInt8](encoded))).\(Base64URL.text(payload))"
        do throws(CryptoError) {
            let der = try terminal.key.sign(Array(signed.utf8), scheme: .ecdsa(.sha256))
            return "\(signed).\(Base64URL.text(try rawSignature(der)))"
        } catch {
            throw .cryptography(error.description)
        }
    }

    /// Takes a statement whose signature is by the key of the certificate that comes with it.
    /// - Throws: `malformedStatement`, `wrongSignature`.
    init(_ text: String, type: String) throws(TerminalError) {
        guard text.utf8.count <= Self.lengthLimit else { throw .malformedStatement("it is longer than 1 MiB") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.bytes(parts[0]), let payload = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2])
        else { throw .malformedStatement("it must be three texts in base64url with dots between them") }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(headerBytes)) else {
            throw .malformedStatement("its header has no alg and no x5c")
        }
        // RFC 8725, 3.1 and 3.11: the reader says what it takes, never the statement.
        guard header.alg == "ES256", header.typ == type, header.crit == nil else {
            throw .malformedStatement("its header must have alg ES256 and typ \(type)")
        }
        guard let first = header.x5c.first, let der = Data(base64Encoded: first),
            let certificate = try? Certificate(der: [UInt8](der)), let key = try? certificate.publicKey(),
            key.kind == .ec(.secp256r1)
        else { throw .malformedStatement("its x5c has no certificate of a key on P-256") }
        let message = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
        guard signature.count == 64,
            (try? key.verify(
                signature: Self.derSignature(signature), message: message, scheme: .ecdsa(.sha256))) == true
        else { throw .wrongSignature }
        self.payload = payload
        self.certificate = certificate
    }

    /// `Ecdsa-Sig-Value` (RFC 3279, 2.2.3) as RFC 7518 has it: r and s, 32 bytes each.
    private static func rawSignature(_ der: [UInt8]) throws(CryptoError) -> [UInt8] {
        do throws(DocumentError) {
            let bytes = der.span
            var outer = TLVCursor(bytes)
            var numbers = outer.inside(try outer.next(.sequence))
            var raw: [UInt8] = []
            for _ in 0..<2 {
                let number = try numbers.next(.integer)
                let magnitude = numbers.copy(number.content).drop { $0 == 0 }
                raw += [UInt8](repeating: 0, count: max(0, 32 - magnitude.count)) + magnitude
            }
            guard raw.count == 64 else { throw .invalidValue(field: "signature", reason: "it is not of P-256") }
            return raw
        } catch {
            throw .failed(operation: "ECDSA", detail: error.description)
        }
    }

    private static func derSignature(_ raw: [UInt8]) -> [UInt8] {
        let numbers = [raw.prefix(32), raw.dropFirst(32)].map { number in
            let magnitude = Array(number.drop { $0 == 0 })
            let needsSign = magnitude.first.map { $0 & 0x80 != 0 } ?? true
            return TLVEncoder.element(.integer, (needsSign ? [0] : []) + magnitude)
        }
        return TLVEncoder.element(.sequence, numbers)
    }
}
