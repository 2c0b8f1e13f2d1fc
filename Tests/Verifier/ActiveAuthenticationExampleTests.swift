import Crypto
import Document
import TestSupport
import Testing

@testable import Verifier

/// Doc 9303-11, Appendix F. It prints no modulus, so its signature cannot be opened; the block that it signs is signed here
/// with another key.
@Suite("The worked example of active authentication", .enabled(if: SharedVectors.arePresent))
struct ActiveAuthenticationExampleTests {
    private struct Examples: Decodable {
        struct Example: Decodable { let values: [String: String] }
        let F_AA_RSA1024_SHA1: Example
    }

    private let values: [String: String]

    init() throws {
        values = try SharedVectors.json("icao9303/worked_examples.json", as: Examples.self).F_AA_RSA1024_SHA1.values
    }

    private func value(_ name: String) throws -> [UInt8] {
        try #require(values[name].flatMap { Hexadecimal.bytes($0) })
    }

    @Test("the printed block proves the chip for the printed challenge, and for no other")
    func block() throws {
        let key = try PrivateKey.generateRSA(bits: 1024)
        let group = try DataGroup15(TLVEncoder.element(0x6F, key.subjectPublicKeyInfo).span)
        let signature = try key.rsaPrivateOperation(value("F"))
        let challenge = try value("RND.IFD")
        func judge(_ challenge: [UInt8], _ signature: [UInt8]) -> ActiveAuthenticationProof.Judgement {
            let transcript = ActiveAuthenticationTranscript(challenge: challenge, signature: signature)
            return ActiveAuthenticationProof(transcript: transcript).judge(group, nil)
        }
        #expect(judge(challenge, signature) == .proven)
        #expect(try judge(challenge, value("S")) == .wrongSignature)
        for index in challenge.indices {
            var other = challenge
            other[index] ^= 1
            #expect(judge(other, signature) == .wrongSignature)
        }
    }

    @Test("the printed digest is that of the recovered part and the challenge")
    func digest() throws {
        let message = try value("M1") + value("RND.IFD")
        #expect(try message == value("M*"))
        #expect(try Digest.hash(message, with: .sha1) == value("D*"))
        #expect(try value("F") == [0x6A] + value("M1") + value("H") + value("T"))
    }
}
