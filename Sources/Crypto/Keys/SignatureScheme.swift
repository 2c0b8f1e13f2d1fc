/// A signature algorithm with all of its parameters.
public enum SignatureScheme: Hashable, Sendable {
    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2).
    case rsaPKCS1(DigestAlgorithm)
    /// RSASSA-PSS (RFC 8017, 8.1) with the hash of MGF1 and the salt's length in bytes.
    case rsaPSS(digest: DigestAlgorithm, mgf1: DigestAlgorithm, saltLength: Int)
    /// ECDSA (FIPS 186-4) with the signature as `Ecdsa-Sig-Value` in DER (RFC 3279, 2.2.3).
    case ecdsa(DigestAlgorithm)

    /// The hash function that the message goes through.
    public var digest: DigestAlgorithm {
        switch self {
        case .rsaPKCS1(let digest), .rsaPSS(let digest, _, _), .ecdsa(let digest): digest
        }
    }

    /// For people: `ECDSA with SHA-256`.
    public var name: String {
        switch self {
        case .rsaPKCS1(let digest): "RSA PKCS#1 v1.5 with \(digest.name)"
        case .rsaPSS(let digest, let mgf1, let salt):
            "RSA-PSS with \(digest.name), MGF1 with \(mgf1.name), \(salt) bytes of salt"
        case .ecdsa(let digest): "ECDSA with \(digest.name)"
        }
    }
}
