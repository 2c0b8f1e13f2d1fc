import Crypto
import Document
import Foundation
import Synchronization
import Testing

@testable import Simulator

/// Gives out the values of a worked example in the order in which the chip asks for them.
final class ScriptedRandomness: ChipRandomness {
    private let values: Mutex<[[UInt8]]>

    init(_ values: [[UInt8]]) { self.values = Mutex(values) }

    var isUsedUp: Bool { values.withLock { $0.isEmpty } }

    func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        let value = values.withLock { $0.isEmpty ? [] : $0.removeFirst() }
        guard value.count == count else {
            throw .invalidLength("\(count) bytes asked of a script that has \(value.count)")
        }
        return value
    }

    func scalar(of group: ECGroup) throws(CryptoError) -> SecretBytes { SecretBytes(try bytes(group.orderByteCount)) }
}

@Suite("Worked examples of Doc 9303-11, the chip's side", .enabled(if: SharedVectors.exist))
struct WorkedExampleTests {
    private struct Examples: Decodable {
        struct Basic: Decodable {
            struct Value: Decodable {
                var step: String
                var name: String
                var hex: String
            }
            var values: [Value]
        }
        struct PACE: Decodable {
            struct Exchange: Decodable {
                var dir: String
                var hex: String
            }
            struct Fields: Decodable {
                var document_number: String
                var check: String
                var birth: String
                var birth_check: String
                var expiry: String
                var expiry_check: String
            }
            var values: [String: String]
            var apdus: [Exchange]
            var mrz_fields: Fields
        }
        var D_BAC: Basic
        var G1_PACE_GM_ECDH_BP256R1: PACE
    }

    private static func examples() throws -> Examples {
        try JSONDecoder().decode(
            Examples.self,
            from: Data(contentsOf: SharedVectors.folder.appendingPathComponent("icao9303/worked_examples.json")))
    }

    private func chip(
        mrzInformation: String, image: CardImage, pace: [PACEOffer], randomness: ScriptedRandomness
    ) -> VirtualCard {
        var profile = ChipProfile()
        profile.fileControlInformation = .never
        return VirtualCard(
            PersonalisedCard(
                citizen: .demo, image: image,
                secrets: ChipSecrets(mrzInformation: mrzInformation, cardAccessNumber: nil), pace: pace,
                acceptsBasicAccessControl: true),
            profile: profile, randomness: randomness)
    }

    @Test("Appendix D: BAC and reading EF.COM under secure messaging, byte for byte")
    func basicAccessControl() throws {
        let values = try Self.examples().D_BAC.values
        func hex(_ name: String, _ index: Int = 0) throws -> [UInt8] {
            let all = values.filter { $0.name == name }
            try #require(all.indices.contains(index), "\(name)")
            return try #require(Hexadecimal.bytes(all[index].hex))
        }
        let randomness = ScriptedRandomness([try hex("RND.IC"), try hex("KIC")])
        var image = CardImage()
        image[.com] = try hex("DecryptedData", 0) + hex("DecryptedData", 1)
        let chip = chip(mrzInformation: "L898902C<369080619406236", image: image, pace: [], randomness: randomness)
        let select = try #require(Hexadecimal.bytes("00A4040C07A0000002471001"))
        #expect(chip.answer(select) == [0x90, 0x00])
        #expect(chip.answer([0x00, 0x84, 0x00, 0x00, 0x08]) == (try hex("RND.IC")) + [0x90, 0x00])
        let authenticate = [0x00, 0x82, 0x00, 0x00, 0x28] + (try hex("cmd_data")) + [0x28]
        #expect(chip.answer(authenticate) == (try hex("resp_data")) + [0x90, 0x00])
        for index in 0..<3 {
            #expect(chip.answer(try hex("ProtectedAPDU", index)) == (try hex("RAPDU", index)), "\(index)")
        }
        #expect(randomness.isUsedUp)
    }

    @Test("Appendix G.1: PACE with generic mapping over brainpoolP256r1, byte for byte")
    func pace() throws {
        let example = try Self.examples().G1_PACE_GM_ECDH_BP256R1
        func hex(_ name: String) throws -> [UInt8] {
            try #require(example.values[name].flatMap { Hexadecimal.bytes($0) }, "\(name)")
        }
        let fields = example.mrz_fields
        let information =
            fields.document_number + fields.check + fields.birth + fields.birth_check + fields.expiry
            + fields.expiry_check
        let randomness = ScriptedRandomness([try hex("nonce_s"), try hex("picc_map_priv"), try hex("picc_eph_priv")])
        #expect(PACEOffer.card.securityInfo == (try hex("pace_info")))
        let chip = chip(mrzInformation: information, image: CardImage(), pace: [.card], randomness: randomness)
        let apdus = try example.apdus.map { try #require(Hexadecimal.bytes($0.hex)) }
        try #require(apdus.count == 10)
        for index in stride(from: 0, to: apdus.count, by: 2) {
            #expect(chip.answer(apdus[index]) == apdus[index + 1], "APDU \(index)")
        }
        #expect(randomness.isUsedUp)
        let keys = try SessionKeys(secret: try hex("shared_secret"), cipher: .aes128)
        let token = try keys.authenticationCode(try hex("token_input_ic"))
        #expect(token == (try hex("token_ic")))
    }
}
