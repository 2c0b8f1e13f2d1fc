import COpenSSL

/// The hash functions of Doc 9303-12, 4.1.6.2 (FIPS 180-4).
public enum DigestAlgorithm: String, CaseIterable, Sendable {
    /// SHA-1: documents signed with it exist; the check of strength tells.
    case sha1 = "SHA-1"
    /// SHA-224.
    case sha224 = "SHA-224"
    /// SHA-256.
    case sha256 = "SHA-256"
    /// SHA-384.
    case sha384 = "SHA-384"
    /// SHA-512.
    case sha512 = "SHA-512"

    /// The name as FIPS 180-4 writes it.
    public var name: String { rawValue }

    /// Length of the hash in bytes.
    public var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The hash function of an object identifier; nil for one that is not known here.
    ///
    /// - Parameter objectIdentifier: Its DER element.
    public init?(objectIdentifier: [UInt8]) {
        guard let algorithm = Self.allCases.first(where: { $0.objectIdentifier == objectIdentifier }) else {
            return nil
        }
        self = algorithm
    }

    /// The DER element of the object identifier (RFC 8017, B.1).
    var objectIdentifier: [UInt8] {
        switch self {
        case .sha1: [0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A]
        case .sha224: Self.nist(4)
        case .sha256: Self.nist(1)
        case .sha384: Self.nist(2)
        case .sha512: Self.nist(3)
        }
    }

    private static func nist(_ last: UInt8) -> [UInt8] {
        [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last]
    }

    /// OpenSSL's implementation, fetched once for the process: a fetch by name at each use costs more than a short hash.
    var method: OpaquePointer? {
        switch self {
        case .sha1: unsafe Self.fetched.sha1
        case .sha224: unsafe Self.fetched.sha224
        case .sha256: unsafe Self.fetched.sha256
        case .sha384: unsafe Self.fetched.sha384
        case .sha512: unsafe Self.fetched.sha512
        }
    }

    private static let fetched = unsafe FetchedDigests()
}

@unsafe private struct FetchedDigests: @unchecked Sendable {
    let sha1 = unsafe EVP_MD_fetch(nil, "SHA1", nil)
    let sha224 = unsafe EVP_MD_fetch(nil, "SHA224", nil)
    let sha256 = unsafe EVP_MD_fetch(nil, "SHA256", nil)
    let sha384 = unsafe EVP_MD_fetch(nil, "SHA384", nil)
    let sha512 = unsafe EVP_MD_fetch(nil, "SHA512", nil)
}
