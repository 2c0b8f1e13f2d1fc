import Crypto
import Document
import Foundation
import Synchronization
import Testing

@testable import Simulator

/// The worked examples of Doc 9303-11 and of BSI TR-03110 beside the repository.
enum WorkedExamples {
    struct Value: Decodable {
        var step: String
        var name: String
        var hex: String
    }

    private struct Basic: Decodable {
        struct Content: Decodable { var values: [Value] }
        var D_BAC: Content
    }

    /// One example by the names of its values, with its commands and answers in turn.
    struct Example: Decodable {
        struct Exchange: Decodable { var hex: String }
        struct Fields: Decodable {
            var document_number: String
            var check: String
            var birth: String
            var birth_check: String
            var expiry: String
            var expiry_check: String
        }
        var values: [String: String]
        var apdus: [Exchange]?
        var mrz_fields: Fields?

        /// - Throws: When there is no such value.
        func callAsFunction(_ name: String) throws -> [UInt8] {
            try #require(values[name].flatMap { Hexadecimal.bytes($0) }, "\(name)")
        }

        var commands: [[UInt8]] { (apdus ?? []).compactMap { Hexadecimal.bytes($0.hex) } }

        /// Document number, birth date and expiry date with their check digits.
        var mrzInformation: String {
            mrz_fields.map {
                $0.document_number + $0.check + $0.birth + $0.birth_check + $0.expiry + $0.expiry_check
            } ?? ""
        }
    }

    static func basic() throws -> [Value] {
        try JSONDecoder().decode(Basic.self, from: data("icao9303/worked_examples.json")).D_BAC.values
    }

    /// The example whose name in the file begins so.
    static func icao(_ prefix: String) throws -> Example {
        let object = try #require(
            JSONSerialization.jsonObject(with: data("icao9303/worked_examples.json")) as? [String: Any])
        let name = try #require(object.keys.first { $0.hasPrefix(prefix) })
        let example = try JSONSerialization.data(withJSONObject: try #require(object[name]))
        return try JSONDecoder().decode(Example.self, from: example)
    }

    static func bsi() throws -> Example {
        try JSONDecoder().decode(Example.self, from: data("bsi-tr03110/bsi_tr03110_eac_worked_examples.json"))
    }

    private static func data(_ path: String) throws -> Data {
        try Data(contentsOf: SharedVectors.folder.appendingPathComponent(path))
    }
}

/// Gives out the values of a worked example in the order in which the chip asks for them.
final class ScriptedRandomness: ChipRandomness {
    private let values: Mutex<[[UInt8]]>

    init(_ values: [[UInt8]]) { self.values = Mutex(values) }

    var isUsedUp: Bool { values.withLock { $0.isEmpty } }

    func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        let value = next()
        guard value.count == count else {
            throw .invalidLength("\(count) bytes asked of a script that has \(value.count)")
        }
        return value
    }

    func scalar(of group: ECGroup) throws(CryptoError) -> SecretBytes { SecretBytes(try bytes(group.orderByteCount)) }

    /// The examples' exponents are not all below the order.
    func exponent(of group: DHGroup) throws(CryptoError) -> SecretBytes { SecretBytes(next()) }

    private func next() -> [UInt8] { values.withLock { $0.isEmpty ? [] : $0.removeFirst() } }
}

@Suite("Worked examples of Doc 9303-11, the chip's side", .enabled(if: SharedVectors.exist))
struct WorkedExampleTests {
    private func chip(
        mrzInformation: String, image: CardImage = CardImage(), randomness: ScriptedRandomness,
        _ change: (inout PersonalisedCard) -> Void = { _ in }
    ) -> VirtualCard {
        var profile = ChipProfile()
        profile.fileControlInformation = .never
        var card = PersonalisedCard(
            citizen: .demo, image: image,
            secrets: ChipSecrets(mrzInformation: mrzInformation, cardAccessNumber: nil), pace: [],
            acceptsBasicAccessControl: true)
        change(&card)
        return VirtualCard(card, profile: profile, randomness: randomness)
    }

    @Test("Appendix D: BAC and reading EF.COM under secure messaging, byte for byte")
    func basicAccessControl() throws {
        let values = try WorkedExamples.basic()
        func hex(_ name: String, _ index: Int = 0) throws -> [UInt8] {
            let all = values.filter { $0.name == name }
            try #require(all.indices.contains(index), "\(name)")
            return try #require(Hexadecimal.bytes(all[index].hex))
        }
        let randomness = ScriptedRandomness([try hex("RND.IC"), try hex("KIC")])
        var image = CardImage()
        image[.com] = try hex("DecryptedData", 0) + hex("DecryptedData", 1)
        let chip = chip(
            mrzInformation: "L898902C<369080619406236", image: image, randomness: randomness)
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

    @Test("Appendix F: the block that active authentication signs")
    func activeAuthentication() throws {
        let example = try WorkedExamples.icao("F_AA")
        let randomness = ScriptedRandomness([try example("M1")])
        // The example prints no modulus; the block before the private operation is all that can be compared.
        let key = try ActiveAuthenticationKey(new: .rsa(bits: 1024), digest: .sha1)
        let block = try key.recoverableBlock(over: example("RND.IFD"), byteCount: 128, randomness: randomness)
        #expect(block == (try example("F")))
    }

    /// Plays an example's commands and compares every answer.
    private func replay(_ example: WorkedExamples.Example, to chip: VirtualCard) throws {
        let exchanges = example.commands
        try #require(exchanges.count == 10)
        for index in stride(from: 0, to: exchanges.count, by: 2) {
            // Appendix G.2 prints its last answer without the status word.
            let printed = exchanges[index + 1]
            let expected = printed.suffix(2) == [0x90, 0x00] ? printed : printed + [0x90, 0x00]
            #expect(chip.answer(exchanges[index]) == expected, "command \(index)")
        }
    }

    @Test("Appendix G.1: PACE with generic mapping over brainpoolP256r1, byte for byte")
    func genericOverCurve() throws {
        let example = try WorkedExamples.icao("G1")
        let randomness = ScriptedRandomness([
            try example("nonce_s"), try example("picc_map_priv"), try example("picc_eph_priv"),
        ])
        #expect(PACEOffer.card.securityInfo == (try example("pace_info")))
        let chip = chip(mrzInformation: example.mrzInformation, randomness: randomness) { $0.pace = [.card] }
        try replay(example, to: chip)
        #expect(randomness.isUsedUp)
        let keys = try SessionKeys(secret: try example("shared_secret"), cipher: .aes128)
        let token = try keys.authenticationCode(try example("token_input_ic"))
        #expect(token == (try example("token_ic")))
    }

    @Test("Appendix G.2: PACE with generic mapping over integers, byte for byte, with the authority's reference")
    func genericOverIntegers() throws {
        let example = try WorkedExamples.icao("G2")
        let offer = PACEOffer(parameterID: 0)
        #expect(offer.securityInfo == (try example("pace_info")))
        let randomness = ScriptedRandomness([
            try example("nonce_s"), try example("picc_map_priv"), try example("picc_eph_priv"),
        ])
        // The authority that this answer names is that of BSI's example.
        let authority = try WorkedExamples.bsi()("tc_dh_cvca")
        let chip = chip(mrzInformation: example.mrzInformation, randomness: randomness) {
            $0.pace = [offer]
            $0.terminalTrust = TerminalTrust(authorities: [authority])
        }
        try replay(example, to: chip)
        #expect(randomness.isUsedUp)
    }

    @Test("Appendices H.1 and H.2: PACE with integrated mapping, every value", arguments: ["H1", "H2"])
    func integrated(_ name: String) throws {
        let example = try WorkedExamples.icao(name)
        let isCurve = name == "H1"
        let offer = PACEOffer(mapping: .integrated, parameterID: isCurve ? 13 : 0)
        // The printed key of the nonce is not what KDF gives for any password of the example: it is taken as printed.
        let zero = [UInt8](repeating: 0, count: 16)
        let nonce = try example("nonce_s")
        let cryptogram = try BlockCipher(.aes128, key: SecretBytes(example("k_pi"))).encryptCBC(nonce, iv: zero)
        #expect(cryptogram == (try example("nonce_z")))

        let group = try ChipGroup(standardizedDomainParameterID: offer.parameterID)
        let prime = try Modulus(example("p"))
        let number = try PseudoRandomFunction(.aes128).number(nonce, example("nonce_t"), below: prime)
        #expect(number == (try example("Rp")))
        let mapped = try group.mapped(by: nonce, terminalNonce: example("nonce_t"), cipher: .aes128)
        switch mapped {
        case .curve(let curve):
            let generator = try curve.generator
            #expect(generator.x == (try example("mapped_generator_x")))
            #expect(generator.y == (try example("mapped_generator_y")))
        case .integers(let integers): #expect(integers.generator == (try example("mapped_generator")))
        }

        let point: [UInt8] = isCurve ? [0x04] : []
        let secret = SecretBytes(try example("picc_eph_priv"))
        let own = try mapped.publicKey(of: secret)
        #expect(own == point + (try example("picc_eph_pub")))
        let theirs = try mapped.accepted(point + example("pcd_eph_pub"))
        let shared = try mapped.agree(theirs, secret)
        #expect(shared == (try example("shared_secret")))
        let encryption = try ChipKeyDerivation.key(shared, .encryption, for: .aes128).bytes
        let authentication = try ChipKeyDerivation.key(shared, .authentication, for: .aes128).bytes
        #expect(encryption == (try example("ks_enc")))
        #expect(authentication == (try example("ks_mac")))
        let keys = try SessionKeys(secret: shared, cipher: .aes128)
        func object(_ key: [UInt8]) -> [UInt8] {
            TLVEncoder.element(0x7F49, offer.identifier.encoded + TLVEncoder.element(mapped.publicKeyTag, key))
        }
        #expect(object(theirs) == (try example("token_input_ic")))
        #expect(object(own) == (try example("token_input_ifd")))
        let tokens = [try keys.authenticationCode(object(theirs)), try keys.authenticationCode(object(own))]
        #expect(tokens == [try example("token_ic"), try example("token_ifd")])
    }

    @Test("Appendix I.1: PACE with chip authentication mapping, byte for byte")
    func chipAuthenticationMapping() throws {
        let example = try WorkedExamples.icao("I1")
        let offer = PACEOffer(mapping: .chipAuthentication)
        #expect(offer.securityInfo == (try example("pace_info")))
        let randomness = ScriptedRandomness([
            try example("nonce_s"), try example("picc_map_priv"), try example("picc_eph_priv"),
        ])
        // The static key is not printed: it follows from the mapping's key and the proof.
        let anyKey = try PrivateKey.generateEC(.brainpoolP256r1)
        let order = try Modulus(CurveParameters(of: anyKey).order)
        let scalar = try order.multiply(example("picc_map_priv"), order.inverse(example("cad")))
        let encoded = DER.sequence([
            DER.integer(0),
            DER.algorithm(
                ObjectIdentifier([1, 2, 840, 10045, 2, 1]),
                parameters: NamedCurve.brainpoolP256r1.objectIdentifier.encoded),
            DER.octetString(DER.sequence([DER.integer(1), DER.octetString(scalar)])),
        ])
        let key = ChipAuthenticationKey(try PrivateKey(pkcs8: encoded), on: .brainpoolP256r1)
        let publicKey = try ECGroup(.brainpoolP256r1).multiplyGenerator(by: key.secret).encoded
        #expect(publicKey == [0x04] + (try example("ca_pk_ic")))

        let chip = chip(mrzInformation: example.mrzInformation, randomness: randomness) {
            $0.pace = [offer]
            $0.secrets.mappingKeys = [key]
        }
        try replay(example, to: chip)
        #expect(randomness.isUsedUp)
    }

    // MARK: BSI TR-03110

    @Test("BSI's example of PACE: nonce, keys and tokens", arguments: ["ecdh", "dh"])
    func bsiPACE(_ agreement: String) throws {
        let example = try WorkedExamples.bsi()
        func value(_ name: String) throws -> [UInt8] { try example("tc_\(agreement)_\(name)") }
        let offer = PACEOffer(parameterID: agreement == "dh" ? 0 : 13)
        let group = try ChipGroup(standardizedDomainParameterID: offer.parameterID)
        let nonce = SecretBytes(try value("nonce"))
        let password = try ChipKeyDerivation.key(Array("123456".utf8), .password, for: .aes128)
        let cryptogram = try BlockCipher(.aes128, key: password)
            .encryptCBC(nonce.bytes, iv: [UInt8](repeating: 0, count: 16))
        #expect(cryptogram == (try value("nonce_enc")))
        let secret = SecretBytes(try value("map_picc_priv_key"))
        let mappingKey = try group.publicKey(of: secret)
        #expect(mappingKey == (try value("map_picc_pub_key")))
        let mapped = try group.mapped(by: nonce, secret, group.accepted(value("map_pcd_pub_key")))
        switch mapped {
        case .curve(let curve): #expect(try curve.generator.encoded == value("map_generator"))
        case .integers(let integers): #expect(integers.generator == (try value("map_generator")))
        }
        let ephemeral = SecretBytes(try value("picc_priv_key"))
        #expect(try mapped.publicKey(of: ephemeral) == value("picc_pub_key"))
        let theirs = try mapped.accepted(value("pcd_pub_key"))
        let shared = try mapped.agree(theirs, ephemeral)
        #expect(shared == (try value("shared_secret_k")))
        let keys = try SessionKeys(secret: shared, cipher: .aes128)
        #expect(try ChipKeyDerivation.key(shared, .encryption, for: .aes128).bytes == value("k_enc"))
        #expect(try ChipKeyDerivation.key(shared, .authentication, for: .aes128).bytes == value("k_mac"))
        for (name, key) in [("picc", theirs), ("pcd", try value("picc_pub_key"))] {
            let object = offer.identifier.encoded + TLVEncoder.element(mapped.publicKeyTag, key)
            let token = try keys.authenticationCode(TLVEncoder.element(0x7F49, object))
            #expect(token == (try value("authentication_token_\(name)")), "\(name)")
        }
    }

    @Test("BSI's example of chip authentication: the shared secret and the keys", arguments: ["ecdh", "dh"])
    func bsiChipAuthentication(_ agreement: String) throws {
        let example = try WorkedExamples.bsi()
        func value(_ name: String) throws -> [UInt8] { try example("tc_\(agreement)_ca_\(name)") }
        let group = try ChipGroup(standardizedDomainParameterID: agreement == "dh" ? 0 : 13)
        let secret = SecretBytes(try value("picc_priv_key"))
        #expect(try group.publicKey(of: secret) == value("picc_pub_key"))
        let shared = try group.agree(group.accepted(value("pcd_pub_key")), secret)
        #expect(shared == (try value("shared_secret_k")))
        // The example is of version 2, which puts a nonce behind the secret.
        let seed = shared + (try value("nonce"))
        #expect(try ChipKeyDerivation.key(seed, .encryption, for: .aes128).bytes == value("k_enc"))
        #expect(try ChipKeyDerivation.key(seed, .authentication, for: .aes128).bytes == value("k_mac"))
    }

    @Test("BSI's example of terminal authentication: the certificates and the signature", arguments: ["ecdh", "dh"])
    func bsiTerminalAuthentication(_ agreement: String) throws {
        let example = try WorkedExamples.bsi()
        func value(_ name: String) throws -> [UInt8] { try example("tc_\(agreement)_\(name)") }
        var issuer: CardVerifiableKey?
        for name in [agreement == "dh" ? "cvca" : "cvca_cert", "dv_cert", "ta_cert"] {
            let certificate = try CardVerifiableCertificate(value(name))
            var body = TLVCursor(certificate.body.span)
            var fields = body.inside(try body.next(0x7F4E))
            _ = try fields.next(0x5F29)
            _ = try fields.next(0x42)
            let key = try CardVerifiableKey(fields.copy(try fields.next(0x7F49).content), issuer: issuer)
            var signature = TLVCursor(certificate.signature.span)
            let bytes = signature.copy(try signature.next(0x5F37).content)
            #expect((issuer ?? key).verify(bytes, over: certificate.body), "\(name)")
            issuer = key
        }
        let group = try ChipGroup(standardizedDomainParameterID: agreement == "dh" ? 0 : 13)
        let message =
            try group.compressed(value("picc_pub_key")) + value("ta_nonce") + group.compressed(value("ca_pcd_pub_key"))
        #expect(issuer?.verify(try value("ta_pcd_signature"), over: message) == true)
        #expect(issuer?.verify(try value("ta_pcd_signature"), over: message + [0]) == false)
    }
}
