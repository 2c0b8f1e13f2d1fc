import COpenSSL

/// Verifies many signatures for one thread, faster than one by one and with the same answers.
///
///     let ticket = verifier.add(signature, by: key, over: message, scheme: scheme)
///     verifier.judge()
///     if verifier.isValid(ticket) { … }
///
/// ECDSA signatures wait for `judge()` and are judged together; others are judged at once. Whatever the fast path does not
/// accept is asked of EVP.
@safe package final class BatchVerifier {
    /// How the signatures were judged.
    package struct Counts: Sendable {
        /// Accepted by the fast path.
        package var fast = 0
        /// Asked of EVP, because there is no fast path or it did not accept.
        package var evp = 0
    }

    /// The hash functions, for the caller's use between calls too.
    package let digests: BatchDigests
    /// Whether EVP is asked of what the fast path does not accept. Without it the answers are the fast path's own, which
    /// is how the two are compared.
    package var asksEVP = true
    /// How the signatures were judged so far.
    package private(set) var counts = Counts()
    private let asksOnlyEVP: Bool
    private let tables: TableBudget
    private let rsaWork: RSAWork
    private let lanes: DigestLanes?
    /// Whether `lanes` are used for each hash function.
    private let canWait: [Bool]
    /// Tickets that were to depend on a hash that cannot be computed.
    private var unhashed: Set<Int> = []
    private var blocks: [NamedCurve: ECDSABlock] = [:]
    private var questions: [Question] = []
    private var answers: [Bool] = []
    private var bytes: [UInt8] = []

    /// What EVP is asked when the fast path does not accept. The signature and the hash stand in `bytes`.
    private struct Question {
        let key: BatchKey
        let scheme: SignatureScheme
        let hash: Range<Int>
        let signature: Range<Int>
    }

    /// - Parameters:
    ///   - tables: The tables that may be made, shared with other threads' verifiers.
    ///   - asksOnlyEVP: Whether nothing but EVP is used, as where OpenSSL lacks what the fast path takes.
    package init(tables: TableBudget, asksOnlyEVP: Bool = false) throws(CryptoError) {
        self.tables = tables
        self.asksOnlyEVP = asksOnlyEVP
        digests = try BatchDigests(asksOnlyEVP: asksOnlyEVP)
        rsaWork = try RSAWork()
        let lanes = asksOnlyEVP ? nil : DigestLanes()
        self.lanes = lanes
        canWait = DigestAlgorithm.allCases.map { lanes?.offers($0) ?? false }
    }

    /// Forgets all tickets.
    package func reset() {
        questions.removeAll(keepingCapacity: true)
        answers.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        unhashed.removeAll()
        lanes?.removeAll()
    }

    /// Whether the hash of a message of so many bytes can wait for others like it.
    package func canWait(_ algorithm: DigestAlgorithm, _ byteCount: Int) -> Bool {
        canWait[algorithm.index] && (1...DigestLanes.maximumByteCount).contains(byteCount)
    }

    /// Makes the answer to a ticket depend on a hash too, which waits for others to be computed beside it.
    ///
    /// - Parameters:
    ///   - message: What is hashed, in `bytes`.
    ///   - algorithm: One that can wait with such a message.
    ///   - expected: Where in `bytes` its hash stands.
    ///   - bytes: The same at every call between two of `reset()`.
    package func require(
        _ message: Range<Int>, _ algorithm: DigestAlgorithm, hashedAt expected: Range<Int>, for ticket: Int,
        in bytes: Span<UInt8>
    ) {
        guard let lanes, canWait(algorithm, message.count), expected.count == algorithm.byteCount else {
            unhashed.insert(ticket)
            return
        }
        let job = DigestLanes.Job(message: message, expected: expected.lowerBound, ticket: ticket)
        lanes.add(job, algorithm, bytes)
    }

    /// Computes the hashes that still wait.
    package func finishHashes(in bytes: Span<UInt8>) { lanes?.finish(bytes) }

    /// Takes a signature in.
    ///
    /// - Parameters:
    ///   - signature: In the form of its scheme.
    ///   - key: Whose it must be.
    ///   - first: A byte that stands before the message; none when nil.
    ///   - message: What is signed.
    ///   - scheme: The signature's algorithm.
    /// - Returns: The ticket to ask for the answer with.
    package func add(
        _ signature: Span<UInt8>, by key: BatchKey, first: UInt8? = nil, over message: Span<UInt8>,
        scheme: SignatureScheme
    ) -> Int {
        let ticket = answers.count
        guard let hash = unsafe digests.hash(first, message, scheme.digest) else {
            answers.append(false)
            let none: [UInt8] = []
            remember(key, scheme, hash: none.span, signature)
            return ticket
        }
        return unsafe add(signature, by: key, hash: hash, scheme: scheme)
    }

    /// Takes a signature over a message in whose hash is known.
    package func add(
        _ signature: Span<UInt8>, by key: BatchKey, hash: Span<UInt8>, scheme: SignatureScheme
    ) -> Int {
        unsafe hash.withUnsafeBufferPointer { unsafe add(signature, by: key, hash: $0, scheme: scheme) }
    }

    private func add(
        _ signature: Span<UInt8>, by key: BatchKey, hash: UnsafeBufferPointer<UInt8>, scheme: SignatureScheme
    ) -> Int {
        let ticket = answers.count
        answers.append(false)
        unsafe remember(key, scheme, hash: Span(_unsafeElements: hash), signature)
        guard !asksOnlyEVP else { return ticket }
        switch (key.arithmetic, scheme) {
        case (.rsa(let arithmetic), .rsaPKCS1(let digest)):
            guard let hash = hash.baseAddress else { break }
            answers[ticket] = unsafe signature.withUnsafeBufferPointer { signature in
                unsafe arithmetic.isValid(signature, hash: hash, digest, with: rsaWork)
            }
        case (.curve(let curve, _), .ecdsa):
            guard let block = block(on: curve) else { break }
            if unsafe block.add(key, signature: signature, hash: hash, ticket: ticket), block.isFull {
                judge(block)
            }
        default: break
        }
        return ticket
    }

    /// Judges all that wait, and asks EVP of what was not accepted.
    package func judge() {
        for block in blocks.values where !block.isEmpty { judge(block) }
        for ticket in answers.indices {
            if answers[ticket] {
                counts.fast += 1
            } else if asksEVP {
                counts.evp += 1
                answers[ticket] = isAcceptedByEVP(ticket)
            }
        }
    }

    /// The answer, after `judge()` and `finishHashes(in:)`.
    package func isValid(_ ticket: Int) -> Bool {
        answers.indices.contains(ticket) && answers[ticket] && !unhashed.contains(ticket)
            && lanes?.altered.contains(ticket) != true
    }

    private func remember(
        _ key: BatchKey, _ scheme: SignatureScheme, hash: Span<UInt8>, _ signature: Span<UInt8>
    ) {
        let start = bytes.count
        unsafe hash.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        let middle = bytes.count
        unsafe signature.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        questions.append(
            Question(key: key, scheme: scheme, hash: start..<middle, signature: middle..<bytes.count))
    }

    private func block(on curve: CurveArithmetic) -> ECDSABlock? {
        if let block = blocks[curve.curve] { return block }
        let block = try? ECDSABlock(on: curve)
        blocks[curve.curve] = block
        return block
    }

    private func judge(_ block: ECDSABlock) {
        // Taken out for the call, so that no access to them elsewhere has to be watched.
        var answers = self.answers
        self.answers = []
        block.judge(tables, &answers) { isAcceptedByEVP($0) }
        self.answers = answers
    }

    private func isAcceptedByEVP(_ ticket: Int) -> Bool {
        guard questions.indices.contains(ticket) else { return false }
        let question = questions[ticket]
        let bytes = self.bytes
        return question.key.publicKey?.verify(
            signature: bytes.span.extracting(question.signature), hash: bytes.span.extracting(question.hash),
            scheme: question.scheme) ?? false
    }
}

extension PublicKey {
    /// EVP's answer for a message whose hash is known. What cannot be asked is answered with no.
    package func isSigned(hash: [UInt8], signature: [UInt8], scheme: SignatureScheme) -> Bool {
        verify(signature: signature.span, hash: hash.span, scheme: scheme)
    }

    /// EVP's answer for a message whose hash is known. What cannot be asked is answered with no.
    func verify(signature: Span<UInt8>, hash: Span<UInt8>, scheme: SignatureScheme) -> Bool {
        defer { CryptoError.drainedQueue() }
        guard hash.count == scheme.digest.byteCount, let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil)
        else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_verify_init(context) == 1,
            (try? unsafe scheme.configure(context)) != nil,
            unsafe EVP_PKEY_CTX_set_signature_md(context, scheme.digest.method) == 1
        else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe hash.withUnsafeBufferPointer { hash in
                unsafe EVP_PKEY_verify(context, signature.baseAddress, signature.count, hash.baseAddress, hash.count)
                    == 1
            }
        }
    }
}
