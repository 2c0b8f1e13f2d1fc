import Crypto
import Document
import Testing

@testable import Verifier

@Suite("Chip authentication mapping")
struct ChipAuthenticationMappingTests {
    private static let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2]

    /// SecurityInfos with the public key of `key`.
    private static func infos(_ key: PrivateKey) throws -> SecurityInfos {
        let info = try TLVEncoder.element(
            .sequence, ObjectIdentifier(base + [1, 2]).encoded + key.subjectPublicKeyInfo)
        let set = TLVEncoder.element(.set, info)
        return try SecurityInfos(set.span)
    }

    /// A mapping key that is `data` times the public key of `key`.
    private static func transcript(
        _ key: PrivateKey, _ data: [UInt8], sent: [UInt8]? = nil, parameterID: Int = 13
    ) throws -> PACEChipAuthenticationMappingTranscript {
        let point = try #require(try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).ecPoint())
        let mapping = try ECGroup(.brainpoolP256r1).multiply(point, by: SecretBytes(data))
        return PACEChipAuthenticationMappingTranscript(
            protocolOID: ObjectIdentifier(base + [4, 6, 2]), parameterID: parameterID,
            chipMappingPublicKey: mapping.encoded, chipAuthenticationData: sent ?? data)
    }

    @Test("a chip whose mapping key follows from its signed key is proven, and no other")
    func judgement() throws {
        let key = try PrivateKey.generateEC(.brainpoolP256r1)
        let data = try ECGroup(.brainpoolP256r1).randomScalar().bytes
        let judge = { (transcript: PACEChipAuthenticationMappingTranscript, infos: SecurityInfos) in
            ChipAuthenticationMappingProof(transcript: transcript).judge(infos)
        }
        #expect(try judge(Self.transcript(key, data), Self.infos(key)) == .proven)
        let other = try PrivateKey.generateEC(.brainpoolP256r1)
        #expect(try judge(Self.transcript(key, data), Self.infos(other)) == .wrongAnswer)
        #expect(try judge(Self.transcript(key, data, sent: []), Self.infos(key)) == .wrongAnswer)
        let zero = [UInt8](repeating: 0, count: data.count)
        #expect(try judge(Self.transcript(key, data, sent: zero), Self.infos(key)) == .wrongAnswer)
        #expect(try judge(Self.transcript(key, data, sent: [0] + data), Self.infos(key)) == .wrongAnswer)
        let elsewhere = try PrivateKey.generateEC(.secp256r1)
        #expect(try judge(Self.transcript(key, data), Self.infos(elsewhere)) == .noKey)
        #expect(try judge(Self.transcript(key, data, parameterID: 0), Self.infos(key)) != .proven)
    }
}
