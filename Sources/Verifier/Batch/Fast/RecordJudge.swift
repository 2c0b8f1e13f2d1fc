import Crypto
import Document
import FoundationEssentials

/// Judges records for one thread.
///
/// Whatever is said of a record, `CardVerifier` said it: either of this very record, or of one that is equal in everything
/// that its checks look at. What this type proves by itself is that equality: that the files are of the form and content
/// that a learned signer and a learned document have, that every data group has its listed hash and the content its
/// message digest, that the holder's data agrees, and that the signature is right. A record of which any of this does not
/// hold is given to `CardVerifier`, and what can be learned from its verdict is.
final class RecordJudge {
    /// What came of a record.
    enum Finding {
        case learned(LearnedVerdict)
        case judged(Verdict)
        /// It is no card image.
        case unreadable(String)
    }

    private let cardVerifier: CardVerifier
    private let date: Date
    private let encoder: ResultEncoder
    private let memory: BatchMemory
    private let verifier: BatchVerifier
    private let tables = HolderTables.shared
    private let now: Double

    private var known = BatchMemory.Contents()
    private var verdicts: [UInt64: LearnedVerdict] = [:]
    private var last: (signer: LearnedSigner, document: LearnedDocument, verdict: LearnedVerdict)?
    /// Records that `CardVerifier` judged.
    private(set) var judgedCount = 0

    init(
        _ cardVerifier: CardVerifier, date: Date, encoder: ResultEncoder, memory: BatchMemory, tables: TableBudget,
        asksOnlyEVP: Bool = false
    ) throws(CryptoError) {
        self.cardVerifier = cardVerifier
        self.date = date
        self.encoder = encoder
        self.memory = memory
        verifier = try BatchVerifier(tables: tables, asksOnlyEVP: asksOnlyEVP)
        now = date.timeIntervalSince1970
    }

    /// What is known of a record before its signature is judged.
    enum Pending {
        case waiting(ticket: Int, LearnedVerdict)
        case done(Finding)
    }

    /// Begins a block of records.
    func begin() { verifier.reset() }

    /// Looks at the record at `range`; its signature, and hashes where many at a time cost less, wait for `finish`.
    ///
    /// - Parameter bytes: The same at every call for a block.
    func examine(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Pending {
        let record = bytes.extracting(range)
        guard let plain = PlainRecord(record, tables, now: now) else { return .done(judge(record, nil)) }
        guard let (signer, _, verdict) = recall(record, plain) else { return .done(judge(record, plain)) }
        guard signer.holds(on: plain.expiredOn ?? now, signedAt: plain.signedAt, issuedAt: plain.issuedAt),
            plain.files.dataGroups & ~plain.walk.listed == 0
        else { return .done(judge(record, plain)) }
        let attributes = plain.walk.attributes
        let ticket = verifier.add(
            record.extracting(plain.walk.signature), by: signer.key, first: 0x31,
            over: record.extracting(attributes.lowerBound + 1..<attributes.upperBound), scheme: signer.scheme)
        guard hashesMatch(bytes, range.lowerBound, plain, signer, ticket) else { return .done(judge(record, plain)) }
        return .waiting(ticket: ticket, verdict)
    }

    /// Judges the signatures of all records since `begin`, and the hashes that wait.
    func finish(_ bytes: Span<UInt8>) {
        verifier.judge()
        verifier.finishHashes(in: bytes)
    }

    /// What came of a record, after `finish`.
    func finding(_ pending: Pending, _ record: Span<UInt8>) -> Finding {
        switch pending {
        case .done(let finding): finding
        case .waiting(let ticket, let verdict): verifier.isValid(ticket) ? .learned(verdict) : judge(record, nil)
        }
    }

    /// Judges an image that is no record.
    func judge(_ image: CardImage) -> Finding {
        judgedCount += 1
        return .judged(cardVerifier.verify(Evidence(image: image, date: date)))
    }

    /// How the fast path fared.
    var counts: BatchVerifier.Counts { verifier.counts }

    private func recall(
        _ record: Span<UInt8>, _ plain: PlainRecord
    ) -> (signer: LearnedSigner, document: LearnedDocument, verdict: LearnedVerdict)? {
        if let last, last.signer.signed(record, plain.walk, documentKind: plain.documentKind),
            last.document.matches(record, plain.files, plain.traits)
        {
            return last
        }
        if let found = search(record, plain) { return found }
        guard let news = memory.news(since: known.version) else { return nil }
        known = news
        if verdicts.count > 4096 { verdicts = [:] }
        return search(record, plain)
    }

    private func search(
        _ record: Span<UInt8>, _ plain: PlainRecord
    ) -> (signer: LearnedSigner, document: LearnedDocument, verdict: LearnedVerdict)? {
        guard let candidates = known.signers[LearnedSigner.lookupKey(record, plain.walk.certificate)] else {
            return nil
        }
        var signer: LearnedSigner?
        for candidate in candidates where candidate.signed(record, plain.walk, documentKind: plain.documentKind) {
            signer = candidate
            break
        }
        guard let signer else { return nil }
        for document in known.documents where document.matches(record, plain.files, plain.traits) {
            // Both numbers stay far below 2³².
            let key = signer.identifier << 32 | document.identifier
            let verdict = verdicts[key] ?? LearnedVerdict(signer, document, encoder)
            verdicts[key] = verdict
            last = (signer, document, verdict)
            return last
        }
        return nil
    }

    /// Whether the content and every data group of the record at `start` have their hashes, as far as that is not left to
    /// `finish`.
    @inline(__always)
    private func hashesMatch(
        _ bytes: Span<UInt8>, _ start: Int, _ plain: PlainRecord, _ signer: LearnedSigner, _ ticket: Int
    ) -> Bool {
        let walk = plain.walk
        guard hashMatches(bytes, start, walk.content, signer.digest, walk.messageDigest, ticket) else { return false }
        var rest = plain.files.dataGroups
        while rest != 0 {
            let number = rest.trailingZeroBitCount
            rest &= rest - 1
            let expected = walk.hash(ofDataGroup: number)
            guard let file = plain.files.range(RecordFiles.dataGroup(number)),
                hashMatches(bytes, start, file, signer.groupDigest, expected, ticket)
            else { return false }
        }
        return true
    }

    @inline(__always)
    private func hashMatches(
        _ bytes: Span<UInt8>, _ start: Int, _ message: Range<Int>, _ digest: DigestAlgorithm, _ expected: Range<Int>,
        _ ticket: Int
    ) -> Bool {
        let message = start + message.lowerBound..<start + message.upperBound
        let expected = start + expected.lowerBound..<start + expected.upperBound
        guard verifier.canWait(digest, message.count) else {
            return verifier.digests.matches(bytes.extracting(message), digest, bytes.extracting(expected))
        }
        verifier.require(message, digest, hashedAt: expected, for: ticket, in: bytes)
        return true
    }

    private func judge(_ record: Span<UInt8>, _ plain: PlainRecord?) -> Finding {
        judgedCount += 1
        let image: CardImage
        do throws(DocumentError) {
            image = try CardImage(record: record)
        } catch {
            return .unreadable("\(error)")
        }
        let examination = cardVerifier.examine(Evidence(image: image, date: date))
        let verdict = cardVerifier.verdict(on: examination)
        if let plain { learn(verdict, examination, image, record, plain) }
        return .judged(verdict)
    }

    private func learn(
        _ verdict: Verdict, _ examination: Examination, _ image: CardImage, _ record: Span<UInt8>, _ plain: PlainRecord
    ) {
        if let news = memory.news(since: known.version) { known = news }
        let candidates = known.signers[LearnedSigner.lookupKey(record, plain.walk.certificate)] ?? []
        var isSignerKnown = false
        for candidate in candidates where candidate.signed(record, plain.walk, documentKind: plain.documentKind) {
            isSignerKnown = true
        }
        if !isSignerKnown,
            let signer = LearnedSigner(
                verdict, examination, plain.walk, sod: record, documentKind: plain.documentKind.map { record[$0] },
                keys: memory.keys)
        {
            memory.learn(signer)
        }
        var isDocumentKnown = false
        for document in known.documents where document.matches(record, plain.files, plain.traits) {
            isDocumentKnown = true
        }
        if !isDocumentKnown, let document = LearnedDocument(verdict, plain.traits, image) { memory.learn(document) }
    }
}
