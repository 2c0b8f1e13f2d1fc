import CProcessor

/// SHA-256 of two messages at a time, by the processor's own instructions, for one thread.
///
/// Each round of a hash waits for the one before it, and the processor is idle for half of that time: another message's
/// rounds fit in, so that two cost what one does. OpenSSL hashes one message at a time.
///
/// What is hashed here is only ever found equal to a hash that a signer listed. A message that is not is hashed by OpenSSL
/// before anybody is told so.
@safe final class DigestPairs {
    /// A message that is to have a hash.
    struct Job {
        /// The message.
        let message: Range<Int>
        /// Where its hash begins.
        let expected: Int
        /// Whose message it is.
        let ticket: Int
    }

    /// Whether the processor has the instructions.
    static var areOffered: Bool { cccd_has_sha256_pair() != 0 }
    /// Whether they are to be used: hashes of all lengths are EVP's.
    static let areRight = areOffered && agreeWithEVP()

    /// One message of each length, in powers of two of blocks, waits for another of that length.
    private var waiting = [Job?](repeating: nil, count: 64)
    private let states: UnsafeMutablePointer<UInt32>
    private let tails: UnsafeMutablePointer<UInt8>

    private static let wordCount = 8
    private static let blockByteCount = 64
    private static let tailByteCount = 2 * blockByteCount
    /// FIPS 180-4, 5.3.3.
    private static let initial: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]

    init() {
        unsafe states = .allocate(capacity: 3 * Self.wordCount)
        unsafe states.initialize(repeating: 0, count: 3 * Self.wordCount)
        unsafe tails = .allocate(capacity: 2 * Self.tailByteCount)
        unsafe tails.initialize(repeating: 0, count: 2 * Self.tailByteCount)
    }

    deinit {
        unsafe states.deallocate()
        unsafe tails.deallocate()
    }

    /// Forgets what waits.
    func removeAll() { for index in waiting.indices { waiting[index] = nil } }

    /// Takes a job in, and does it when another of its length waits.
    ///
    /// - Parameters:
    ///   - job: With ranges of `bytes`.
    ///   - bytes: The same at every call until nothing waits.
    ///   - altered: Takes up the tickets whose messages do not have their hashes.
    func add(_ job: Job, _ bytes: Span<UInt8>, _ altered: inout Set<Int>) {
        let length = Int.bitWidth - ((job.message.count + 9) / Self.blockByteCount).leadingZeroBitCount
        guard let other = waiting[length] else {
            waiting[length] = job
            return
        }
        waiting[length] = nil
        hash(other, job, bytes, &altered)
    }

    /// Does what still waits.
    func finish(_ bytes: Span<UInt8>, _ altered: inout Set<Int>) {
        var first: Job?
        for index in waiting.indices {
            guard let job = waiting[index] else { continue }
            waiting[index] = nil
            guard let other = first else {
                first = job
                continue
            }
            first = nil
            hash(other, job, bytes, &altered)
        }
        if let first { hash(first, first, bytes, &altered) }
    }

    private func hash(_ a: Job, _ b: Job, _ bytes: Span<UInt8>, _ altered: inout Set<Int>) {
        let (first, second) = (bytes.extracting(a.message), bytes.extracting(b.message))
        unsafe first.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in unsafe hash(first, second) }
        }
        for (place, job) in [(0, a), (1, b)] {
            let expected = job.expected..<job.expected + Self.wordCount * 4
            guard !isEqual(place, bytes.extracting(expected)) else { continue }
            altered.insert(job.ticket)
        }
    }

    private func isEqual(_ place: Int, _ expected: Span<UInt8>) -> Bool {
        unsafe expected.withUnsafeBytes { expected in
            for word in 0..<Self.wordCount {
                let value = unsafe expected.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self)
                guard unsafe value == states[place * Self.wordCount + word].bigEndian else { return false }
            }
            return true
        }
    }

    /// What is left of a message to be hashed: whole blocks of it, then those that end it.
    @unsafe private struct Lane {
        var next: UnsafePointer<UInt8>
        var blockCount: Int
        let tail: UnsafePointer<UInt8>
        var tailBlockCount: Int

        mutating func advance(_ count: Int) {
            unsafe next += count * blockByteCount
            unsafe blockCount -= count
            guard unsafe blockCount == 0, unsafe tailBlockCount > 0 else { return }
            unsafe next = unsafe tail
            unsafe blockCount = unsafe tailBlockCount
            unsafe tailBlockCount = 0
        }
    }

    /// Leaves the hashes of both messages in `states`.
    private func hash(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) {
        for word in 0..<Self.wordCount {
            unsafe states[word] = Self.initial[word]
            unsafe states[Self.wordCount + word] = Self.initial[word]
        }
        var a = unsafe lane(first, tails)
        var b = unsafe lane(second, tails + Self.tailByteCount)
        let (own, other) = unsafe (states, states + Self.wordCount)
        // Where one message is at its end the other goes on beside itself, which costs no more.
        let idle = unsafe states + 2 * Self.wordCount
        while unsafe a.blockCount > 0 || b.blockCount > 0 {
            if unsafe a.blockCount == 0 {
                unsafe cccd_sha256_pair(idle, b.next, other, b.next, b.blockCount)
                unsafe b.advance(b.blockCount)
            } else if unsafe b.blockCount == 0 {
                unsafe cccd_sha256_pair(own, a.next, idle, a.next, a.blockCount)
                unsafe a.advance(a.blockCount)
            } else {
                let count = unsafe min(a.blockCount, b.blockCount)
                unsafe cccd_sha256_pair(own, a.next, other, b.next, count)
                unsafe a.advance(count)
                unsafe b.advance(count)
            }
        }
    }

    /// The message with what FIPS 180-4, 5.1.1 puts behind it in `tail`: one bit, zeros, the length in bits.
    private func lane(_ message: UnsafeBufferPointer<UInt8>, _ tail: UnsafeMutablePointer<UInt8>) -> Lane {
        let blockCount = message.count / Self.blockByteCount
        let rest = message.count % Self.blockByteCount
        let tailBlockCount = rest + 9 > Self.blockByteCount ? 2 : 1
        let end = tailBlockCount * Self.blockByteCount
        unsafe tail.update(repeating: 0, count: end)
        if rest > 0, let start = message.baseAddress {
            unsafe tail.update(from: start + blockCount * Self.blockByteCount, count: rest)
        }
        unsafe tail[rest] = 0x80
        let bitCount = message.count &* 8
        for index in 0..<8 { unsafe tail[end - 1 - index] = UInt8(truncatingIfNeeded: bitCount >> (8 * index)) }
        guard blockCount > 0, let start = message.baseAddress else {
            return unsafe Lane(next: tail, blockCount: tailBlockCount, tail: tail, tailBlockCount: 0)
        }
        return unsafe Lane(next: start, blockCount: blockCount, tail: tail, tailBlockCount: tailBlockCount)
    }

    /// Whether messages of any length, beside ones of another, are found to have EVP's hashes, and none with a bit flipped.
    private static func agreeWithEVP() -> Bool {
        let pairs = DigestPairs()
        let text = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
        for (a, b) in [(0, 0), (1, 55), (56, 63), (64, 65), (119, 120), (500, 128), (3, 1000), (999, 0)] {
            guard let first = try? Digest.hash(Array(text.prefix(a)), with: .sha256),
                let second = try? Digest.hash(Array(text.suffix(b)), with: .sha256)
            else { return false }
            var bytes = text + first + second
            let jobs = [
                Job(message: 0..<a, expected: text.count, ticket: 0),
                Job(message: text.count - b..<text.count, expected: text.count + first.count, ticket: 1),
            ]
            var altered: Set<Int> = []
            pairs.hash(jobs[0], jobs[1], bytes.span, &altered)
            guard altered.isEmpty else { return false }
            bytes[text.count + 31] ^= 1
            pairs.hash(jobs[0], jobs[1], bytes.span, &altered)
            guard altered == [0] else { return false }
        }
        return true
    }
}
