import Crypto
import Document

/// The signature algorithms of card verifiable certificates and of terminal authentication, which are named below `id-TA`
/// (BSI TR-03110-3, A.1.1.3 and A.6).
enum TerminalSignatureAlgorithm {
    private static let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2, 2]
    private static let rsa: [SignatureScheme] = [
        .rsaPKCS1(.sha1), .rsaPKCS1(.sha256), .rsaPSS(digest: .sha1, mgf1: .sha1, saltLength: 20),
        .rsaPSS(digest: .sha256, mgf1: .sha256, saltLength: 32), .rsaPKCS1(.sha512),
        .rsaPSS(digest: .sha512, mgf1: .sha512, saltLength: 64),
    ]
    private static let ecdsa: [SignatureScheme] = [
        .ecdsa(.sha1), .ecdsa(.sha224), .ecdsa(.sha256), .ecdsa(.sha384), .ecdsa(.sha512),
    ]

    /// The identifier of a scheme; nil for one that terminals do not sign by.
    static func identifier(of scheme: SignatureScheme) -> ObjectIdentifier? {
        for (arc, schemes) in [(UInt64(1), rsa), (2, ecdsa)] {
            if let index = schemes.firstIndex(of: scheme) {
                return ObjectIdentifier(base + [arc, UInt64(index) + 1])
            }
        }
        return nil
    }

    /// The scheme that `identifier` names; nil for none.
    static func scheme(_ identifier: ObjectIdentifier) -> SignatureScheme? {
        (rsa + ecdsa).first { self.identifier(of: $0) == identifier }
    }
}

/// Signatures in the plain format of BSI TR-03111, 5.2.1: r ‖ s, each as long as the curve's order.
enum PlainSignature {
    /// The plain form of a DER-encoded one.
    static func plain(_ signature: [UInt8], width: Int) throws(CryptoError) -> [UInt8] {
        do throws(DocumentError) {
            var outer = TLVCursor(signature.span, rules: .der)
            var numbers = outer.inside(try outer.next(.sequence))
            let r = signature[try numbers.next(.integer).content].drop { $0 == 0 }
            let s = signature[try numbers.next(.integer).content].drop { $0 == 0 }
            return [r, s].flatMap { [UInt8](repeating: 0, count: max(0, width - $0.count)) + $0 }
        } catch {
            throw .invalidKey("OpenSSL gave no ECDSA signature")
        }
    }

    /// The DER form of a plain one.
    static func der(_ signature: [UInt8]) -> [UInt8] {
        let half = signature.count / 2
        return DER.sequence([
            DER.integer(unsigned: Array(signature.prefix(half))),
            DER.integer(unsigned: Array(signature.dropFirst(half))),
        ])
    }
}
