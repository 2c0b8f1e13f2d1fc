import Crypto
import Document
import Testing

@testable import CardReader

@Suite("Chip authentication")
struct ChipAuthenticationTests {
    private static let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2]

    /// DG14 with a key on a curve, and a variant where `cipher` (1 for 3DES to 4 for AES-256) is given.
    private static func dataGroup14(_ key: PrivateKey, cipher: UInt64?, keyID: UInt8? = nil) throws -> [UInt8] {
        let number: [UInt8] = keyID.map { [0x02, 0x01, $0] } ?? []
        let publicKey = try TLVEncoder.element(
            .sequence, ObjectIdentifier(base + [1, 2]).encoded + key.subjectPublicKeyInfo + number)
        let variant = cipher.map {
            TLVEncoder.element(.sequence, ObjectIdentifier(base + [3, 2, $0]).encoded + [0x02, 0x01, 0x01] + number)
        }
        return TLVEncoder.element(0x6E, TLVEncoder.element(.set, (variant ?? []) + publicKey))
    }

    private static func chip(
        _ curve: NamedCurve = .brainpoolP256r1, cipher: UInt64? = 2, keyID: UInt8? = nil, offersPACE: Bool = true
    ) throws -> TestChip {
        let key = try PrivateKey.generateEC(curve)
        var files = Sample.files
        files[.dg14] = try dataGroup14(key, cipher: cipher, keyID: keyID)
        let chip = try Sample.chip(cardAccess: offersPACE ? Sample.cardAccess : nil, files: files)
        let ciphers: [CipherAlgorithm] = [.tripleDES, .aes128, .aes192, .aes256]
        chip.authenticationKey = (try key.ecScalar(on: curve), curve, ciphers[Int((cipher ?? 1) - 1)])
        return chip
    }

    private static func read(_ chip: TestChip, proofs: ReadRequest.Proofs = .one) throws -> ChipRead {
        let key = AccessKey.mrz(try #require(Sample.fields))
        return try ChipReader(channel: chip).read(ReadRequest(key: key, files: .withoutPortrait, proofs: proofs))
    }

    /// What a verifier does with a transcript, written from the standard.
    private static func isProof(_ transcript: ChipAuthenticationTranscript, _ cipher: CipherAlgorithm) throws -> Bool {
        let key = try PublicKey(subjectPublicKeyInfo: transcript.chipPublicKey)
        guard case .ec(let curve) = key.kind, let point = try key.ecPoint() else { return false }
        let secret = try ECGroup(curve).multiply(point, by: SecretBytes(transcript.terminalPrivateKey)).x
        var messaging = try ChipMessaging(cipher: cipher, secret: secret)
        let fields = try #require(TestChip.fields(transcript.command))
        guard try messaging.open(header: Array(transcript.command.prefix(4)), objects: fields.data) != nil else {
            return false
        }
        messaging.step()
        let objects = Array(transcript.response.dropLast(2))
        guard objects.count > 10 else { return false }
        return try messaging.checksum(Array(objects.dropLast(10))) == Array(objects.suffix(8))
    }

    private static func transcript(_ read: ChipRead) -> ChipAuthenticationTranscript? {
        if case .answered(let transcript) = read.proofs.chipAuthentication { transcript } else { nil }
    }

    @Test(
        "A chip with the private key proves it on every curve with every cipher, and is read under the new keys",
        arguments: [1, 2, 3, 4] as [UInt64],
        [NamedCurve.secp224r1, .secp256r1, .brainpoolP256r1, .brainpoolP384r1, .brainpoolP512r1, .secp521r1])
    func proof(_ cipher: UInt64, _ curve: NamedCurve) throws {
        let chip = try Self.chip(curve, cipher: cipher)
        let read = try Self.read(chip)
        let transcript = try #require(Self.transcript(read))
        let ciphers: [CipherAlgorithm] = [.tripleDES, .aes128, .aes192, .aes256]
        #expect(try Self.isProof(transcript, ciphers[Int(cipher) - 1]))
        #expect(transcript.protocolOID == ObjectIdentifier(Self.base + [3, 2, cipher]))
        #expect(read.image[.dg13] == Sample.files[.dg13])
        #expect(chip.resets == 0)
    }

    @Test("Chip authentication follows BAC as it follows PACE")
    func afterBAC() throws {
        let read = try Self.read(Self.chip(offersPACE: false))
        #expect(read.access == .basicAccessControl)
        #expect(try Self.isProof(#require(Self.transcript(read)), .aes128))
    }

    @Test("A key without a named variant is run with 3DES, as early chips mean it")
    func impliedVariant() throws {
        let read = try Self.read(Self.chip(.secp256r1, cipher: nil))
        #expect(try Self.isProof(#require(Self.transcript(read)), .tripleDES))
    }

    @Test("A key that DG14 numbers is named to the chip", arguments: [1, 2] as [UInt64])
    func keyNumber(_ cipher: UInt64) throws {
        let chip = try Self.chip(cipher: cipher, keyID: 5)
        let read = try Self.read(chip)
        #expect(Self.transcript(read)?.keyID == 5)
        #expect(try Self.isProof(#require(Self.transcript(read)), cipher == 1 ? .tripleDES : .aes128))
    }

    @Test(
        "A clone without the private key proves nothing, whatever it does, and its files are read nevertheless",
        arguments: [TestChip.ChipAuthenticationHabit.refuses, .pretends, .keepsOldKeys])
    func clone(_ habit: TestChip.ChipAuthenticationHabit) throws {
        let chip = try Self.chip()
        chip.habits.chipAuthentication = habit
        let read = try Self.read(chip)
        switch read.proofs.chipAuthentication {
        case .refused(let status, let command):
            #expect(habit == .refuses && status == 0x6A80 && command == "GENERAL AUTHENTICATE")
        case .answered(let transcript): #expect(try habit != .refuses && !Self.isProof(transcript, .aes128))
        default: Issue.record("\(read.proofs)")
        }
        #expect(read.image[.dg13] == Sample.files[.dg13])
        #expect(chip.resets == (habit == .refuses ? 0 : 1))
    }

    @Test("A chip that answers in the clear after chip authentication has proven nothing")
    func answersInTheClear() throws {
        let chip = try Self.chip()
        var isNext = false
        chip.tamper = { _, command, answer in
            defer { isNext = command.count > 5 && command[1] == 0x86 && command[0] == 0x0C }
            return isNext ? [0x90, 0x00] : answer
        }
        let read = try Self.read(chip)
        let transcript = try #require(Self.transcript(read))
        #expect(transcript.response == [0x90, 0x00])
        #expect(try !Self.isProof(transcript, .aes128))
        #expect(read.image[.dg13] == Sample.files[.dg13])
    }

    @Test("Two runs use two ephemeral keys")
    func freshKeys() throws {
        let chip = try Self.chip()
        let first = try #require(Self.transcript(Self.read(chip)))
        try chip.reset(deadline: nil)
        let second = try #require(Self.transcript(Self.read(chip)))
        #expect(first.terminalPrivateKey != second.terminalPrivateKey)
    }

    @Test("What is not offered, not supported or not asked for is told apart")
    func otherOutcomes() throws {
        var files = Sample.files
        files[.dg14] = bytes("6E02 3100")
        #expect(try Self.read(Sample.chip(files: files)).proofs.chipAuthentication == .notOffered)
        files[.dg14] = Sample.files[.dg14]
        #expect(
            try Self.read(Sample.chip(files: files)).proofs.chipAuthentication == .notSupported("DG14 is malformed"))
        #expect(try Self.read(Self.chip(), proofs: .none).proofs == ChipProofs(opening: .pace))
        files[.com] = bytes("6014 5F0104 30313037 5F3606 303430303030 5C02 616D")
        let proofs = try Self.read(Sample.chip(files: files)).proofs
        let none = ChipProofs(
            chipAuthentication: .notOffered, activeAuthentication: .notOffered,
            paceChipAuthenticationMapping: .notOffered, opening: .pace)
        #expect(proofs == none)
    }

    /// DG14 with a Diffie-Hellman key, written as `form` says.
    private static func integerChip(
        _ id: Int, cipher: UInt64?, form: IntegerKeyForm = .publicNumber
    ) throws -> (TestChip, DHGroup, SecretBytes) {
        let group = try DHGroup(standardizedDomainParameterID: id)
        let exponent = try group.randomExponent()
        let integer = { (number: [UInt8]) in
            let significant = Array(number.drop { $0 == 0 })
            return TLVEncoder.element(.integer, (significant.first ?? 0) & 0x80 == 0 ? significant : [0] + significant)
        }
        let numbers = integer(group.prime.bytes) + integer(group.generator)
        let algorithm: [UInt8]
        switch form {
        case .publicNumber:
            algorithm =
                ObjectIdentifier([1, 2, 840, 10046, 2, 1]).encoded
                + TLVEncoder.element(.sequence, numbers + integer(group.order.bytes))
        case .keyAgreement:
            algorithm =
                ObjectIdentifier([1, 2, 840, 113_549, 1, 3, 1]).encoded + TLVEncoder.element(.sequence, numbers)
        case .standardized:
            algorithm = ObjectIdentifier([0, 4, 0, 127, 0, 7, 1, 2]).encoded + [0x02, 0x01, UInt8(id)]
        }
        let key = try integer(group.power(group.generator, exponent))
        let info = TLVEncoder.element(
            .sequence,
            TLVEncoder.element(.sequence, algorithm) + TLVEncoder.element(.bitString, [0] + key))
        let publicKey = TLVEncoder.element(.sequence, ObjectIdentifier(base + [1, 1]).encoded + info)
        let variant = cipher.map {
            TLVEncoder.element(.sequence, ObjectIdentifier(base + [3, 1, $0]).encoded + [0x02, 0x01, 0x01])
        }
        var files = Sample.files
        files[.dg14] = TLVEncoder.element(0x6E, TLVEncoder.element(.set, (variant ?? []) + publicKey))
        let chip = try Sample.chip(files: files)
        let ciphers: [CipherAlgorithm] = [.tripleDES, .aes128, .aes192, .aes256]
        chip.integerAuthenticationKey = (exponent, group, ciphers[Int((cipher ?? 1) - 1)])
        return (chip, group, exponent)
    }

    enum IntegerKeyForm: CaseIterable { case publicNumber, keyAgreement, standardized }

    @Test(
        "A chip with a Diffie-Hellman key proves it in every standardised group with every cipher",
        arguments: [1, 2, 3, 4] as [UInt64], 0...2)
    func integers(_ cipher: UInt64, _ id: Int) throws {
        let (chip, group, exponent) = try Self.integerChip(id, cipher: cipher)
        let read = try Self.read(chip)
        let transcript = try #require(Self.transcript(read))
        let theirs = try group.power(group.generator, SecretBytes(transcript.terminalPrivateKey))
        var messaging = try ChipMessaging(
            cipher: [.tripleDES, .aes128, .aes192, .aes256][Int(cipher) - 1], secret: group.power(theirs, exponent))
        messaging.step()
        messaging.step()
        let objects = Array(transcript.response.dropLast(2))
        #expect(try messaging.checksum(Array(objects.dropLast(10))) == Array(objects.suffix(8)))
        #expect(read.image[.dg13] == Sample.files[.dg13])
        #expect(chip.resets == 0)
    }

    @Test("A Diffie-Hellman key is known in each form that it is written in", arguments: IntegerKeyForm.allCases)
    func integerForms(_ form: IntegerKeyForm) throws {
        let read = try Self.read(Self.integerChip(0, cipher: nil, form: form).0)
        #expect(Self.transcript(read)?.protocolOID == ObjectIdentifier(Self.base + [3, 1, 1]))
        #expect(read.image[.dg13] == Sample.files[.dg13])
    }

    @Test("A chip that does 3DES and knows MSE:Set AT alone is asked so", arguments: [true, false])
    func withoutKeyAgreementTemplate(overIntegers: Bool) throws {
        let chip = overIntegers ? try Self.integerChip(0, cipher: 1).0 : try Self.chip(cipher: 1)
        chip.habits.knowsKeyAgreementTemplate = false
        let read = try Self.read(chip)
        #expect(Self.transcript(read) != nil)
        #expect(read.image[.dg13] == Sample.files[.dg13] && chip.resets == 0)
    }

    @Test("A Diffie-Hellman key too long for a reader without extended length is not supported, and the chip read")
    func longKey() throws {
        let chip = try Self.integerChip(2, cipher: 2).0
        chip.allowsExtendedLength = false
        let read = try Self.read(chip)
        #expect(read.proofs.chipAuthentication == .notSupported("the key in DG14 is too long for this reader"))
        #expect(read.image[.dg13] == Sample.files[.dg13])
    }

    @Test("BSI's worked example of chip authentication agrees on its keys", arguments: ["ecdh", "dh"])
    func federalOffice(_ agreement: String) throws {
        guard WorkedExamples.arePresent else { return }
        let value = { (name: String) in WorkedExamples.bsi("tc_\(agreement)_\(name)") }
        let group =
            try agreement == "dh"
            ? AgreementGroup.integers(DHGroup(standardizedDomainParameterID: 0))
            : AgreementGroup.curve(ECGroup(.brainpoolP256r1))
        let pair = try group.keyPair(scripted(scalars: [value("ca_pcd_priv_key")]))
        #expect(pair.publicKey == value("ca_pcd_pub_key"))
        let secret = try group.sharedSecret(pair.privateKey, with: value("ca_picc_pub_key"))
        #expect(secret.bytes == value("ca_shared_secret_k"))
    }

    @Test("A key that no curve holds is not supported, and the chip is read")
    func foreignKey() throws {
        let chip = try Self.chip()
        let key = try PrivateKey.generateRSA(bits: 1024)
        chip.files[ElementaryFile.dg14.fileIdentifier] = try Self.dataGroup14(key, cipher: 2)
        let read = try Self.read(chip)
        guard case .notSupported = read.proofs.chipAuthentication else {
            Issue.record("\(read.proofs)")
            return
        }
        #expect(read.image[.dg13] == Sample.files[.dg13])
    }
}

@Suite("Active authentication")
struct ActiveAuthenticationTests {
    private static func read(_ chip: TestChip, _ proofs: ReadRequest.Proofs) throws -> ChipRead {
        let key = AccessKey.mrz(try #require(Sample.fields))
        return try ChipReader(channel: chip).read(ReadRequest(key: key, files: .withoutPortrait, proofs: proofs))
    }

    @Test("The chip signs a challenge of eight fresh bytes", arguments: [64, 256, 512])
    func signature(_ count: Int) throws {
        let chip = try Sample.chip()
        var challenges: [[UInt8]] = []
        chip.sign = { challenge in
            challenges.append(challenge)
            return [UInt8](repeating: 0x5A, count: count)
        }
        for _ in 0..<2 {
            let read = try Self.read(chip, .one)
            guard case .answered(let transcript) = read.proofs.activeAuthentication else {
                Issue.record("\(read.proofs)")
                return
            }
            #expect(transcript.challenge == challenges.last && transcript.challenge.count == 8)
            #expect(transcript.signature.count == count)
            try chip.reset(deadline: nil)
        }
        #expect(challenges.first != challenges.last)
    }

    @Test(
        "Appendix F is run with the challenge and the signature that it prints", .enabled(if: WorkedExamples.arePresent)
    )
    func appendixF() throws {
        let challenge = WorkedExamples.activeAuthentication("RND.IFD")
        let signature = WorkedExamples.activeAuthentication("S")
        let channel = ScriptedChannel([
            ("0088000008" + Hexadecimal.text(challenge) + "00", Hexadecimal.text(signature) + "9000")
        ])
        let outcome = try ActiveAuthentication(
            session: ChipSession(channel: channel), randomness: scripted(bytes: [challenge]), extendedAnswerLimit: nil
        ).run()
        #expect(channel.isDone && outcome.sessionGoesOn)
        #expect(
            outcome.proof == .answered(ActiveAuthenticationTranscript(challenge: challenge, signature: signature)))
    }

    @Test("A chip that does not sign has refused, and is read to the end")
    func refused() throws {
        let read = try Self.read(Sample.chip(), .all)
        #expect(read.proofs.activeAuthentication == .refused(status: 0x6D00, command: "INTERNAL AUTHENTICATE"))
        #expect(read.unread.allSatisfy { $0.file == .dg3 })
    }
}
