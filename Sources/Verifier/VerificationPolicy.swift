import Crypto

/// What a verifier insists on where the standards leave a choice.
public struct VerificationPolicy: Sendable {
    /// The smallest RSA modulus that counts as strong, in bits.
    public var minimumRSABitCount = 2048
    /// The smallest field of an elliptic curve that counts as strong, in bits.
    public var minimumCurveBitCount = 224
    /// The shortest hash that counts as strong, in bytes: 28 is SHA-224.
    public var minimumDigestByteCount = 28

    /// The floor of Doc 9303-12, 4.1.6.
    public init() {}

    func isStrong(_ key: PublicKey.Kind) -> Bool {
        switch key {
        case .rsa(let bits): bits >= minimumRSABitCount
        case .ec(let curve): curve.fieldBitCount >= minimumCurveBitCount
        }
    }

    func isStrong(_ digest: DigestAlgorithm) -> Bool { digest.byteCount >= minimumDigestByteCount }
}
