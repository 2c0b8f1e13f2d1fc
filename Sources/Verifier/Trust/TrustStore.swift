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

/// What the user trusts: CSCA certificates as anchors; and, trusted only as far as an anchor vouches for them, document
/// signers' certificates and revocation lists.
///
/// A value: adding to a copy leaves the original as it was. Entries are parsed when they are first needed, so a store of
/// a thousand certificates opens in milliseconds.
public struct TrustStore: Sendable {
    /// Everything in the store, in the order in which it was added.
    public private(set) var entries: [TrustEntry] = []
    private var byName: [UInt64: [Int]] = [:]
    private var cache = TrustCache()

    /// An empty store: nothing is proven by it.
    public init() {}

    /// Adds an entry that stands in a store's file.
    mutating func restore(_ entry: TrustEntry) {
        byName[entry.nameKey, default: []].append(entries.count)
        entries.append(entry)
    }

    /// Adds the entries of another store, which were judged when they came into it.
    public mutating func merge(_ other: TrustStore) {
        for entry in other.entries where !contains(entry) { restore(entry) }
    }

    /// Adds a CSCA's certificate as an anchor.
    ///
    /// - Parameters:
    ///   - certificate: The CSCA's certificate.
    ///   - source: Where it comes from, for people.
    /// - Returns: Whether it is new.
    /// - Throws: `TrustStoreError.notAnAuthority` for a certificate that may not issue others, `.unusable` when its key
    ///   cannot be used, `.wrongSelfSignature` when it claims to be signed by itself and is not.
    @discardableResult
    public mutating func add(_ certificate: Certificate, source: String = "") throws(TrustStoreError) -> Bool {
        let entry = TrustEntry(.anchor, certificate, source: source)
        guard !contains(entry) else { return false }
        // Some States' cross certificates say that they are no authority and may sign certificates: they are kept, and
        // the check of usage refuses what they issued.
        guard certificate.basicConstraints?.isCA == true || certificate.keyUsage?.contains(.keyCertSign) == true else {
            throw .notAnAuthority(subject: certificate.subject.text)
        }
        let key = try Self.key(of: certificate)
        guard !certificate.isSelfIssued || certificate.isSigned(by: key) || certificate.hasOtherAuthorityKey else {
            throw .wrongSelfSignature(subject: certificate.subject.text)
        }
        restore(entry)
        return true
    }

    /// Adds a document signer's certificate, for documents that do not carry it. It is no anchor.
    ///
    /// - Throws: `TrustStoreError.unusable` when its key cannot be used.
    @discardableResult
    public mutating func add(signer certificate: Certificate, source: String = "") throws(TrustStoreError) -> Bool {
        let entry = TrustEntry(.documentSigner, certificate, source: source)
        guard !contains(entry) else { return false }
        _ = try Self.key(of: certificate)
        restore(entry)
        return true
    }

    /// Adds a revocation list, which takes the place of older ones of the same anchor.
    ///
    /// - Returns: Whether it is newer than what was there.
    /// - Throws: `TrustStoreError.unknownIssuer` when no anchor has its issuer's name, `.notSignedByIssuer` when those that
    ///   have it did not sign it.
    @discardableResult
    public mutating func add(_ list: RevocationList, source: String = "") throws(TrustStoreError) -> Bool {
        let entry = TrustEntry(list, source: source)
        guard !contains(entry) else { return false }
        let issuers = anchors(named: list.issuer)
        guard !issuers.isEmpty else { throw .unknownIssuer(name: list.issuer.text) }
        guard let issuer = issuers.first(where: { $0.mayHaveIssued(list) }) else {
            throw .notSignedByIssuer(name: list.issuer.text)
        }
        let known = revocationLists(of: issuer)
        guard known.allSatisfy({ $0.thisUpdate < list.thisUpdate }) else { return false }
        let outdated = Set(known.map { TrustEntry($0, source: "").fingerprint })
        remove { outdated.contains($0.fingerprint) }
        restore(entry)
        return true
    }

    /// Removes the entries that `isUnwanted` picks, and tells how many.
    @discardableResult
    public mutating func remove(_ isUnwanted: (TrustEntry) -> Bool) -> Int {
        let kept = entries.filter { !isUnwanted($0) }
        let removed = entries.count - kept.count
        (entries, byName) = ([], [:])
        for entry in kept { restore(entry) }
        return removed
    }

    /// Whether there is no anchor at all.
    public var hasNoAnchors: Bool { !entries.contains { $0.kind == .anchor } }

    /// Every anchor, parsed, in the order in which it was added.
    public var anchors: [TrustAnchor] { entries.filter { $0.kind == .anchor }.compactMap(cache.anchor) }

    /// The anchors that may have issued `certificate`: those of the issuer's name, in whatever order it lists its
    /// attributes; those first whose key identifier the certificate names.
    public func candidates(for certificate: Certificate) -> [TrustAnchor] {
        let named = anchors(named: certificate.issuer)
        guard let wanted = certificate.authorityKeyIdentifier else { return named }
        return named.filter { $0.certificate.subjectKeyIdentifier == wanted }
            + named.filter { $0.certificate.subjectKeyIdentifier != wanted }
    }

    /// The document signers' certificates in the store.
    var documentSigners: [Certificate] {
        entries.filter { $0.kind == .documentSigner }.compactMap(cache.certificate)
    }

    /// The revocation lists of the CSCA that `anchor` names, the newest first. A State has one list, which its CSCA signs
    /// with its newest key whichever of its keys issued the certificates (Doc 9303-12, 5.4).
    func revocationLists(of anchor: TrustAnchor) -> [RevocationList] {
        let lists = entries(.revocationList, named: anchor.certificate.subject)
            .compactMap(cache.revocationList)
            .filter { $0.issuer.hasSameAttributes(as: anchor.certificate.subject) }
        guard !lists.isEmpty else { return [] }
        let issuers = anchors(named: anchor.certificate.subject)
        return lists.filter { list in issuers.contains { $0.mayHaveIssued(list) } }
            .sorted { $0.thisUpdate > $1.thisUpdate }
    }

    private func anchors(named name: DistinguishedName) -> [TrustAnchor] {
        entries(.anchor, named: name).compactMap(cache.anchor)
            .filter { $0.certificate.subject.hasSameAttributes(as: name) }
    }

    private func entries(_ kind: TrustEntry.Kind, named name: DistinguishedName) -> [TrustEntry] {
        (byName[name.key] ?? []).map { entries[$0] }.filter { $0.kind == kind }
    }

    private func contains(_ entry: TrustEntry) -> Bool {
        (byName[entry.nameKey] ?? []).contains {
            entries[$0].fingerprint == entry.fingerprint && entries[$0].kind == entry.kind
        }
    }

    private static func key(of certificate: Certificate) throws(TrustStoreError) -> PublicKey {
        do throws(CryptoError) {
            return try certificate.publicKey()
        } catch {
            throw .unusable(subject: certificate.subject.text, reason: "\(error)")
        }
    }
}

extension TrustAnchor {
    /// Whether the list is signed by this key, which may sign such lists (RFC 5280, 6.3.3 (f)).
    fileprivate func mayHaveIssued(_ list: RevocationList) -> Bool {
        certificate.keyUsage?.contains(.cRLSign) != false && list.isSigned(by: key)
    }
}

extension Certificate {
    /// Whether the certificate names another key than its own as its issuer's: one CSCA certifying the next of its name.
    var hasOtherAuthorityKey: Bool {
        guard let issuer = authorityKeyIdentifier, let own = subjectKeyIdentifier else { return false }
        return issuer != own
    }
}
