import Crypto
import Document
import Simulator
import Testing
import Verifier

@Suite("Attacks on chip authentication")
struct AttacksOnChipAuthenticationTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let curve: NamedCurve
        let cipher: CipherAlgorithm
        var keyID: UInt64?
        var encoding = CurveEncoding.explicit
        var testDescription: String { "\(curve.name) \(cipher) \(keyID.map { "\($0)" } ?? "no key ID") \(encoding)" }
    }

    static let kinds = [
        Kind(curve: .brainpoolP256r1, cipher: .aes128), Kind(curve: .secp256r1, cipher: .tripleDES, encoding: .named),
        Kind(curve: .brainpoolP320r1, cipher: .aes192, keyID: 7), Kind(curve: .brainpoolP512r1, cipher: .aes256),
        Kind(curve: .secp521r1, cipher: .aes256, keyID: 1, encoding: .named), Kind(curve: .secp224r1, cipher: .aes128),
        Kind(curve: .brainpoolP384r1, cipher: .tripleDES, keyID: 0),
    ]

    private let chip: ForgedChip

    init() throws { chip = try ForgedChip(chipKey: ChipAuthenticationKey(newOn: .brainpoolP256r1)) }

    @Test("a chip that has the signed key proves it with every cipher and curve", arguments: kinds)
    func proven(_ kind: Kind) throws {
        let chip = try ForgedChip(
            chipKey: ChipAuthenticationKey(
                newOn: kind.curve, cipher: kind.cipher, keyID: kind.keyID, curveEncoding: kind.encoding))
        let verdict = try chip.verdict(chip.proofs(chip.run()))
        #expect(verdict.outcome == .genuine, "\(verdict.failures)")
        #expect(verdict.check(.chipAuthentication)?.result == .passed)
        var encrypted = try chip.run()
        encrypted.objects = [0x87, 0x09, 0x01, 1, 2, 3, 4, 5, 6, 7, 8] + encrypted.objects
        #expect(try chip.verdict(chip.proofs(encrypted)).outcome == .genuine)
    }

    @Test("a chip with another private key is refused")
    func anotherPrivateKey() throws {
        var run = try chip.run()
        run.privateKey = try PrivateKey.generateEC(.brainpoolP256r1)
        try chip.verdict(chip.proofs(run)).expectRefusal(by: .chipAuthentication, .wrongProof)
    }

    @Test("a chip that offered a key of its own, which does not stand in DG14, is refused")
    func keyNotInDataGroup14() throws {
        let clone = try SigningKey(new: .ec(.brainpoolP256r1), scheme: .ecdsa(.sha256))
        var run = try chip.run()
        run.privateKey = clone.privateKey
        let proofs = try chip.proofs(run, publicKey: clone.subjectPublicKeyInfo)
        try chip.verdict(proofs).expectRefusal(by: .chipAuthentication, .keyNotSigned)
    }

    @Test("the same point under another encoding than DG14's is refused")
    func reencodedKey() throws {
        var key = SigningKey(try #require(chip.chipKey?.privateKey), scheme: .ecdsa(.sha256))
        key.curveEncoding = .named
        let proofs = try chip.proofs(chip.run(), publicKey: key.subjectPublicKeyInfo)
        try chip.verdict(proofs).expectRefusal(by: .chipAuthentication, .keyNotSigned)
    }

    @Test("an answer that was recorded in another run is refused")
    func replay() throws {
        let recorded = try chip.response(chip.run())
        try chip.verdict(chip.proofs(chip.run(), response: recorded))
            .expectRefusal(by: .chipAuthentication, .wrongProof)
    }

    @Test("an answer under the counter of another message is refused")
    func counter() throws {
        for counter: UInt8 in [0, 1, 3, 4] {
            var run = try chip.run()
            run.counter = counter
            try chip.verdict(chip.proofs(run)).expectRefusal(by: .chipAuthentication, .wrongProof)
        }
    }

    @Test("an answer whose status is not that under the checksum, or stands there twice or not at all, is refused")
    func status() throws {
        var other = try chip.run()
        other.status = [0x63, 0x00]
        var without = try chip.run()
        without.objects = []
        var short = try chip.run()
        short.objects = [0x99, 0x01, 0x90]
        for run in [other, without, short] {
            try chip.verdict(chip.proofs(run)).expectRefusal(by: .chipAuthentication, .wrongProof)
        }
    }

    @Test("an answer without a checksum, with a short one, two, a wrong one, or bytes behind it is refused")
    func checksum() throws {
        let forgeries: [([UInt8]) -> [UInt8]] = [
            { _ in [] }, { _ in [0x8E, 0x00] }, { [0x8E, 0x04] + $0.prefix(4) }, { [0x8E, 0x09] + $0 + [0] },
            { [0x8E, 0x08] + $0.dropLast() + [$0[7] ^ 1] }, { [0x8E, 0x08] + $0 + [0x8E, 0x08] + $0 },
            { [0x8E, 0x08] + $0 + [0x99, 0x02, 0x90, 0x00] }, { [0x8E, 0x81, 0x08] + $0 + [0] },
            { [0x8F, 0x08] + $0 }, { _ in [0x8E, 0x08, 0, 0, 0, 0, 0, 0, 0, 0] },
        ]
        for forge in forgeries {
            var run = try chip.run()
            run.checksum = forge
            try chip.verdict(chip.proofs(run)).expectRefusal(by: .chipAuthentication, .wrongProof)
        }
        for response: [UInt8] in [[], [0x90], [0x90, 0x00], [UInt8](repeating: 0x99, count: 5000)] {
            try chip.verdict(chip.proofs(chip.run(), response: response))
                .expectRefusal(by: .chipAuthentication, .wrongProof)
        }
    }

    @Test("a reader's key of zero, or of no length, proves nothing")
    func emptyTerminalKey() throws {
        for key: [UInt8] in [[], [0], [UInt8](repeating: 0, count: 32)] {
            var run = try chip.run()
            let response = try chip.response(run)
            run.terminalKey = key
            let verdict = try chip.verdict(chip.proofs(run, response: response))
            #expect(verdict.check(.chipAuthentication)?.result != .passed)
            #expect(verdict.outcome != .genuine)
        }
    }

    @Test("a DG14 that EF.SOD does not list, or lists with another hash, proves no chip")
    func dataGroup14NotSigned() throws {
        let clone = try ForgedChip(chipKey: ChipAuthenticationKey(newOn: .brainpoolP256r1))
        var image = chip.state.card.image
        image[.dg14] = clone.state.card.image[.dg14]
        let proofs = try clone.proofs(clone.run())
        let swapped = try chip.verdict(proofs, image: image)
        swapped.expectRefusal(by: .chipAuthentication, .hashMismatch)
        swapped.expectRefusal(by: .dataGroupsHash, .hashMismatch)
        var object = try ForgedSecurityObject(over: image, signer: chip.state.pki.documentSigner)
        object.hashes.removeAll { $0.number == 14 }
        image[.sod] = try object.file()
        let unlisted = try chip.verdict(proofs, image: image)
        #expect(unlisted.check(.chipAuthentication)?.result == .notApplicable)
        unlisted.expectRefusal(by: .dataGroupsHash, .notListed)
    }

    @Test("a chip that was not asked, or refused, is not called the original")
    func noProof() throws {
        let silent = try chip.verdict(ChipProofs())
        #expect(silent.check(.chipAuthentication)?.result == .notPerformed)
        #expect(silent.outcome == .authenticData)
        let refused = try chip.verdict(
            ChipProofs(chipAuthentication: .refused(status: 0x6982, command: "MSE:Set KAT")))
        refused.expectRefusal(by: .chipAuthentication, .chipRefused)
    }
}

@Suite("Attacks on active authentication")
struct AttacksOnActiveAuthenticationTests {
    private static let challenge: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    private static let rsa = Result {
        try ForgedChip(activeKey: ActiveAuthenticationKey(new: .rsa(bits: 1536), digest: .sha1))
    }

    private static let trailers: [(DigestAlgorithm, [UInt8])] = [
        (.sha1, [0xBC]), (.sha1, [0x33, 0xCC]), (.sha256, [0x34, 0xCC]), (.sha512, [0x35, 0xCC]),
        (.sha384, [0x36, 0xCC]), (.sha224, [0x38, 0xCC]),
    ]

    private func sign(_ block: [UInt8]) throws -> [UInt8] {
        try #require(Self.rsa.get().activeKey).key.privateKey.rsaPrivateOperation(block)
    }

    private func verdict(_ signature: [UInt8], challenge: [UInt8] = challenge) throws -> Verdict {
        let chip = try Self.rsa.get()
        return try chip.verdict(chip.proofs(challenge: challenge, signature: signature))
    }

    private func modulus() throws -> Magnitude {
        let key = try #require(Self.rsa.get().activeKey).key
        return Magnitude(try #require(try PublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).rsaModulus))
    }

    @Test("an RSA chip proves itself with every trailer, and with s as well as n − s")
    func trailers() throws {
        for (digest, trailer) in Self.trailers {
            let signature = try sign(
                ForgedChip.block(count: 192, challenge: Self.challenge, digest: digest, trailer: trailer))
            let verdict = try verdict(signature)
            #expect(verdict.check(.chipActiveAuthentication)?.result == .passed, "\(digest)")
            #expect(verdict.outcome == .genuine, "\(verdict.failures)")
            let other = (try modulus() - Magnitude(signature)).padded(to: 192)
            #expect(try self.verdict(other).check(.chipActiveAuthentication)?.result == .passed, "\(digest)")
        }
    }

    @Test("an RSA signature over another challenge, or under one of another length, is refused")
    func anotherChallenge() throws {
        let signature = try sign(
            ForgedChip.block(count: 192, challenge: Self.challenge, digest: .sha256, trailer: [0x34, 0xCC]))
        for challenge: [UInt8] in [
            [1, 2, 3, 4, 5, 6, 7, 9], [], Array(Self.challenge.prefix(7)), Self.challenge + [0],
        ] {
            try verdict(signature, challenge: challenge).expectRefusal(by: .chipActiveAuthentication, .wrongProof)
        }
        let long = Self.challenge + [9]
        let block = try ForgedChip.block(count: 192, challenge: long, digest: .sha256, trailer: [0x34, 0xCC])
        try verdict(try sign(block), challenge: long).expectRefusal(by: .chipActiveAuthentication, .wrongProof)
    }

    @Test("an RSA signature with the trailer of another hash, or of none, is refused")
    func anotherTrailer() throws {
        for trailer: [UInt8] in [
            [0x33, 0xCC], [0x35, 0xCC], [0xBC], [0x3A, 0xCC], [0x00, 0xCC], [0x34, 0xDC], [0x0C],
        ] {
            let block = try ForgedChip.block(
                count: 192, challenge: Self.challenge, digest: .sha256, trailer: trailer)
            try verdict(try sign(block)).expectRefusal(by: .chipActiveAuthentication, .wrongProof, "\(trailer)")
        }
    }

    @Test("an RSA signature with another header, or bytes between hash and trailer, is refused")
    func anotherBlock() throws {
        for header: UInt8 in [0x4A, 0x4B, 0x6B, 0x00, 0x01, 0x2A] {
            let block = try ForgedChip.block(
                count: 192, challenge: Self.challenge, digest: .sha256, trailer: [0x34, 0xCC], header: header)
            try verdict(try sign(block)).expectRefusal(by: .chipActiveAuthentication, .wrongProof, "\(header)")
        }
        let block = try ForgedChip.block(
            count: 192, challenge: Self.challenge, digest: .sha256, trailer: [0x34, 0xCC], behind: [0xBB])
        try verdict(try sign(block)).expectRefusal(by: .chipActiveAuthentication, .wrongProof)
    }

    @Test("an RSA signature that is shorter, longer, zero, one, or not below the modulus is refused")
    func numbers() throws {
        let good = try sign(
            ForgedChip.block(count: 192, challenge: Self.challenge, digest: .sha256, trailer: [0x34, 0xCC]))
        let zero = [UInt8](repeating: 0, count: 192)
        let modulus = try modulus()
        let signatures = [
            Array(good.dropLast()), good + [0], [0] + good, [], zero, zero.dropLast() + [1], modulus.padded(to: 192),
            (modulus - .one).padded(to: 192), (modulus + Magnitude(good)).bytes, [UInt8](repeating: 0xFF, count: 192),
        ]
        for signature in signatures {
            try verdict(signature).expectRefusal(by: .chipActiveAuthentication, .wrongProof)
        }
    }

    // MARK: ECDSA

    private func ecChip(_ curve: NamedCurve, _ digest: DigestAlgorithm) throws -> ForgedChip {
        try ForgedChip(activeKey: ActiveAuthenticationKey(new: .ec(curve), digest: digest))
    }

    private func plain(_ chip: ForgedChip, width: Int, digest: DigestAlgorithm) throws -> [UInt8] {
        let key = try #require(chip.activeKey).key.privateKey
        let signature = try ForgedECDSA(key.sign(Self.challenge, scheme: .ecdsa(digest)))
        return signature.r.padded(to: width) + signature.s.padded(to: width)
    }

    @Test(
        "an ECDSA chip proves itself with the hash that DG14 names, and with no other",
        arguments: DigestAlgorithm.allCases)
    func ecdsa(_ digest: DigestAlgorithm) throws {
        let chip = try ecChip(.brainpoolP384r1, digest)
        for used in DigestAlgorithm.allCases {
            let signature = try plain(chip, width: 48, digest: used)
            let verdict = try chip.verdict(chip.proofs(challenge: Self.challenge, signature: signature))
            #expect((verdict.check(.chipActiveAuthentication)?.result == .passed) == (used == digest))
            #expect(verdict.outcome == (used == digest ? .genuine : .invalid))
        }
    }

    @Test("an ECDSA signature over another challenge, or replayed from another run, is refused")
    func anotherECDSAChallenge() throws {
        let chip = try ecChip(.brainpoolP256r1, .sha256)
        let replayed = try plain(chip, width: 32, digest: .sha256)
        #expect(try chip.verdict(chip.proofs(challenge: Self.challenge, signature: replayed)).outcome == .genuine)
        for challenge: [UInt8] in [
            [1, 2, 3, 4, 5, 6, 7, 9], [], Array(Self.challenge.prefix(7)), Self.challenge + [0],
        ] {
            try chip.verdict(chip.proofs(challenge: challenge, signature: replayed))
                .expectRefusal(by: .chipActiveAuthentication, .wrongProof)
        }
    }

    @Test("a P-521 chip, whose order takes 66 bytes, proves itself")
    func wideOrder() throws {
        let chip = try ecChip(.secp521r1, .sha512)
        let signature = try plain(chip, width: 66, digest: .sha512)
        #expect(try chip.verdict(chip.proofs(challenge: Self.challenge, signature: signature)).outcome == .genuine)
    }

    @Test("an ECDSA signature of another length, in DER, with r or s zero, swapped, or not below the order is refused")
    func ecdsaNumbers() throws {
        let chip = try ecChip(.brainpoolP256r1, .sha256)
        let key = try #require(chip.activeKey).key.privateKey
        let order = Magnitude(try CurveParameters(of: key).order)
        let der = try key.sign(Self.challenge, scheme: .ecdsa(.sha256))
        let good = try ForgedECDSA(der)
        func plain(_ r: Magnitude, _ s: Magnitude) -> [UInt8] { r.padded(to: 32) + s.padded(to: 32) }
        let whole = plain(good.r, good.s)
        let forgeries = [
            der, [], Array(whole.dropLast()), whole + [0], Array(whole.dropLast(2)), [0] + whole + [0],
            plain(.zero, good.s), plain(good.r, .zero), plain(.zero, .zero), plain(order, good.s), plain(good.r, order),
            plain(good.s, good.r), plain(.one, .one), plain(order - .one, order - .one),
        ]
        for (index, signature) in forgeries.enumerated() {
            try chip.verdict(chip.proofs(challenge: Self.challenge, signature: signature))
                .expectRefusal(by: .chipActiveAuthentication, .wrongProof, "forgery \(index)")
        }
        #expect(try chip.verdict(chip.proofs(challenge: Self.challenge, signature: whole)).outcome == .genuine)
    }

    @Test("an ECDSA chip whose DG14 names no hash proves itself with any, and still with nothing but its key")
    func withoutInfo() throws {
        let chip = try ecChip(.brainpoolP256r1, .sha256)
        var image = chip.state.card.image
        image[.dg14] = nil
        image[.sod] = try ForgedSecurityObject(over: image, signer: chip.state.pki.documentSigner).file()
        let signature = try plain(chip, width: 32, digest: .sha256)
        let verdict = try chip.verdict(chip.proofs(challenge: Self.challenge, signature: signature), image: image)
        #expect(verdict.check(.chipActiveAuthentication)?.result == .passed)
        let clone = try ecChip(.brainpoolP256r1, .sha256)
        let forged = try plain(clone, width: 32, digest: .sha256)
        try chip.verdict(chip.proofs(challenge: Self.challenge, signature: forged), image: image)
            .expectRefusal(by: .chipActiveAuthentication, .wrongProof)
    }

    @Test("a DG15 that EF.SOD does not list, or lists with another hash, proves no chip")
    func dataGroup15NotSigned() throws {
        let chip = try ecChip(.brainpoolP256r1, .sha256)
        let clone = try ecChip(.brainpoolP256r1, .sha256)
        var image = chip.state.card.image
        image[.dg15] = clone.state.card.image[.dg15]
        let proofs = clone.proofs(challenge: Self.challenge, signature: try plain(clone, width: 32, digest: .sha256))
        try chip.verdict(proofs, image: image).expectRefusal(by: .chipActiveAuthentication, .hashMismatch)
        var object = try ForgedSecurityObject(over: image, signer: chip.state.pki.documentSigner)
        object.hashes.removeAll { $0.number == 15 }
        image[.sod] = try object.file()
        let unlisted = try chip.verdict(proofs, image: image)
        #expect(unlisted.check(.chipActiveAuthentication)?.result == .notApplicable)
        unlisted.expectRefusal(by: .dataGroupsHash, .notListed)
    }

    @Test("a DG14 that is not signed does not choose the hash")
    func foreignDataGroup14() throws {
        let chip = try ecChip(.brainpoolP256r1, .sha256)
        let other = try ecChip(.brainpoolP256r1, .sha1)
        var image = chip.state.card.image
        image[.dg14] = other.state.card.image[.dg14]
        let signature = try plain(chip, width: 32, digest: .sha1)
        let verdict = try chip.verdict(chip.proofs(challenge: Self.challenge, signature: signature), image: image)
        #expect(verdict.outcome == .invalid)
    }
}
