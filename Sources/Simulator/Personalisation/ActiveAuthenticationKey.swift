import Crypto
import Document

/// A key of the chip for active authentication (Doc 9303-11, 6.1): RSA, or ECDSA in the plain format of TR-03111.
public struct ActiveAuthenticationKey: Sendable {
    /// The key; its scheme tells the hash. RSA signs by ISO/IEC 9796-2 whatever the scheme's padding.
    public var key: SigningKey

    /// - Parameter key: The key with its scheme.
    public init(_ key: SigningKey) { self.key = key }

    /// Makes a new key.
    ///
    /// - Parameters:
    ///   - kind: RSA or a curve.
    ///   - digest: The hash function.
    /// - Throws: `crypto` when OpenSSL makes no such key.
    public init(new kind: KeyKind, digest: DigestAlgorithm) throws(SimulatorError) {
        let scheme: SignatureScheme =
            switch kind {
            case .ec: .ecdsa(digest)
            case .rsa: .rsaPKCS1(digest)
            }
        self.init(try SigningKey(new: kind, scheme: scheme))
    }

    /// The key's scheme.
    var scheme: SignatureScheme { key.scheme }

    /// What DG15 holds.
    var subjectPublicKeyInfo: [UInt8] {
        get throws(SimulatorError) { try key.subjectPublicKeyInfo }
    }
}
