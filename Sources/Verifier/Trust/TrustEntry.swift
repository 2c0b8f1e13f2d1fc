import Crypto
import Synchronization

/// One certificate or revocation list of a trust store, not parsed until it is needed.
public struct TrustEntry: Sendable {
    /// What it is.
    public enum Kind: Int, Sendable {
        /// A CSCA's certificate that the user trusts.
        case anchor = 0
        /// A document signer's certificate; trusted when an anchor issued it.
        case documentSigner = 1
        /// A revocation list; heeded when an anchor signed it.
        case revocationList = 2
    }

    /// What it is.
    public let kind: Kind
    /// SHA-256 of the DER encoding.
    public let fingerprint: [UInt8]
    /// Where it came from, for people.
    public let source: String
    /// The DER encoding.
    public let der: ArraySlice<UInt8>
    /// Narrows the search for a name; the name itself is compared afterwards.
    let nameKey: UInt64

    init(kind: Kind, fingerprint: [UInt8], source: String, der: ArraySlice<UInt8>, nameKey: UInt64) {
        self.kind = kind
        self.fingerprint = fingerprint
        self.source = source
        self.der = der
        self.nameKey = nameKey
    }

    init(_ kind: Kind, _ certificate: Certificate, source: String) {
        self.init(
            kind: kind, fingerprint: Self.fingerprint(certificate.der), source: source, der: certificate.der[...],
            nameKey: certificate.subject.key)
    }

    init(_ list: RevocationList, source: String) {
        self.init(
            kind: .revocationList, fingerprint: Self.fingerprint(list.der), source: source, der: list.der[...],
            nameKey: list.issuer.key)
    }

    private static func fingerprint(_ der: [UInt8]) -> [UInt8] { (try? Digest.hash(der, with: .sha256)) ?? [] }
}

extension DistinguishedName {
    /// Equal for names with the same attributes in whatever order, and the same in every process.
    var key: UInt64 {
        let text = relativeNames.map { $0.map { "\($0.type)=\($0.value)" }.joined(separator: "\u{1}") }
            .sorted().joined(separator: "\u{2}")
        let hash = (try? Digest.hash(Array(text.utf8), with: .sha256)) ?? []
        return hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// What was parsed of a store's entries, by fingerprint; shared by the copies of a store.
final class TrustCache: Sendable {
    private struct Parsed {
        var anchors: [[UInt8]: TrustAnchor] = [:]
        var certificates: [[UInt8]: Certificate] = [:]
        var lists: [[UInt8]: RevocationList] = [:]
    }
    private let parsed = Mutex(Parsed())

    /// Nil when the entry is no certificate with a usable key: a store's file may have been written by anybody.
    func anchor(_ entry: TrustEntry) -> TrustAnchor? {
        if let known = parsed.withLock({ $0.anchors[entry.fingerprint] }) { return known }
        guard let certificate = certificate(entry), let key = try? certificate.publicKey() else { return nil }
        let anchor = TrustAnchor(certificate: certificate, key: key)
        parsed.withLock { $0.anchors[entry.fingerprint] = anchor }
        return anchor
    }

    func certificate(_ entry: TrustEntry) -> Certificate? {
        if let known = parsed.withLock({ $0.certificates[entry.fingerprint] }) { return known }
        guard let certificate = try? Certificate(der: Array(entry.der)) else { return nil }
        parsed.withLock { $0.certificates[entry.fingerprint] = certificate }
        return certificate
    }

    func revocationList(_ entry: TrustEntry) -> RevocationList? {
        if let known = parsed.withLock({ $0.lists[entry.fingerprint] }) { return known }
        guard let list = try? RevocationList(der: Array(entry.der)) else { return nil }
        parsed.withLock { $0.lists[entry.fingerprint] = list }
        return list
    }
}
