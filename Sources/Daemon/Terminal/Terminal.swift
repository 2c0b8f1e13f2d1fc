import Crypto
import FoundationEssentials

/// This terminal's key on P-256 and the certificate for it: by them others know what this terminal says.
///
/// A key that is not there is made at the first start, with a certificate that it signs itself; a certificate that an
/// authority issued for the key may take that one's place.
final class Terminal: Sendable {
    let key: PrivateKey
    let certificate: Certificate

    /// The most that a file of a key or of certificates may hold.
    private static let fileLimit = 1 << 16

    init(key: PrivateKey, certificate: Certificate) {
        self.key = key
        self.certificate = certificate
    }

    /// Reads key and certificate, and makes what is not there.
    convenience init(keyPath: String, certificatePath: String, name: String?) throws(TerminalError) {
        let key = try Self.key(keyPath)
        let certificate = try Self.certificate(certificatePath, of: key, name: name)
        guard let own = try? key.subjectPublicKeyInfo, own == certificate.subjectPublicKeyInfo else {
            throw .foreignCertificate(path: certificatePath)
        }
        self.init(key: key, certificate: certificate)
    }

    private static func key(_ path: String) throws(TerminalError) -> PrivateKey {
        if let file = try StateFile.read(path, limit: fileLimit) {
            guard let key = try? PrivateKey(pkcs8: try PEM.content("PRIVATE KEY", of: file)),
                let encoded = try? key.subjectPublicKeyInfo,
                let kind = try? PublicKey(subjectPublicKeyInfo: encoded).kind, kind == .ec(.secp256r1)
            else { throw .unusableFile(path: path, reason: "it must be a PKCS#8 key on P-256, in PEM or DER") }
            return key
        }
        do {
            let key = try PrivateKey.generateEC(.secp256r1)
            try StateFile.create(path, PEM.text("PRIVATE KEY", try key.pkcs8.bytes))
            return key
        } catch let error as CryptoError {
            throw .cryptography(error.description)
        } catch {
            throw .unusableFile(path: path, reason: "\(error)")
        }
    }

    private static func certificate(
        _ path: String, of key: PrivateKey, name: String?
    ) throws(TerminalError) -> Certificate {
        if let file = try StateFile.read(path, limit: fileLimit) {
            guard let certificate = try? Certificate.all(in: file).first else {
                throw .unusableFile(path: path, reason: "it must be a certificate in PEM or DER")
            }
            return certificate
        }
        do {
            let der = try SelfSignedCertificate.der(key: key, name: name ?? SystemCalls.hostName)
            try StateFile.create(path, PEM.text("CERTIFICATE", der), mode: 0o644)
            return try Certificate(der: der)
        } catch let error as CryptoError {
            throw .cryptography(error.description)
        } catch {
            throw .unusableFile(path: path, reason: "\(error)")
        }
    }
}

extension Certificate {
    /// The SHA-256 hash of the certificate in lower-case hexadecimal: its fingerprint.
    var fingerprint: String { (try? Digest.hash(der, with: .sha256)).map(lowerCaseHexadecimal) ?? "" }
}

/// The bytes in lower-case hexadecimal.
func lowerCaseHexadecimal(_ bytes: [UInt8]) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * bytes.count)
    digits.appendLowerCaseHexadecimal(bytes.span)
    return String(decoding: digits, as: UTF8.self)
}

/// PEM's armour (RFC 7468).
enum PEM {
    static func text(_ label: String, _ der: [UInt8]) -> [UInt8] {
        let lines = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return Array("-----BEGIN \(label)-----\n\(lines)\n-----END \(label)-----\n".utf8)
    }

    /// What stands in the armour; a file without one is the content itself.
    static func content(_ label: String, of file: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let text = String(validating: file, as: UTF8.self), text.contains("-----BEGIN ") else { return file }
        guard let start = text.firstRange(of: "-----BEGIN \(label)-----"),
            let end = text[start.upperBound...].firstRange(of: "-----END \(label)-----"),
            let content = Data(
                base64Encoded: text[start.upperBound..<end.lowerBound].filter { !$0.isWhitespace })
        else { throw .invalidKey("the file has no \(label) in PEM") }
        return [UInt8](content)
    }
}
