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

    private var kinds = BatchMemory.Kinds()
    private var signers: [UInt64: [LearnedSigner]] = [:]
    private var signerCount = 0
    /// Signers of this block whose certificates' signatures are judged with it, by their identifiers.
    private var newSigners: [UInt64: (signer: LearnedSigner, ticket: Int)] = [:]
    private var verdicts: [UInt64: LearnedVerdict] = [:]
    /// What records were last recalled as, each at the place that `place(_:_:)` names: records of several signers and kinds
    /// come mixed, and looking one up from the beginning costs a microsecond.
    private var recent = [Known?](repeating: nil, count: 1024)
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
        /// Until the signature under the ticket, and that on the signer's certificate if he is new, are judged.
        case waiting(ticket: Int, chain: Int?, LearnedVerdict)
        case done(Finding)
    }

    private final class Known {
        let signer: LearnedSigner
        let document: LearnedDocument
        let verdict: LearnedVerdict

        init(_ signer: LearnedSigner, _ document: LearnedDocument, _ verdict: LearnedVerdict) {
            self.signer = signer
            self.document = document
            self.verdict = verdict
        }
    }

    /// Begins a block of records.
    func begin() {
        verifier.reset()
        newSigners.removeAll(keepingCapacity: true)
    }

    /// Looks at the record at `range`; its signature, and hashes where many at a time cost less, wait for `finish`.
    ///
    /// - Parameter bytes: The same at every call for a block.
    func examine(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Pending {
        let record = bytes.extracting(range)
        guard let plain = PlainRecord(record, tables, now: now) else { return .done(judge(record, nil)) }
        guard let known = recall(record, plain) else { return .done(judge(record, plain)) }
        let signer = known.signer
        guard signer.holds(on: plain.expiredOn ?? now, signedAt: plain.signedAt, issuedAt: plain.issuedAt),
            plain.files.dataGroups & ~plain.walk.listed == 0
        else { return .done(judge(record, plain)) }
        let attributes = plain.walk.attributes
        let ticket = verifier.add(
            record.extracting(plain.walk.signature), by: signer.key, first: 0x31,
            over: record.extracting(attributes.lowerBound + 1..<attributes.upperBound), scheme: signer.scheme)
        guard hashesMatch(bytes, range.lowerBound, plain, signer, ticket) else { return .done(judge(record, plain)) }
        let chain = newSigners.isEmpty ? nil : newSigners[signer.identifier]?.ticket
        return .waiting(ticket: ticket, chain: chain, known.verdict)
    }

    /// Judges the signatures of all records since `begin`, and the hashes that wait.
    func finish(_ bytes: Span<UInt8>) {
        verifier.judge()
        verifier.finishHashes(in: bytes)
        for (signer, ticket) in newSigners.values {
            if verifier.isValid(ticket) { memory.learn(signer) } else { forget(signer) }
        }
    }

    /// What came of a record, after `finish`.
    func finding(_ pending: Pending, _ record: Span<UInt8>) -> Finding {
        switch pending {
        case .done(let finding): finding
        case .waiting(let ticket, let chain, let verdict):
            verifier.isValid(ticket) && chain.map(verifier.isValid) ?? true ? .learned(verdict) : judge(record, nil)
        }
    }

    /// Judges an image that is no record.
    func judge(_ image: CardImage) -> Finding {
        judgedCount += 1
        return .judged(cardVerifier.verify(Evidence(image: image, date: date)))
    }

    /// How the fast path fared.
    var counts: BatchVerifier.Counts { verifier.counts }

    private func recall(_ record: Span<UInt8>, _ plain: PlainRecord) -> Known? {
        let place = Self.place(record, plain)
        if let known = recent[place],
            known.signer.signed(record, plain.walk, documentKind: plain.documentKind),
            known.document.matches(record, plain.files, plain.traits)
        {
            return known
        }
        guard let document = document(record, plain), let signer = signer(record, plain) else { return nil }
        // Both numbers stay far below 2³².
        let key = signer.identifier << 32 | document.identifier
        let verdict = verdicts[key] ?? LearnedVerdict(signer, document, encoder)
        if verdicts.count >= 2 * BatchMemory.maximumSigners { verdicts = [:] }
        verdicts[key] = verdict
        let known = Known(signer, document, verdict)
        recent[place] = known
        return known
    }

    /// By the last byte of the signer's certificate, and what tells most of his cards apart.
    private static func place(_ record: Span<UInt8>, _ plain: PlainRecord) -> Int {
        let signer = Int(truncatingIfNeeded: LearnedSigner.lookupKey(record, plain.walk.certificate) & 0xFF)
        return signer << 2 | (plain.traits.neverExpires ? 2 : 0) | (plain.traits.isExpired ? 1 : 0)
    }

    private func document(_ record: Span<UInt8>, _ plain: PlainRecord) -> LearnedDocument? {
        for document in kinds.documents where document.matches(record, plain.files, plain.traits) { return document }
        guard let news = memory.kinds(since: kinds.version) else { return nil }
        kinds = news
        return kinds.documents.first { $0.matches(record, plain.files, plain.traits) }
    }

    private func signer(_ record: Span<UInt8>, _ plain: PlainRecord) -> LearnedSigner? {
        let key = LearnedSigner.lookupKey(record, plain.walk.certificate)
        if let candidates = signers[key] {
            for candidate in candidates where candidate.signed(record, plain.walk, documentKind: plain.documentKind) {
                return candidate
            }
        }
        for candidate in memory.signers(key)
        where candidate.signed(record, plain.walk, documentKind: plain.documentKind) {
            remember(candidate)
            return candidate
        }
        return newSigner(record, plain)
    }

    /// The signer of a card, if he is of a learned profile. His certificate's signature is judged with the block.
    private func newSigner(_ record: Span<UInt8>, _ plain: PlainRecord) -> LearnedSigner? {
        guard !kinds.profiles.isEmpty, let fields = CertificateWalk(record, plain.walk.certificate) else { return nil }
        for profile in kinds.profiles
        where profile.covers(record, plain.walk, fields, documentKind: plain.documentKind) {
            guard let signer = profile.signer(of: record, plain.walk, fields, keys: memory.keys) else { return nil }
            let ticket = profile.addSignature(on: fields, in: record, to: verifier)
            newSigners[signer.identifier] = (signer, ticket)
            remember(signer)
            return signer
        }
        return nil
    }

    private func remember(_ signer: LearnedSigner) {
        if signerCount >= BatchMemory.maximumSigners { (signers, signerCount) = ([:], 0) }
        signers[signer.lookupKey, default: []].append(signer)
        signerCount += 1
    }

    private func forget(_ signer: LearnedSigner) {
        signers[signer.lookupKey]?.removeAll { $0 === signer }
        for place in recent.indices where recent[place]?.signer === signer { recent[place] = nil }
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
        if let news = memory.kinds(since: kinds.version) { kinds = news }
        if !kinds.documents.contains(where: { $0.matches(record, plain.files, plain.traits) }),
            let document = LearnedDocument(verdict, plain.traits, image)
        {
            memory.learn(document)
        }
        let candidates = memory.signers(LearnedSigner.lookupKey(record, plain.walk.certificate))
        guard !candidates.contains(where: { $0.signed(record, plain.walk, documentKind: plain.documentKind) }),
            let signer = LearnedSigner(
                verdict, examination, plain.walk, sod: record, documentKind: plain.documentKind.map { record[$0] },
                keys: memory.keys)
        else { return }
        memory.learn(signer)
        guard let fields = CertificateWalk(record, plain.walk.certificate),
            !kinds.profiles.contains(where: {
                $0.covers(record, plain.walk, fields, documentKind: plain.documentKind)
            }),
            let profile = LearnedProfile(signer, verdict, examination, plain.walk, sod: record, keys: memory.keys)
        else { return }
        memory.learn(profile)
    }
}
