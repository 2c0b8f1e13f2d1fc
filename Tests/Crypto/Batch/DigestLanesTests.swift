import Testing

@testable import Crypto

/// Hashes of many messages side by side.
@Suite("Hashes side by side", .enabled(if: DigestLanes.areOffered, "libIPSec_MB is not installed"))
struct DigestLanesTests {
    /// Puts messages and their hashes into one array, as records hold them.
    private func altered(
        _ messages: [[UInt8]], _ algorithm: DigestAlgorithm, by vectors: DigestLanes.Vectors,
        spoil: (inout [UInt8], Int) -> Void = { _, _ in }
    ) throws -> Set<Int> {
        var bytes: [UInt8] = []
        var jobs: [DigestLanes.Job] = []
        for (ticket, message) in messages.enumerated() {
            let start = bytes.count
            bytes += message
            let hash = try Digest.hash(message, with: algorithm)
            jobs.append(DigestLanes.Job(message: start..<bytes.count, expected: bytes.count, ticket: ticket))
            bytes += hash
            spoil(&bytes, ticket)
        }
        let lanes = try #require(DigestLanes(vectors))
        for job in jobs { lanes.add(job, algorithm, bytes.span) }
        lanes.finish(bytes.span)
        return lanes.altered
    }

    @Test(
        "every hash function is right on this processor", arguments: DigestAlgorithm.allCases,
        DigestLanes.Vectors.allCases)
    func areRight(_ algorithm: DigestAlgorithm, _ vectors: DigestLanes.Vectors) {
        #expect(DigestLanes.agreesWithEVP(algorithm, vectors))
    }

    @Test(
        "messages of every length up to five blocks have OpenSSL's hashes, in any order",
        arguments: DigestAlgorithm.allCases, DigestLanes.Vectors.allCases)
    func lengths(_ algorithm: DigestAlgorithm, _ vectors: DigestLanes.Vectors) throws {
        var messages = try (1...(algorithm.byteCount > 32 ? 650 : 330)).map { try Random.bytes($0) }
        #expect(try altered(messages, algorithm, by: vectors) == [])
        messages.shuffle()
        #expect(try altered(messages, algorithm, by: vectors) == [])
        let long = [UInt8](repeating: 0xA5, count: DigestLanes.maximumByteCount)
        #expect(try altered([long], algorithm, by: vectors) == [])
        #expect(try altered([long, Array(long.prefix(40_001)), [1]], algorithm, by: vectors) == [])
    }

    @Test(
        "exactly the messages of which a byte is changed, in them or in their hashes, are told",
        arguments: DigestAlgorithm.allCases, DigestLanes.Vectors.allCases)
    func alterations(_ algorithm: DigestAlgorithm, _ vectors: DigestLanes.Vectors) throws {
        let messages = try (1...300).map { try Random.bytes($0 * 3) }
        let found = try altered(messages, algorithm, by: vectors) { bytes, ticket in
            let size = algorithm.byteCount
            if ticket % 7 == 3 { bytes[bytes.count - 1 - ticket % size] ^= 1 << UInt8(ticket % 8) }
            if ticket % 7 == 5 { bytes[bytes.count - size - 1 - ticket % messages[ticket].count] ^= 0x80 }
        }
        #expect(found == Set(messages.indices.filter { $0 % 7 == 3 || $0 % 7 == 5 }))
    }

    @Test("a message of more bytes than a lane counts is not believed, and nothing beside it")
    func tooLong() throws {
        let long = [UInt8](repeating: 0xA5, count: DigestLanes.maximumByteCount + 1)
        #expect(try altered([[1], long, [2]], .sha256, by: .widest) == [0, 1, 2])
        #expect(try altered([[1], long, [2]], .sha256, by: .narrow) == [0, 1, 2])
        let verifier = try BatchVerifier(tables: TableBudget())
        #expect(verifier.canWait(.sha256, DigestLanes.maximumByteCount) == verifier.canWait(.sha256, 1))
        #expect(!verifier.canWait(.sha256, long.count))
        #expect(!verifier.canWait(.sha256, 0))
    }
}
