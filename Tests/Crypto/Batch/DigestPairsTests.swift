import Testing

@testable import Crypto

/// SHA-256 of two messages at a time.
@Suite("Pairs of hashes", .enabled(if: DigestPairs.areOffered, "the processor has no instructions for SHA-256"))
struct DigestPairsTests {
    /// Puts messages and their hashes into one array, as records hold them.
    private func altered(_ messages: [[UInt8]], spoil: (inout [UInt8], Int) -> Void = { _, _ in }) throws -> Set<Int> {
        var bytes: [UInt8] = []
        var jobs: [DigestPairs.Job] = []
        for (ticket, message) in messages.enumerated() {
            let start = bytes.count
            bytes += message
            let hash = try Digest.hash(message, with: .sha256)
            jobs.append(DigestPairs.Job(message: start..<bytes.count, expected: bytes.count, ticket: ticket))
            bytes += hash
            spoil(&bytes, ticket)
        }
        let pairs = DigestPairs()
        var altered: Set<Int> = []
        for job in jobs { pairs.add(job, bytes.span, &altered) }
        pairs.finish(bytes.span, &altered)
        return altered
    }

    @Test("they are right on this processor")
    func areRight() { #expect(DigestPairs.areRight) }

    @Test("messages of every length up to five blocks have OpenSSL's hashes, in any order")
    func lengths() throws {
        var messages = try (0...330).map { try Random.bytes($0) }
        #expect(try altered(messages) == [])
        messages.shuffle()
        #expect(try altered(messages) == [])
        let long = [UInt8](repeating: 0xA5, count: 70_000)
        #expect(try altered([long]) == [])
        #expect(try altered([long, Array(long.prefix(40_001)), [1]]) == [])
    }

    @Test("exactly the messages of which a byte is changed, in them or in their hashes, are told")
    func alterations() throws {
        let messages = try (1...200).map { try Random.bytes($0 * 3) }
        let found = try altered(messages) { bytes, ticket in
            if ticket % 7 == 3 { bytes[bytes.count - 1 - ticket % 32] ^= 1 << UInt8(ticket % 8) }
            if ticket % 7 == 5 { bytes[bytes.count - 33 - ticket % messages[ticket].count] ^= 0x80 }
        }
        #expect(found == Set(messages.indices.filter { $0 % 7 == 3 || $0 % 7 == 5 }))
    }
}
