import Crypto
import Document
import Testing

@testable import CardReader

/// Doc 9303-11, Appendices G, H and I, and BSI's worked example for extended access control.
@Suite("PACE as the worked examples print it", .enabled(if: WorkedExamples.arePresent))
struct PACEExamplesTests {
    private static func info(_ pace: String, parameterID: UInt8) throws -> PACEInfo {
        let info = TLVEncoder.element(.sequence, bytes("060A04007F00070202" + pace + "020102 0201") + [parameterID])
        return try #require(try SecurityInfos(TLVEncoder.element(.set, info).span).pace.first)
    }

    /// Runs PACE against a script; every command must be as it is written there.
    private static func open(
        _ info: PACEInfo, _ script: [(String, String)], key: [UInt8], randomness: Randomness
    ) throws -> OpenedChip {
        let channel = ScriptedChannel(script)
        let pace = PACE(
            session: ChipSession(channel: channel), randomness: randomness, info: info,
            parameters: try #require(PACE.parameters(of: info)), namesParameters: false)
        let outcome = try pace.open(with: .mrz, key: SecretBytes(key))
        #expect(channel.isDone)
        guard case .opened(let opened) = outcome else { throw CardReaderError.wrongKey([]) }
        return opened
    }

    /// The session must run on the keys that the example prints: a command is protected alike under both.
    private static func expectKeys(_ opened: OpenedChip, from secret: [UInt8], _ example: WorkedExamples.PACEExample)
        throws
    {
        let keys = try SessionKeys(from: SecretBytes(secret), for: .aes128)
        #expect(keys.encryption.bytes == example.value("ks_enc"))
        #expect(keys.authentication.bytes == example.value("ks_mac"))
        try expectSession(opened, keys)
    }

    private static func expectSession(_ opened: OpenedChip, _ keys: SessionKeys) throws {
        var (ours, printed) = (opened.messaging, SecureMessaging(cipher: .aes128, keys: keys))
        #expect(try ours.protect(.select(.com)) == printed.protect(.select(.com)))
    }

    @Test(
        "Generic mapping and chip authentication mapping send each command byte for byte",
        arguments: [("G.1", "04 0202", 13), ("G.2", "04 0102", 0), ("I.1", "04 0602", 13)] as [(String, String, UInt8)])
    func genericMapping(_ appendix: String, _ arcs: String, _ parameterID: UInt8) throws {
        let example = try #require(WorkedExamples.pace(appendix))
        #expect(example.exchanges.count == 5)
        let opened = try Self.open(
            Self.info(arcs, parameterID: parameterID), example.exchanges, key: example.value("k_pi"),
            randomness: scripted(scalars: [example.value("pcd_map_priv"), example.value("pcd_eph_priv")]))
        try Self.expectKeys(opened, from: example.value("shared_secret"), example)
    }

    @Test("Appendix G.2 names the certification authority that the chip trusts")
    func certificationAuthority() throws {
        let example = try #require(WorkedExamples.pace("G.2"))
        let opened = try Self.open(
            Self.info("04 0102", parameterID: 0), example.exchanges, key: example.value("k_pi"),
            randomness: scripted(scalars: [example.value("pcd_map_priv"), example.value("pcd_eph_priv")]))
        #expect(opened.certificationAuthorities == [Array("DETESTCVCA00003".utf8)])
    }

    @Test("Appendix I.1 leaves the chip authentication data, which leads from the chip's key to its mapping key")
    func chipAuthenticationMapping() throws {
        let example = try #require(WorkedExamples.pace("I.1"))
        let opened = try Self.open(
            Self.info("04 0602", parameterID: 13), example.exchanges, key: example.value("k_pi"),
            randomness: scripted(scalars: [example.value("pcd_map_priv"), example.value("pcd_eph_priv")]))
        let transcript = try #require(opened.mapping)
        #expect(transcript.chipAuthenticationData == example.value("cad"))
        #expect(transcript.chipMappingPublicKey == [0x04] + example.value("pk_map_ic"))
        #expect(transcript.parameterID == 13)
        let group = try ECGroup(.brainpoolP256r1)
        let key = try group.point([0x04] + example.value("ca_pk_ic"))
        let product = try group.multiply(key, by: SecretBytes(transcript.chipAuthenticationData))
        #expect(product.encoded == transcript.chipMappingPublicKey)
    }

    @Test(
        "Integrated mapping sends each command byte for byte",
        arguments: [("H.1", "04 0402", 13, "86", "04"), ("H.2", "04 0302", 0, "84", "")]
            as [(String, String, UInt8, String, String)])
    func integratedMapping(
        _ appendix: String, _ arcs: String, _ parameterID: UInt8, _ tag: String, _ prefix: String
    ) throws {
        let example = try #require(WorkedExamples.pace(appendix))
        let template = { (tag: Document.Tag, value: [UInt8]) in
            Hexadecimal.text(TLVEncoder.element(0x7C, TLVEncoder.element(tag, value)))
        }
        let command = { (isLast: Bool, data: String) in
            (isLast ? "00860000" : "10860000")
                + Hexadecimal.text([UInt8(data.count / 2)]) + data + "00"
        }
        let script = [
            ("0022C1A40F800A04007F00070202" + arcs + "830101", "9000"),
            (command(false, "7C00"), template(0x80, example.value("nonce_z")) + "9000"),
            (command(false, template(0x81, example.value("nonce_t"))), "7C0282009000"),
            (
                command(false, template(0x83, bytes(prefix) + example.value("pcd_eph_pub"))),
                template(0x84, bytes(prefix) + example.value("picc_eph_pub")) + "9000"
            ),
            (
                command(true, template(0x85, example.value("token_ifd"))),
                template(0x86, example.value("token_ic")) + "9000"
            ),
        ]
        let opened = try Self.open(
            Self.info(arcs, parameterID: parameterID), script, key: example.value("k_pi"),
            randomness: scripted(bytes: [example.value("nonce_t")], scalars: [example.value("pcd_eph_priv")]))
        try Self.expectKeys(opened, from: example.value("shared_secret"), example)
    }

    @Test("The pseudo-random number and the point of Appendices H.1 and H.2 are those that they print")
    func integratedMappingValues() throws {
        let first = try #require(WorkedExamples.pace("H.1"))
        let mapping = IntegratedMapping(cipher: .aes128)
        let equation = try ECGroup(.brainpoolP256r1).equation
        #expect(equation.field.bytes == first.value("p") && equation.a == first.value("a"))
        #expect(equation.b == first.value("b"))
        let number = try mapping.pseudoRandom(
            SecretBytes(first.value("nonce_s")), first.value("nonce_t"), modulus: equation.field)
        #expect(number == first.value("Rp"))
        let point = first.value("mapped_generator_x") + first.value("mapped_generator_y")
        #expect(try equation.encodePoint(number) == [0x04] + point)

        let second = try #require(WorkedExamples.pace("H.2"))
        let group = try DHGroup(standardizedDomainParameterID: 0)
        let residue = try mapping.pseudoRandom(
            SecretBytes(second.value("nonce_s")), second.value("nonce_t"), modulus: group.prime)
        #expect(residue == second.value("Rp"))
        #expect(try group.element(from: residue) == second.value("mapped_generator"))
    }

    @Test("BSI's worked example of PACE agrees on its keys and tokens", arguments: ["ecdh", "dh"])
    func federalOffice(_ agreement: String) throws {
        let value = { (name: String) in WorkedExamples.bsi("tc_\(agreement)_\(name)") }
        let offered = value("ef_cardaccess")
        let info = try #require(try SecurityInfos(offered.span).pace.first)
        let unsigned = { (number: [UInt8]) in agreement == "dh" ? Array(number.drop { $0 == 0 }) : number }
        let template = { (tag: Document.Tag, value: [UInt8]) in TLVEncoder.element(0x7C, TLVEncoder.element(tag, value))
        }
        let command = { (isLast: Bool, data: [UInt8]) in
            Hexadecimal.text([isLast ? 0x00 : 0x10, 0x86, 0x00, 0x00, UInt8(data.count)] + data + [0x00])
        }
        // Any key under which the printed cryptogram leads to the printed nonce will do; the password is not printed.
        let key = [UInt8](repeating: 0x42, count: 16)
        let nonce = try BlockCipher(.aes128, key: SecretBytes(key)).encryptCBC(
            value("nonce"), iv: [UInt8](repeating: 0, count: 16))
        let script = [
            ("0022C1A40F800A" + Hexadecimal.text(info.protocolOID.content) + "830101", "9000"),
            (command(false, bytes("7C00")), Hexadecimal.text(template(0x80, nonce)) + "9000"),
            (
                command(false, template(0x81, value("map_pcd_pub_key"))),
                Hexadecimal.text(template(0x82, value("map_picc_pub_key"))) + "9000"
            ),
            (
                command(false, template(0x83, unsigned(value("pcd_pub_key")))),
                Hexadecimal.text(template(0x84, value("picc_pub_key"))) + "9000"
            ),
            (
                command(true, template(0x85, value("authentication_token_pcd"))),
                Hexadecimal.text(template(0x86, value("authentication_token_picc"))) + "9000"
            ),
        ]
        let opened = try Self.open(
            info, script, key: key, randomness: scripted(scalars: [value("map_pcd_priv_key"), value("pcd_priv_key")]))
        let keys = try SessionKeys(from: SecretBytes(value("shared_secret_k")), for: .aes128)
        #expect(keys.encryption.bytes == value("k_enc") && keys.authentication.bytes == value("k_mac"))
        try Self.expectSession(opened, keys)
    }
}
