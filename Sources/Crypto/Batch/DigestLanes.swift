import CIPSecMB

/// Hashes of many messages side by side, for one thread: by Intel's multi-buffer library where that is installed.
///
/// Each round of a hash waits for the one before it, and the processor is idle for much of that time: the rounds of other
/// messages fit in. OpenSSL hashes one message at a time.
///
/// What is hashed here is only ever found equal to a hash that a signer listed. A message that is not is hashed by OpenSSL
/// before anybody is told so.
@safe final class DigestLanes {
    /// A message that is to have a hash.
    struct Job {
        /// The message.
        let message: Range<Int>
        /// Where its hash begins.
        let expected: Int
        /// Whose message it is.
        let ticket: Int
    }

    /// How the library hashes.
    enum Vectors: Int, CaseIterable {
        /// In lanes of the widest vectors that the processor has.
        case widest
        /// In lanes of 128 bits, or two messages at a time where the processor has instructions for the hash.
        case narrow
    }

    /// Whether this machine has the library.
    static var areOffered: Bool { DigestLanes(.widest) != nil }
    /// What each hash function is fastest with, of what gives EVP's hashes for messages of all lengths; nil where OpenSSL
    /// by itself is faster.
    static let fastest: [Vectors?] = DigestAlgorithm.allCases.map { fastest(for: $0) }

    /// The tickets whose messages do not have their hashes.
    private(set) var altered: Set<Int> = []
    private let vectors: [Vectors?]
    /// What has been waiting so far, for each hash function.
    private var waiting = [[Job]](repeating: [], count: DigestAlgorithm.allCases.count)
    private var messages: [cccd_imb_message] = []
    private let managers: [UnsafeMutableRawPointer?]
    private let hashes: UnsafeMutablePointer<UInt8>

    /// Lanes run empty when what waits is done, so that much should wait; and what was read is to be near yet.
    private static let capacity = 2048
    /// The library counts in 16 bits what a lane has left, and refuses messages of more bytes.
    static let maximumByteCount = 65_534
    private static let room = Int(cccd_imb_hash_room)

    /// Nil when the library is not there, or not as it was when the program was built, or nothing is to be hashed by it.
    ///
    /// - Parameter vectors: For each hash function.
    init?(_ vectors: [Vectors?] = fastest) {
        guard !DeprecatedFunctions.areLeftOut, vectors.contains(where: { $0 != nil }) else { return nil }
        let managers = unsafe Vectors.allCases.map { one -> UnsafeMutableRawPointer? in
            unsafe vectors.contains(one) ? cccd_imb_new(one == .widest ? 1 : 0) : nil
        }
        self.vectors = vectors
        unsafe self.managers = unsafe managers
        unsafe hashes = .allocate(capacity: Self.capacity * Self.room)
        unsafe hashes.initialize(repeating: 0, count: Self.capacity * Self.room)
        guard Vectors.allCases.allSatisfy({ unsafe !vectors.contains($0) || managers[$0.rawValue] != nil }) else {
            return nil
        }
    }

    /// The same for all hash functions.
    convenience init?(_ vectors: Vectors) { self.init(DigestAlgorithm.allCases.map { _ in vectors }) }

    deinit {
        for vectors in Vectors.allCases {
            if let manager = unsafe managers[vectors.rawValue] { unsafe cccd_imb_free(manager) }
        }
        unsafe hashes.deallocate()
    }

    /// Whether a hash function is to be used here.
    func offers(_ algorithm: DigestAlgorithm) -> Bool { vectors[algorithm.index] != nil }

    /// Forgets what waits and what was found.
    func removeAll() {
        for index in waiting.indices { waiting[index].removeAll(keepingCapacity: true) }
        altered.removeAll()
    }

    /// Takes a job in, and does those that wait when there are many.
    ///
    /// - Parameters:
    ///   - job: With ranges of `bytes`, the message of at most `maximumByteCount`.
    ///   - algorithm: The hash function.
    ///   - bytes: The same at every call until nothing waits.
    func add(_ job: Job, _ algorithm: DigestAlgorithm, _ bytes: Span<UInt8>) {
        waiting[algorithm.index].append(job)
        if waiting[algorithm.index].count == Self.capacity { hash(algorithm, bytes) }
    }

    /// Does what still waits.
    func finish(_ bytes: Span<UInt8>) {
        for algorithm in DigestAlgorithm.allCases where !waiting[algorithm.index].isEmpty {
            hash(algorithm, bytes)
        }
    }

    private func hash(_ algorithm: DigestAlgorithm, _ bytes: Span<UInt8>) {
        let manager = unsafe vectors[algorithm.index].flatMap { unsafe managers[$0.rawValue] }
        messages.removeAll(keepingCapacity: true)
        for job in waiting[algorithm.index] {
            // Proves that the library stays within the bytes.
            let message = bytes.extracting(job.message)
            messages.append(
                cccd_imb_message(start: UInt64(job.message.lowerBound), byte_count: UInt64(message.count)))
        }
        let doneCount = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe messages.withUnsafeBufferPointer { messages in
                guard let manager = unsafe manager else { return 0 }
                return unsafe cccd_imb_hash(
                    manager, algorithm.byteCount, bytes.baseAddress, messages.baseAddress, messages.count, hashes)
            }
        }
        for (place, job) in waiting[algorithm.index].enumerated() {
            let expected = bytes.extracting(job.expected..<job.expected + algorithm.byteCount)
            let hash = unsafe UnsafeBufferPointer(start: hashes + place * Self.room, count: algorithm.byteCount)
            // Where one was refused, none is believed: its place holds the hash of an earlier message.
            guard doneCount == messages.count, BatchBytes.areEqual(unsafe Span(_unsafeElements: hash), expected)
            else {
                altered.insert(job.ticket)
                continue
            }
        }
        waiting[algorithm.index].removeAll(keepingCapacity: true)
    }

    /// The fastest of what is right.
    private static func fastest(for algorithm: DigestAlgorithm) -> Vectors? {
        guard let digests = try? BatchDigests() else { return nil }
        // As on cards: long messages among short ones. So many and so alike that the end, where lanes run empty, is as small
        // a part as among the thousands that wait in use; with some dozens, two at a time seem faster than sixteen are.
        let bytes = [UInt8](repeating: 0x5A, count: 4096 + algorithm.byteCount)
        let messages = (0..<64).flatMap { [0..<3000 + $0 % 4 * 64, 0..<95, 0..<250 + $0] }
        let ways = Vectors.allCases.compactMap { vectors in
            agreesWithEVP(algorithm, vectors) ? DigestLanes(vectors).map { (vectors: vectors, lanes: $0) } : nil
        }
        var times = [Double](repeating: .infinity, count: ways.count)
        var alone = Double.infinity
        // In turns, since the machine's speed may change meanwhile.
        for _ in 0..<4 {
            let time = ThreadClock.shortest(of: 1, each: 1) {
                for message in messages { _ = unsafe digests.hash(nil, bytes.span.extracting(message), algorithm) }
            }
            alone = min(alone, time)
            for (index, way) in ways.enumerated() {
                let time = ThreadClock.shortest(of: 1, each: 1) {
                    for message in messages {
                        way.lanes.add(Job(message: message, expected: 4096, ticket: 0), algorithm, bytes.span)
                    }
                    way.lanes.finish(bytes.span)
                }
                times[index] = min(times[index], time)
            }
        }
        guard let best = times.indices.min(by: { times[$0] < times[$1] }), times[best] < alone else { return nil }
        return ways[best].vectors
    }

    /// Whether messages of many lengths, side by side, are found to have EVP's hashes, and none with a bit flipped.
    static func agreesWithEVP(_ algorithm: DigestAlgorithm, _ vectors: Vectors) -> Bool {
        guard let lanes = DigestLanes(vectors) else { return false }
        let text = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
        var bytes = text
        var jobs: [Job] = []
        for length in [1, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 239, 240, 500, 999, 1000, 3] {
            let message = text.count - length..<text.count
            guard let hash = try? Digest.hash(Array(text[message]), with: algorithm) else { return false }
            jobs.append(Job(message: message, expected: bytes.count, ticket: jobs.count))
            bytes += hash
        }
        for spoiled in [nil] + jobs.map(Optional.some) {
            var bytes = bytes
            if let spoiled { bytes[spoiled.expected + algorithm.byteCount - 1] ^= 1 }
            lanes.removeAll()
            for job in jobs { lanes.add(job, algorithm, bytes.span) }
            lanes.finish(bytes.span)
            guard lanes.altered == Set([spoiled?.ticket].compactMap { $0 }) else { return false }
        }
        return true
    }
}
