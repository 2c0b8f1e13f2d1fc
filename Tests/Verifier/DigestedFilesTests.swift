import Crypto
import Document
import Testing
import Verifier

@Suite("Hashes that were worked out while files came")
struct DigestedFilesTests {
    private func digested(_ bytes: [UInt8], _ algorithm: DigestAlgorithm = .sha256) throws -> DigestedBytes {
        let buffer = try DigestingBuffer(algorithm)
        for start in stride(from: 0, to: bytes.count, by: 100) { try buffer.append(bytes.dropFirst(start).prefix(100)) }
        return try #require(try buffer.finish())
    }

    private func verdict(_ image: CardImage, _ digests: [ElementaryFile: DigestedBytes]) throws -> Verdict {
        var trust = TrustStore()
        try trust.add(Certificate(der: ForgedState.shared().pki.countrySigner.certificate))
        return CardVerifier(trust: trust).verify(Evidence(image: image, digests: digests, date: ForgedState.date))
    }

    @Test("are taken for the very file and EF.SOD's hash function, and for nothing else")
    func digests() throws {
        let image = try ForgedState.shared().card.image
        let content = try #require(image[.dg13])
        #expect(try digested(content).digest == Digest.hash(content, with: .sha256))
        #expect(try verdict(image, [.dg13: digested(content)]).outcome == .authenticData)
        // Another function's hash, and that of another file, would not fit EF.SOD's if they were looked at.
        #expect(try verdict(image, [.dg13: digested(content, .sha1)]).outcome == .authenticData)
        #expect(try verdict(image, [.dg13: digested(content + [0])]).outcome == .authenticData)
        // The right hash beside an altered file helps nobody.
        var altered = image
        altered[.dg13] = content.dropLast() + [(content.last ?? 0) ^ 1]
        try verdict(altered, [.dg13: digested(content)]).expectRefusal(by: .dataGroupsHash, .hashMismatch)
    }
}
