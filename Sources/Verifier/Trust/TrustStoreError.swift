/// Why something was not taken into a trust store, or a store could not be used.
public enum TrustStoreError: Error, Equatable, Sendable {
    /// The path does not exist or cannot be read.
    case unreadable(path: String)
    /// The file cannot be written.
    case unwritable(path: String, reason: String)
    /// The file is larger than any that is published.
    case tooLarge(path: String)
    /// The file claims to be a trust store and is damaged.
    case damaged(path: String, reason: String)
    /// The file is of no kind that is known.
    case unknownKind
    /// The certificate says that it may not issue others.
    case notAnAuthority(subject: String)
    /// The certificate's key is malformed, unknown, or must not be used.
    case unusable(subject: String, reason: String)
    /// The certificate has its own name as issuer, and its key did not sign it.
    case wrongSelfSignature(subject: String)
    /// Nobody in the store has the name of the issuer.
    case unknownIssuer(name: String)
    /// Those in the store that have the issuer's name did not sign it.
    case notSignedByIssuer(name: String)
    /// The bytes are not what they stand for.
    case malformed(reason: String)
    /// The master list is not vouched for.
    case masterListNotSigned(reason: String)
}

extension TrustStoreError: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .unreadable(let path): "\(path) does not exist or cannot be read"
        case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .tooLarge(let path): "\(path) is larger than any file of certificates"
        case .damaged(let path, let reason): "the trust store \(path) is damaged: \(reason); import its sources again"
        case .unknownKind: "neither certificates, a revocation list, a master list, LDIF nor a trust store"
        case .notAnAuthority(let subject): "\(subject) is no certification authority"
        case .unusable(let subject, let reason): "the key of \(subject) cannot be used: \(reason)"
        case .wrongSelfSignature(let subject): "\(subject) did not sign its own certificate"
        case .unknownIssuer(let name): "no trusted CSCA is named \(name)"
        case .notSignedByIssuer(let name): "no trusted key of \(name) signed it"
        case .malformed(let reason): "it is malformed: \(reason)"
        case .masterListNotSigned(let reason): "the master list is not vouched for: \(reason)"
        }
    }
}
