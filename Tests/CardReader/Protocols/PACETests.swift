import Crypto
import Document
import Testing

@testable import CardReader

/// Doc 9303-11, Appendix G.1.
@Suite("PACE with generic mapping")
struct PACETests {
    private static let fields = try? AccessFields(
        documentNumber: "T22000129", birthDate: "640812", expiryDate: "101031")
    /// `SET OF PACEInfo` around the one that G.1 prints.
    private static let cardAccess = bytes("31143012060A04007F0007020204020202010202010D")
    private static let mappingKey = bytes("7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99")
    private static let ephemeralKey = bytes("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595")

    private static let exchanges = [
        ("0022C1A40F800A04007F00070202040202830101", "9000"),
        ("10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"),
        (
            "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
                + "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
            "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
                + "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000"
        ),
        (
            "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
                + "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
            "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
                + "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000"
        ),
        ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
    ]

    /// Runs G.1 with the answer to one command replaced.
    private static func open(
        _ script: [(String, String)], answer replacement: (step: Int, answer: String)? = nil
    ) throws -> (AccessOutcome, ScriptedChannel) {
        var script = script
        if let replacement {
            script[replacement.step].1 = replacement.answer
            script = Array(script.prefix(replacement.step + 1))
        }
        let channel = ScriptedChannel(script)
        let info = try #require(SecurityInfos(cardAccess.span).pace.first)
        let pace = PACE(
            session: ChipSession(channel: channel), randomness: scripted(scalars: [mappingKey, ephemeralKey]),
            info: info,
            parameters: try #require(PACE.parameters(of: info)), namesParameters: false)
        let outcome = try pace.open(with: .mrz, secret: #require(fields).paceSecret())
        return (outcome, channel)
    }

    @Test("Appendix G.1 opens the chip, each command byte for byte")
    func appendixG1() throws {
        let (outcome, channel) = try Self.open(Self.exchanges)
        guard case .opened(let opened) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(opened.messaging.cipher == .aes128)
        #expect(channel.isDone)
    }

    @Test("The session of Appendix G.1 runs on the keys that it prints")
    func sessionKeys() throws {
        guard case .opened(let chip) = try Self.open(Self.exchanges).0 else {
            Issue.record("not opened")
            return
        }
        var opened = chip.messaging
        let secret = SecretBytes(bytes("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925"))
        let keys = try SessionKeys(from: secret, for: .aes128)
        #expect(Hexadecimal.text(keys.encryption.bytes) == "F5F0E35C0D7161EE6724EE513A0D9A7F")
        #expect(Hexadecimal.text(keys.authentication.bytes) == "FE251C7858B356B24514B3BD5F4297D1")
        var printed = SecureMessaging(cipher: .aes128, keys: keys)
        let command = CommandAPDU.select(.com)
        #expect(try opened.protect(command) == printed.protect(command))
    }

    @Test("Every APDU of Appendix G.1 is the one in the vectors", .enabled(if: WorkedExamples.arePresent))
    func vectors() throws {
        let exchanges = try #require(WorkedExamples.pace("G.1")).exchanges
        #expect(exchanges.count == 5)
        #expect(WorkedExamples.pace("G.1")?.value("pcd_map_priv") == Self.mappingKey)
        #expect(WorkedExamples.pace("G.1")?.value("pcd_eph_priv") == Self.ephemeralKey)
        let (outcome, channel) = try Self.open(exchanges)
        guard case .opened = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(channel.isDone)
    }

    @Test("A token that the chip refuses is a wrong key", arguments: ["6300", "63C2", "6982", "6A80", "6988"])
    func wrongKey(_ status: String) throws {
        let (outcome, _) = try Self.open(Self.exchanges, answer: (4, status))
        guard case .wrongKey(let word) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(word.encoded == bytes(status))
    }

    @Test("A variant or password that the chip does not take is refused, which is no wrong key", arguments: 0...3)
    func refused(_ step: Int) throws {
        let (outcome, _) = try Self.open(Self.exchanges, answer: (step, "6A88"))
        guard case .refused(.referencedDataNotFound, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A warning of the tries that are left does not keep PACE from running")
    func warning() throws {
        var script = Self.exchanges
        script[0].1 = "63C1"
        guard case .opened = try Self.open(script).0 else {
            Issue.record("not opened")
            return
        }
    }

    @Test(
        "What no honest chip would send is a violation of the protocol",
        arguments: [
            // A mapping point off the curve: the last bit of y changed.
            (
                2,
                "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
                    + "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C559000"
            ),
            // The point at infinity.
            (2, "7C038201009000"),
            // Compressed, which Doc 9303 does not allow.
            (2, "7C23822102824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F579000"),
            // The terminal's own mapping point sent back.
            (
                2,
                "7C438241047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
                    + "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D9000"
            ),
            // The terminal's own ephemeral point sent back.
            (
                3,
                "7C438441042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
                    + "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB364629000"
            ),
            // An ephemeral point off the curve.
            (
                3,
                "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
                    + "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0959000"
            ),
            // A token with one bit changed, a short one, our own sent back.
            (4, "7C0A86083ABB9674BCE93C099000"),
            (4, "7C0486023ABB9000"),
            (4, "7C0A8608C2B0BD78D94BA8669000"),
            // A nonce that is no whole block, one without end, none, another object, an object too many, nothing.
            (1, "7C11800F95A3A016522EE98D01E76CB6B98B429000"),
            (1, "7C7F807D" + String(repeating: "00", count: 125) + "9000"),
            (1, "7C0280009000"),
            (1, "7C12811095A3A016522EE98D01E76CB6B98B42C39000"),
            (1, "7C15801095A3A016522EE98D01E76CB6B98B42C38101009000"),
            (1, "9000"),
        ])
    func dishonestChip(_ step: Int, _ answer: String) {
        #expect {
            try Self.open(Self.exchanges, answer: (step, answer))
        } throws: { error in
            if case CardReaderError.protocolViolation = error { true } else { false }
        }
    }
}
