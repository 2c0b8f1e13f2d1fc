import Crypto
import FoundationEssentials

/// A CSCA certificate that the user trusts.
public struct TrustAnchor: Sendable {
    /// The certificate.
    public let certificate: Certificate
    /// Its key, judged once.
    public let key: PublicKey

    /// The kind of its key for people: `RSA-4096`, `brainpoolP384r1`.
    public var keyName: String { key.kind.name }
}

/// The CSCA certificates that the user trusts.
public struct TrustStore: Sendable {
    /// A file that was found and could not be taken in.
    public struct Refusal: Equatable, Sendable {
        /// Path of the file.
        public let path: String
        /// Why, in one sentence.
        public let reason: String
    }

    /// Every anchor, in the order in which it was added.
    public private(set) var anchors: [TrustAnchor] = []
    private var byName: [DistinguishedName: [Int]] = [:]

    /// An empty store: nothing is proven by it.
    public init() {}

    /// Adds a certificate; does nothing when it is there already.
    ///
    /// - Throws: `TrustStoreError.notAnAuthority` for a certificate that may not issue others,
    ///   `.unusable` when its key cannot be used.
    public mutating func add(_ certificate: Certificate) throws(TrustStoreError) {
        guard !anchors.contains(where: { $0.certificate.der == certificate.der }) else { return }
        guard certificate.basicConstraints?.isCA != false else {
            throw .notAnAuthority(subject: certificate.subject.text)
        }
        let key: PublicKey
        do throws(CryptoError) {
            key = try certificate.publicKey()
        } catch {
            throw .unusable(subject: certificate.subject.text, reason: "\(error)")
        }
        byName[certificate.subject, default: []].append(anchors.count)
        anchors.append(TrustAnchor(certificate: certificate, key: key))
    }

    /// The anchors that may have issued `certificate`, those first whose key identifier it names. Where no anchor has the
    /// issuer's name in its order, those that have the same attributes in another order are taken.
    public func candidates(for certificate: Certificate) -> [TrustAnchor] {
        var named = (byName[certificate.issuer] ?? []).map { anchors[$0] }
        if named.isEmpty {
            named = anchors.filter { $0.certificate.subject.hasSameAttributes(as: certificate.issuer) }
        }
        guard let wanted = certificate.authorityKeyIdentifier else { return named }
        return named.filter { $0.certificate.subjectKeyIdentifier == wanted }
            + named.filter { $0.certificate.subjectKeyIdentifier != wanted }
    }
}

/// Why a certificate was not taken into a trust store.
public enum TrustStoreError: Error, Equatable, Sendable {
    /// The path does not exist or cannot be read.
    case unreadable(path: String)
    /// The certificate says that it may not issue others.
    case notAnAuthority(subject: String)
    /// The certificate's key is malformed, unknown, or must not be used.
    case unusable(subject: String, reason: String)
}

extension TrustStoreError: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .unreadable(let path): "the trust store \(path) does not exist or cannot be read"
        case .notAnAuthority(let subject): "\(subject) is no certification authority"
        case .unusable(let subject, let reason): "the key of \(subject) cannot be used: \(reason)"
        }
    }
}
