import Crypto
import Synchronization

/// What was learned from the verdicts of `CardVerifier`, for all threads. Each keeps what it used and comes here when that
/// does not do.
final class BatchMemory: Sendable {
    /// Learned things beyond these numbers begin anew from none.
    static let maximumSigners = 2048
    private static let maximumKinds = 128

    /// Kinds of cards and of signers, the last learned first.
    struct Kinds: Sendable {
        /// Changes whenever something was learned.
        var version = 0
        var documents: [LearnedDocument] = []
        var profiles: [LearnedProfile] = []
    }

    private struct Contents: Sendable {
        var kinds = Kinds()
        var signers: [UInt64: [LearnedSigner]] = [:]
        var signerCount = 0
    }

    let keys: BatchKeys
    private let contents = Mutex(Contents())

    init(_ forecast: SignerForecast) { keys = BatchKeys(forecast) }

    /// The kinds that are known now, if there are others than at `version`.
    func kinds(since version: Int) -> Kinds? {
        contents.withLock { $0.kinds.version == version ? nil : $0.kinds }
    }

    /// The signers that are looked up by `key`, the last learned first.
    func signers(_ key: UInt64) -> [LearnedSigner] { contents.withLock { $0.signers[key] ?? [] } }

    func learn(_ signer: LearnedSigner) {
        contents.withLock { contents in
            if contents.signerCount >= Self.maximumSigners {
                contents.signers = [:]
                contents.signerCount = 0
                keys.forgetAll()
            }
            contents.signers[signer.lookupKey, default: []].insert(signer, at: 0)
            contents.signerCount += 1
        }
    }

    func learn(_ document: LearnedDocument) {
        contents.withLock { contents in
            if contents.kinds.documents.count >= Self.maximumKinds { contents.kinds.documents = [] }
            contents.kinds.documents.insert(document, at: 0)
            contents.kinds.version += 1
        }
    }

    func learn(_ profile: LearnedProfile) {
        contents.withLock { contents in
            if contents.kinds.profiles.count >= Self.maximumKinds { contents.kinds.profiles = [] }
            contents.kinds.profiles.insert(profile, at: 0)
            contents.kinds.version += 1
        }
    }
}

/// The signers' keys, one for each certificate, however it was come by: a key's table serves them all.
final class BatchKeys: Sendable {
    /// Keys of certificates that nobody has proven yet are among them, so that there may be more than signers.
    private static let maximumCount = 2 * BatchMemory.maximumSigners

    /// A certificate, hashed by a few of its bytes.
    private struct Owner: Hashable {
        let certificate: [UInt8]

        func hash(into hasher: inout Hasher) { hasher.combine(LearnedSigner.lookupKey(certificate)) }
    }

    private let keys = Mutex<[Owner: BatchKey]>([:])
    private let forecast: SignerForecast

    init(_ forecast: SignerForecast) { self.forecast = forecast }

    func key(for certificate: [UInt8], _ publicKey: PublicKey) -> BatchKey {
        known(certificate)
            ?? keep(BatchKey(publicKey, expectedUses: forecast.records(by: certificate)), for: certificate)
    }

    /// The key of a certificate that differs from a known one's in its bits alone; nil when they are no such key.
    func key(
        for certificate: [UInt8], like other: BatchKey, subjectPublicKeyInfo: [UInt8], bits: [UInt8]
    ) -> BatchKey? {
        known(certificate)
            ?? BatchKey(
                like: other, subjectPublicKeyInfo: subjectPublicKeyInfo, bits: bits,
                expectedUses: forecast.records(by: certificate)
            ).map { keep($0, for: certificate) }
    }

    func forgetAll() { keys.withLock { $0 = [:] } }

    private func known(_ certificate: [UInt8]) -> BatchKey? { keys.withLock { $0[Owner(certificate: certificate)] } }

    /// Keys are made outside the lock, since the first on a curve takes milliseconds: another thread may have been faster.
    private func keep(_ key: BatchKey, for certificate: [UInt8]) -> BatchKey {
        keys.withLock { keys in
            let owner = Owner(certificate: certificate)
            if let known = keys[owner] { return known }
            if keys.count >= Self.maximumCount { keys = [:] }
            keys[owner] = key
            return key
        }
    }
}
