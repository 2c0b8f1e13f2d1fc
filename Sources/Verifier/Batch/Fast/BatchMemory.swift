import Crypto
import Synchronization

/// What was learned from the verdicts of `CardVerifier`, for all threads. Each keeps a copy and comes here when that does
/// not do.
final class BatchMemory: Sendable {
    /// Learned things beyond these numbers begin anew from none.
    private static let maximumSigners = 2048
    private static let maximumDocuments = 128

    struct Contents: Sendable {
        /// Changes whenever something was learned.
        var version = 0
        var signers: [UInt64: [LearnedSigner]] = [:]
        var signerCount = 0
        /// The last learned first.
        var documents: [LearnedDocument] = []
    }

    let keys: BatchKeys
    private let contents = Mutex(Contents())

    init(_ forecast: SignerForecast) { keys = BatchKeys(forecast) }

    /// What is known now, if it is more than at `version`.
    func news(since version: Int) -> Contents? {
        contents.withLock { $0.version == version ? nil : $0 }
    }

    func learn(_ signer: LearnedSigner) {
        contents.withLock { contents in
            if contents.signerCount >= Self.maximumSigners {
                contents.signers = [:]
                contents.signerCount = 0
                keys.forgetAll()
            }
            contents.signers[signer.lookupKey, default: []].insert(signer, at: 0)
            contents.signerCount += 1
            contents.version += 1
        }
    }

    func learn(_ document: LearnedDocument) {
        contents.withLock { contents in
            if contents.documents.count >= Self.maximumDocuments { contents.documents = [] }
            contents.documents.insert(document, at: 0)
            contents.version += 1
        }
    }
}

/// The document signers' keys, one for each certificate, however it was come by: a key's table serves them all.
final class BatchKeys: Sendable {
    private let keys = Mutex<[[UInt8]: BatchKey]>([:])
    private let forecast: SignerForecast

    init(_ forecast: SignerForecast) { self.forecast = forecast }

    func key(for certificate: [UInt8], _ publicKey: PublicKey) -> BatchKey {
        if let known = keys.withLock({ $0[certificate] }) { return known }
        // Made outside the lock: the first key on a curve takes milliseconds.
        let new = BatchKey(publicKey, expectedUses: forecast.records(by: certificate))
        return keys.withLock { keys in
            if let known = keys[certificate] { return known }
            keys[certificate] = new
            return new
        }
    }

    func forgetAll() { keys.withLock { $0 = [:] } }
}
