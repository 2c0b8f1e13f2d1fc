import Crypto
import Document
import Testing

@testable import Simulator

@Suite("A virtual card")
struct VirtualCardTests {
    private static let made = Result { try Personalisation(.demo).card(signedBy: TestPKI()) }

    private func terminal(
        _ profile: ChipProfile = ChipProfile(), change: (inout PersonalisedCard) throws -> Void = { _ in }
    ) throws -> TestTerminal {
        var card = try Self.made.get()
        try change(&card)
        return TestTerminal(VirtualCard(card, profile: profile))
    }

    /// A terminal with a session by BAC.
    private func opened(
        _ profile: ChipProfile = ChipProfile(), change: (inout PersonalisedCard) throws -> Void = { _ in }
    ) throws -> TestTerminal {
        let terminal = try terminal(profile, change: change)
        try terminal.selectApplication()
        #expect(try terminal.openBAC(Self.made.get().secrets.mrzInformation) == "9000")
        return terminal
    }

    /// Reads a file whole, by offsets of `step` bytes.
    private func read(_ terminal: TestTerminal, _ file: ElementaryFile, count: Int, step: Int) throws -> [UInt8] {
        let identifier = Hexadecimal.text([UInt8(file.fileIdentifier >> 8), UInt8(file.fileIdentifier & 0xFF)])
        #expect(try terminal.secure("00A4020C02\(identifier)") == [0x90, 0x00])
        var bytes: [UInt8] = []
        while bytes.count < count {
            let offset = Hexadecimal.text([UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)])
            let answer = try terminal.secure(
                "00B0\(offset)" + Hexadecimal.text([UInt8(min(step, count - bytes.count))]))
            #expect(answer.suffix(2) == [0x90, 0x00])
            guard answer.count > 2 else { break }
            bytes += answer.dropLast(2)
        }
        return bytes
    }

    // MARK: Before access

    @Test("EF.CardAccess is read in the clear, by identifier and by short identifier")
    func cardAccess() throws {
        let terminal = try terminal()
        let bytes = Hexadecimal.text(try Self.made.get().image.bytes(.cardAccess))
        #expect(try terminal.plain("00A4020C02011C") == "9000")
        #expect(try terminal.plain("00B0000000") == bytes + "9000")
        #expect(try terminal.plain("00B09C0000") == bytes + "9000")
        #expect(try terminal.plain("00B09C0004") == bytes.prefix(8) + "9000")
        #expect(try terminal.plain("00A4000C023F00") == "9000")
        #expect(try terminal.plain("00B0000004") == "6986")
    }

    @Test(
        "protected files are neither selected nor read before access",
        arguments: [
            "00A4020C02011E", "00A4020C020101", "00A4020C02010F", "00B09E0004", "00B0000004",
            "0088000008112233445566778800",
        ])
    func noAccess(_ command: String) throws {
        let terminal = try terminal()
        try terminal.selectApplication()
        #expect(try terminal.plain(command) == "6982")
    }

    @Test("a chip with BAC alone may let protected files be selected, but never read")
    func selectsBeforeAccess() throws {
        var profile = ChipProfile()
        profile.selectsProtectedFiles = true
        let terminal = try terminal(profile)
        try terminal.selectApplication()
        #expect(try terminal.plain("00A4020C02011E") == "9000")
        #expect(try terminal.plain("00B0000004") == "6982")
    }

    @Test("what does not exist is not found")
    func notFound() throws {
        let terminal = try terminal()
        #expect(try terminal.plain("00A4020C020103") == "6A82")
        #expect(try terminal.plain("00A4040C07A0000002471002") == "6A82")
        var profile = ChipProfile()
        profile.hasMasterFile = false
        let application = try self.terminal(profile)
        #expect(try application.plain("00A4000C023F00") == "6A82")
        #expect(try application.plain("0022C1A40F800A04007F00070202040202830102") == "6985")
    }

    @Test("SELECT gives file control information when it is asked for and the chip has any to give")
    func fileControlInformation() throws {
        let terminal = try terminal()
        #expect(try terminal.plain("00A4040007A000000247100100") == "6F098407A00000024710019000")
        #expect(try terminal.plain("00A4000400") == "620483023F009000")
        #expect(try terminal.plain("00A4020002011C00") == "6F0E800200368201018302011C8801E09000")
        var profile = ChipProfile()
        profile.fileControlInformation = .never
        #expect(try self.terminal(profile).plain("00A4040007A000000247100100") == "9000")
    }

    @Test(
        "commands of no case, class or instruction are refused by the right status word",
        arguments: [
            ("", "6700"), ("00A4", "6700"), ("00A4040C07A0", "6700"), ("00B00000010203", "6700"),
            ("00A4040C0000", "6700"), ("80B0000000", "6E00"), ("04B0000000", "6882"), ("00FE000000", "6D00"),
            ("00A4080C02011C", "6A86"), ("00A4020C01", "6700"), ("00A4020F02011C", "6A86"), ("0022010102", "6A86"),
            ("00860000027C0000", "6985"), ("0082000028", "6985"), ("10A4040C07A0000002471001", "6884"),
            ("0CB0000000", "6988"), ("00C0000000", "6D00"),
        ])
    func refusals(_ command: String, _ status: String) throws {
        #expect(try terminal().plain(command) == status)
    }

    @Test("the chip tells its limits in EF.ATR/INFO and its application in EF.DIR")
    func informationFiles() throws {
        var profile = ChipProfile()
        profile.maximumCommandByteCount = 1000
        profile.maximumResponseByteCount = 2000
        let terminal = try terminal(profile)
        #expect(try terminal.plain("00A4020C022F01") == "9000")
        #expect(try terminal.plain("00B0000000") == "47039401E07F6608020203E8020207D09000")
        #expect(try terminal.plain("00B09E0000") == "61094F07A00000024710019000")
    }

    // MARK: Access

    @Test("every file is read whole after BAC, as it was personalised")
    func everyFile() throws {
        let terminal = try opened()
        let image = try Self.made.get().image
        for file in [ElementaryFile.com, .sod, .dg1, .dg2, .dg13, .dg14] {
            let expected = try image.bytes(file)
            #expect(try read(terminal, file, count: expected.count, step: 0xDF) == expected)
        }
    }

    @Test(
        "PACE opens the chip with each cipher and each standardised curve, by CAN and by the machine readable zone",
        arguments: CipherAlgorithm.allCases, Array(8...18))
    func pace(_ cipher: CipherAlgorithm, _ parameterID: Int) throws {
        let offer = PACEOffer(cipher: cipher, parameterID: parameterID)
        let secrets = try Self.made.get().secrets
        let passwords: [(UInt8, [UInt8])] = [
            (1, try Digest.hash(Array(secrets.mrzInformation.utf8), with: .sha1)), (2, Array("012345".utf8)),
        ]
        for (reference, password) in passwords {
            let terminal = try terminal { $0.pace = [offer] }
            #expect(try terminal.openPACE(offer, password: password, reference: reference) == "9000")
            #expect(try terminal.secure("00A4040C07A0000002471001") == [0x90, 0x00])
            let expected = try Self.made.get().image.bytes(.dg1)
            #expect(try read(terminal, .dg1, count: expected.count, step: 64) == expected)
        }
    }

    @Test("a wrong password fails at the token, and the chip stays closed")
    func wrongPassword() throws {
        let terminal = try terminal()
        #expect(try terminal.openPACE(.card, password: Array("999999".utf8), reference: 2) == "6300")
        try terminal.selectApplication()
        #expect(try terminal.plain("00A4020C020101") == "6982")
        #expect(try terminal.openBAC("000000000000000000000000") == "6300")
    }

    @Test("a chip that counts tries tells how many are left, blocks, and starts anew after a right one")
    func tries() throws {
        var profile = ChipProfile()
        profile.passwordTries = 3
        let terminal = try terminal(profile)
        let right = Array("012345".utf8)
        let wrong = Array("543210".utf8)
        #expect(try terminal.openPACE(.card, password: wrong, reference: 2) == "63C2")
        #expect(try terminal.openPACE(.card, password: right, reference: 2) == "9000")
        terminal.chip.reset()
        for expected in ["63C2", "63C1", "63C0", "6983"] {
            #expect(try terminal.openPACE(.card, password: wrong, reference: 2) == expected)
            terminal.chip.reset()
        }
        #expect(try terminal.openPACE(.card, password: right, reference: 2) == "6983")
    }

    @Test("a chip offers what it was made for: PACE alone, BAC alone, no CAN")
    func offers() throws {
        let onlyPACE = try terminal { $0.acceptsBasicAccessControl = false }
        try onlyPACE.selectApplication()
        #expect(try onlyPACE.openBAC("") == "6985")
        let onlyBAC = try terminal { $0.pace = [] }
        #expect(try onlyBAC.openPACE(.card, password: Array("012345".utf8), reference: 2) == "6A80")
        let noCAN = try terminal { $0.secrets.cardAccessNumber = nil }
        #expect(try noCAN.openPACE(.card, password: Array("012345".utf8), reference: 2) == "6A88")
    }

    @Test("a terminal key that is no point of the curve, or comes out of turn, ends PACE")
    func wrongPoints() throws {
        let set = "0022C1A40F800A04007F00070202040202830102"
        let good = Hexadecimal.text(try ECGroup(.brainpoolP256r1).generator.encoded)
        let off = String(good.dropLast(2)) + (good.hasSuffix("00") ? "01" : "00")
        for (data, status) in [
            ("7C438141" + off, "6A80"), ("7C03810100", "6A80"), ("7C438341" + good, "6A80"), ("7D00", "6A80"),
        ] {
            let terminal = try terminal()
            #expect(try terminal.plain(set) == "9000")
            #expect(try terminal.plain("10860000027C0000").hasPrefix("7C128010"))
            let length = Hexadecimal.text([UInt8(data.utf8.count / 2)])
            #expect(try terminal.plain("10860000\(length)\(data)00") == status)
            #expect(try terminal.plain("10860000457C438141\(good)00") == "6985")
        }
        let terminal = try terminal()
        #expect(try terminal.plain(set) == "9000")
        #expect(try terminal.plain("00860000027C0000") == "6884")
        #expect(try terminal.plain(set) == "9000")
        #expect(try terminal.plain("10860000027C0000").hasSuffix("9000"))
        #expect(try terminal.plain("0084000008").hasSuffix("9000"))
        #expect(try terminal.plain("10860000457C438141\(good)00") == "6985")
    }

    @Test("a challenge is good for one try and for the next command alone")
    func challenges() throws {
        let terminal = try terminal()
        try terminal.selectApplication()
        let zeros = String(repeating: "00", count: 40)
        #expect(try terminal.plain("0084000008").hasSuffix("9000"))
        #expect(try terminal.plain("0082000028\(zeros)28") == "6300")
        #expect(try terminal.plain("0082000028\(zeros)28") == "6985")
        #expect(try terminal.plain("0084000008").hasSuffix("9000"))
        try terminal.selectApplication()
        #expect(try terminal.plain("0082000028\(zeros)28") == "6985")
        #expect(try terminal.plain("0084000007") == "6700")
        #expect(try terminal.plain("0084000008") != terminal.plain("0084000008"))
    }

    // MARK: Secure messaging

    @Test("a command with a wrong code, a missing code or a repeated counter ends the session")
    func secureMessagingErrors() throws {
        let select = try #require(CommandAPDU([0x00, 0xA4, 0x02, 0x0C, 0x02, 0x01, 0x01]))
        func afterwards(_ terminal: TestTerminal) throws {
            #expect(try terminal.plain("00A4020C020101") == "6982")
        }
        let wrongCode = try opened()
        var command = try wrongCode.protected(select)
        command[command.count - 2] ^= 1
        #expect(try wrongCode.plain(command) == [0x69, 0x88])
        try afterwards(wrongCode)
        let noCode = try opened()
        command = try noCode.protected(select)
        command = Array(command.prefix(4)) + [command[4] - 10] + command[5...].dropLast(11)
        #expect(try noCode.plain(command) == [0x69, 0x87])
        try afterwards(noCode)
        let repeated = try opened()
        command = try repeated.protected(select)
        #expect(try repeated.plain(command).suffix(2) == [0x90, 0x00])
        #expect(try repeated.plain(command) == [0x69, 0x88])
        try afterwards(repeated)
        let wrongPadding = try opened()
        command = try wrongPadding.protected(select)
        command[7] = 0x02
        #expect(try wrongPadding.plain(command) == [0x69, 0x88])
        try afterwards(wrongPadding)
    }

    @Test("a plain command ends the session and is answered as if there had been none")
    func plainCommand() throws {
        let terminal = try opened()
        #expect(try terminal.secure("00A4020C020101") == [0x90, 0x00])
        #expect(try terminal.plain("00B0000004") == "6982")
        let read = try #require(CommandAPDU([0x00, 0xB0, 0x00, 0x00, 0x04]))
        #expect(try terminal.plain(try terminal.protected(read)) == [0x69, 0x88])
    }

    @Test("a refused command keeps the session, and its status word is protected")
    func refusedUnderProtection() throws {
        let terminal = try opened()
        #expect(try terminal.secure("00A4020C02010F") == [0x6A, 0x82])
        #expect(try terminal.secure("00A4020C020101") == [0x90, 0x00])
        #expect(try terminal.secure("00B0100004") == [0x6B, 0x00])
        #expect(try terminal.secure("00B0000002").suffix(2) == [0x90, 0x00])
    }

    @Test("reset ends the session")
    func reset() throws {
        let terminal = try opened()
        terminal.chip.reset()
        #expect(try terminal.plain("00A4020C02011C") == "9000")
        #expect(try terminal.plain("00A4020C020101") == "6A82")
    }

    @Test("fingerprints stay closed to a terminal without the State's rights")
    func fingerprints() throws {
        let terminal = try opened { $0.image[.dg3] = [0x63, 0x01, 0x00] }
        #expect(try terminal.secure("00A4020C020103") == [0x69, 0x82])
        #expect(try terminal.secure("00B0830001") == [0x69, 0x82])
    }

    // MARK: Lengths

    @Test("the end of a file looks as the profile says")
    func endOfFile() throws {
        let dg1 = try Self.made.get().image.bytes(.dg1)
        let offset = dg1.count - 3
        let tail = Array(dg1.suffix(3))
        let expectations: [(ChipProfile.EndOfFile, [UInt8])] = [
            (.warning, tail + [0x62, 0x82]), (.shortAnswer, tail + [0x90, 0x00]), (.rightLength, [0x6C, 0x03]),
        ]
        for (endOfFile, expected) in expectations {
            var profile = ChipProfile()
            profile.endOfFile = endOfFile
            let terminal = try opened(profile)
            #expect(try terminal.secure("00A4020C020101") == [0x90, 0x00])
            let position = Hexadecimal.text([0, UInt8(offset)])
            #expect(try terminal.secure("00B0\(position)10") == expected)
            #expect(try terminal.secure("00B0\(position)03") == tail + [0x90, 0x00])
            #expect(try terminal.secure("00B0\(position)00") == tail + [0x90, 0x00])
        }
    }

    @Test("extended length reads a portrait in one answer, and a chip without it says 6700")
    func extendedLength() throws {
        let dg2 = try Self.made.get().image.bytes(.dg2)
        let terminal = try opened()
        #expect(try terminal.secure("00A4020C020102") == [0x90, 0x00])
        #expect(try terminal.secure("00B00000000000", isExtended: true) == dg2 + [0x90, 0x00])
        var profile = ChipProfile()
        profile.supportsExtendedLength = false
        let short = try opened(profile)
        let read = try #require(CommandAPDU([0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x00]))
        #expect(try short.plain(try short.protected(read, isExtended: true)) == [0x67, 0x00])
        #expect(try short.plain("00B09C0000") == "6982")
    }

    @Test("answers stay within the chip's and the form's limits", arguments: [100, 256, 258, 1000, 32_767])
    func limits(_ maximum: Int) throws {
        var profile = ChipProfile()
        profile.maximumResponseByteCount = maximum
        let terminal = try opened(profile)
        #expect(try terminal.secure("00A4020C020102") == [0x90, 0x00])
        let dg2 = try Self.made.get().image.bytes(.dg2)
        for isExtended in [false, true] {
            let command = try #require(
                CommandAPDU(isExtended ? [0, 0xB0, 0, 0, 0, 0, 0] : [0, 0xB0, 0, 0, 0]))
            let answer = try terminal.plain(try terminal.protected(command, isExtended: isExtended))
            #expect(answer.count <= min(maximum, isExtended ? 65_538 : 258))
            let plain = try terminal.opened(answer, instruction: 0xB0)
            #expect(plain.suffix(2) == [0x90, 0x00])
            #expect(plain.count > 60)
            #expect(dg2.starts(with: plain.dropLast(2)))
        }
    }

    @Test("a file of 64 KiB is read to its end with the odd instruction")
    func oddInstruction() throws {
        let long = [0x75, 0x82, 0xFF, 0xFB] + (0..<65_531).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
        let terminal = try opened { $0.image[.dg2] = long }
        #expect(try terminal.secure("00A4020C020102") == [0x90, 0x00])
        var bytes: [UInt8] = []
        while bytes.count < long.count {
            let offset = Hexadecimal.text([UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)])
            let answer = try terminal.secure("00B100000000045402\(offset)0000", isExtended: true)
            #expect(answer.suffix(2) == [0x90, 0x00])
            let body = Array(answer.dropLast(2))
            guard !body.isEmpty else { break }
            var cursor = TLVCursor(body.span)
            bytes += cursor.copy(try cursor.next(0x53).content)
        }
        #expect(bytes == long)
        #expect(try terminal.secure("00B10000045402FFFF00") == [0x6B, 0x00])
        var profile = ChipProfile()
        profile.supportsOddInstruction = false
        #expect(try opened(profile).secure("00B1000104540200000A") == [0x6D, 0x00])
    }

    @Test("an answer longer than Le asks for is fetched by GET RESPONSE")
    func getResponse() throws {
        let terminal = try terminal()
        #expect(try terminal.plain("00A4040007A000000247100104") == "6F0984076107")
        #expect(try terminal.plain("00C0000003") == "A000006104")
        #expect(try terminal.plain("00C0000004") == "024710019000")
        #expect(try terminal.plain("00C0000004") == "6D00")
    }

    // MARK: Proofs

    @Test(
        "chip authentication moves the session to keys that the chip's signed key gives",
        arguments: CipherAlgorithm.allCases)
    func chipAuthentication(_ cipher: CipherAlgorithm) throws {
        let key = try ChipAuthenticationKey(newOn: .brainpoolP256r1, cipher: cipher)
        let terminal = try opened { $0.secrets.chipAuthenticationKeys = [key] }
        let group = try ECGroup(.brainpoolP256r1)
        let secret = try group.randomScalar()
        let publicKey = Hexadecimal.text(try group.multiplyGenerator(by: secret).encoded)
        if cipher == .tripleDES {
            #expect(try terminal.secure("002241A6439141\(publicKey)") == [0x90, 0x00])
        } else {
            let identifier = Hexadecimal.text(key.identifier.content)
            #expect(try terminal.secure("002241A40C800A\(identifier)") == [0x90, 0x00])
            #expect(try terminal.secure("00860000457C438041\(publicKey)00") == [0x7C, 0x00, 0x90, 0x00])
        }
        let chipPoint = try group.point(SigningKey.subjectPublicKey(try #require(key.privateKey).subjectPublicKeyInfo))
        let shared = try group.multiply(chipPoint, by: secret).x
        terminal.start(try SessionKeys(secret: shared, cipher: cipher))
        #expect(try terminal.secure("00A4020C020101") == [0x90, 0x00])
    }

    @Test("chip authentication runs over integers, too", arguments: 0...2)
    func chipAuthenticationOverIntegers(_ id: Int) throws {
        let key = try ChipAuthenticationKey(newWithParameters: id)
        let terminal = try opened { $0.secrets.chipAuthenticationKeys = [key] }
        let group = try DHGroup(standardizedDomainParameterID: id)
        let secret = try group.randomExponent()
        let publicKey = try group.power(group.generator, secret)
        #expect(
            try terminal.secure("002241A40C800A" + Hexadecimal.text(key.identifier.content)) == [0x90, 0x00])
        let data = TLVEncoder.element(0x7C, TLVEncoder.element(0x80, publicKey))
        let length = [0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)]
        let command = [0x00, 0x86, 0x00, 0x00] + length + data + [0, 0]
        #expect(try terminal.secure(Hexadecimal.text(command), isExtended: true) == [0x7C, 0x00, 0x90, 0x00])
        let shared = try group.agree(group.power(group.generator, key.secret), with: secret).bytes
        terminal.start(try SessionKeys(secret: shared, cipher: .aes128))
        #expect(try terminal.secure("00A4020C020101") == [0x90, 0x00])
    }

    @Test("chip authentication needs a session, a known protocol, a known key and a point of the curve")
    func chipAuthenticationRefusals() throws {
        #expect(try terminal().plain("002241A40C800A04007F00070202030202") == "6982")
        let clone = try opened { $0.secrets.chipAuthenticationKeys = [] }
        #expect(try clone.secure("002241A40C800A04007F00070202030202") == [0x6A, 0x80])
        let terminal = try opened()
        #expect(try terminal.secure("002241A40F800A04007F00070202030202840105") == [0x6A, 0x88])
        #expect(try terminal.secure("002241A40C800A04007F00070202030202") == [0x90, 0x00])
        #expect(try terminal.secure("00860000047C02800100") == [0x6A, 0x80])
        #expect(try terminal.secure("00A4020C020101") == [0x90, 0x00])
    }

    @Test("active authentication with ECDSA is a plain signature over the challenge")
    func activeAuthenticationECDSA() throws {
        let key = try ActiveAuthenticationKey(new: .ec(.brainpoolP256r1), digest: .sha256)
        let terminal = try opened { $0.secrets.activeAuthentication = key }
        let answer = try terminal.secure("0088000008112233445566778800")
        #expect(answer.suffix(2) == [0x90, 0x00])
        try #require(answer.count == 66)
        let signature = DER.sequence([
            DER.integer(unsigned: Array(answer[..<32])), DER.integer(unsigned: Array(answer[32..<64])),
        ])
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        let message: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]
        #expect(try publicKey.verify(signature: signature, message: message, scheme: .ecdsa(.sha256)))
        #expect(try terminal.secure("00880000071122334455667700") == [0x67, 0x00])
    }

    @Test("active authentication with RSA recovers to a block over the challenge", arguments: DigestAlgorithm.allCases)
    func activeAuthenticationRSA(_ digest: DigestAlgorithm) throws {
        let key = try ActiveAuthenticationKey(new: .rsa(bits: 1024), digest: digest)
        let terminal = try opened { $0.secrets.activeAuthentication = key }
        let answer = try terminal.secure("0088000008112233445566778800")
        #expect(answer.suffix(2) == [0x90, 0x00])
        let publicKey = try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)
        let block = try publicKey.rsaPublicOperation(Array(answer.dropLast(2)))
        #expect(block.count == 128 && block.first == 0x6A)
        #expect(block.last == (digest == .sha1 ? 0xBC : 0xCC))
        let trailer = digest == .sha1 ? 1 : 2
        let hash = Array(block.dropLast(trailer).suffix(digest.byteCount))
        let recovered = Array(block.dropFirst().dropLast(trailer + digest.byteCount))
        let message: [UInt8] = recovered + [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]
        let expected = try Digest.hash(message, with: digest)
        #expect(hash == expected)
    }

    // MARK: Whatever comes

    @Test("no command crashes the chip or opens a file, before access or after it")
    func randomCommands() throws {
        var source = SplitMix64(state: 20)
        let trust = try TerminalPKI().trust
        let terminals = [
            try terminal { $0.pace = PACEOffer.all },
            try opened {
                $0.pace = PACEOffer.all
                $0.terminalTrust = trust
            },
        ]
        let instructions: [UInt8] = [0x22, 0x2A, 0x82, 0x84, 0x86, 0x88, 0xA4, 0xB0, 0xB1, 0xC0]
        for _ in 0..<20_000 {
            var command = (0..<Int.random(in: 0...40, using: &source)).map { _ in
                UInt8.random(in: 0...255, using: &source)
            }
            if command.count > 5, Bool.random(using: &source) {
                command[0] = [0x00, 0x0C, 0x10].randomElement(using: &source) ?? 0
                command[1] = instructions.randomElement(using: &source) ?? 0
                command[4] = UInt8(command.count - 5)
            }
            for terminal in terminals {
                let answer = try terminal.plain(command)
                #expect(answer.count >= 2)
            }
        }
        try terminals[0].selectApplication()
        #expect(try terminals[0].plain("00A4020C020101") == "6982")
    }

    @Test("the answer to reset is that of a contactless card, with a right check byte")
    func answerToReset() {
        let answer = ChipProfile().answerToReset
        #expect(answer.starts(with: [0x3B, 0x85, 0x80, 0x01]))
        #expect(answer.dropFirst().reduce(0, ^) == 0)
        #expect(AnswerToReset.contactless(historicalBytes: []) == [0x3B, 0x80, 0x80, 0x01, 0x01])
    }
}
