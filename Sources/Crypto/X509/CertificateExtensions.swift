import COpenSSL

/// The bits of the key usage extension (RFC 5280, 4.2.1.3).
public struct KeyUsage: OptionSet, Hashable, Sendable {
    /// The bits as OpenSSL orders them.
    public let rawValue: UInt32
    /// - Parameter rawValue: The bits as OpenSSL orders them.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The key signs data other than certificates and revocation lists.
    public static let digitalSignature = KeyUsage(rawValue: UInt32(KU_DIGITAL_SIGNATURE))
    /// The key signs certificates.
    public static let keyCertSign = KeyUsage(rawValue: UInt32(KU_KEY_CERT_SIGN))
    /// The key signs revocation lists.
    public static let cRLSign = KeyUsage(rawValue: UInt32(KU_CRL_SIGN))
}

/// The basic constraints extension (RFC 5280, 4.2.1.9).
public struct BasicConstraints: Hashable, Sendable {
    /// Whether the subject may issue certificates.
    public let isCA: Bool
    /// How many intermediate certificates may follow; nil when not limited.
    public let pathLength: Int?
}

extension Certificate {
    /// Whether an extension could not be interpreted, stands twice, or contradicts another.
    public var hasInvalidExtensions: Bool {
        // OpenSSL looks for doubles among those alone that it interprets.
        unsafe X509_get_extension_flags(pointer) & UInt32(EXFLAG_INVALID) != 0
            || Set(extensions.map(\.type)).count != extensions.count
    }

    /// The key usage, or nil when the certificate does not limit it.
    public var keyUsage: KeyUsage? {
        guard unsafe X509_get_extension_flags(pointer) & UInt32(EXFLAG_KUSAGE) != 0 else { return nil }
        return KeyUsage(rawValue: unsafe X509_get_key_usage(pointer))
    }

    /// The basic constraints, or nil when the certificate has none.
    public var basicConstraints: BasicConstraints? {
        let flags = unsafe X509_get_extension_flags(pointer)
        guard flags & UInt32(EXFLAG_BCONS) != 0 else { return nil }
        let pathLength = unsafe X509_get_pathlen(pointer)
        return BasicConstraints(
            isCA: flags & UInt32(EXFLAG_CA) != 0, pathLength: pathLength < 0 ? nil : Int(pathLength))
    }

    /// The subject key identifier (RFC 5280, 4.2.1.2), or nil.
    public var subjectKeyIdentifier: [UInt8]? { unsafe Self.bytes(X509_get0_subject_key_id(pointer)) }

    /// The key identifier of the authority key identifier (RFC 5280, 4.2.1.1), or nil.
    public var authorityKeyIdentifier: [UInt8]? { unsafe Self.bytes(X509_get0_authority_key_id(pointer)) }

    /// The hash of the certificate's own signature algorithm, or nil where OpenSSL knows none.
    public var signatureDigest: DigestAlgorithm? {
        var digest: Int32 = 0
        guard unsafe X509_get_signature_info(pointer, &digest, nil, nil, nil) == 1 else {
            CryptoError.drainedQueue()
            return nil
        }
        return switch digest {
        case NID_sha1: .sha1
        case NID_sha224: .sha224
        case NID_sha256: .sha256
        case NID_sha384: .sha384
        case NID_sha512: .sha512
        default: nil
        }
    }

    private static func bytes(_ string: UnsafePointer<ASN1_OCTET_STRING>?) -> [UInt8]? {
        guard let string = unsafe string else { return nil }
        return unsafe Array(contentOf: string)
    }
}
