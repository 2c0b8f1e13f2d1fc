import Crypto
import Testing

@Suite("Many MACs with one key")
struct HMACHasherTests {
    @Test("each is the MAC by itself, whatever came before", arguments: [16, 32, 63, 64])
    func agreement(_ keyCount: Int) throws {
        let key = SecretBytes((0..<keyCount).map { UInt8($0 * 7 & 0xFF) })
        var hasher = try HMACSHA256.Hasher(key: key)
        for count in [0, 1, 12, 55, 56, 64, 65, 1000, 12] {
            let message = (0..<count).map { UInt8($0 & 0xFF) }
            let tag = try hasher.tag(message.span)
            #expect(try tag.indices.map { tag[$0] } == HMACSHA256.tag(key: key, message: message))
        }
    }

    @Test("a key that is too short, or would have to be hashed first, is refused", arguments: [0, 15, 65])
    func keys(_ count: Int) {
        #expect(throws: CryptoError.self) {
            _ = try HMACSHA256.Hasher(key: SecretBytes([UInt8](repeating: 1, count: count))).self
        }
    }

    @Test("SHA-256 without EVP is EVP's", arguments: [0, 3, 55, 56, 64, 1000])
    func digest(_ count: Int) throws {
        let message = (0..<count).map { UInt8($0 * 3 & 0xFF) }
        let hash = try Digest.sha256(message.span)
        #expect(try hash.indices.map { hash[$0] } == Digest.hash(message, with: .sha256))
    }
}
