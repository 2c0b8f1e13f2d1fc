import Crypto
import Document
import Simulator
import Testing
import Verifier

/// Chip authentication with Diffie-Hellman keys (Doc 9303-11, 6.2 and 9.5.1), the chip's half computed here.
@Suite("Chip authentication over integers")
struct ChipAuthenticationOverIntegersTests {
    /// How DG14 writes the key.
    enum Form: CaseIterable { case publicNumber, keyAgreement, standardized }

    struct Kind: Sendable, CustomTestStringConvertible {
        let parameterID: Int
        let cipher: CipherAlgorithm
        var form = Form.publicNumber
        var testDescription: String { "parameters \(parameterID) \(cipher) \(form)" }
    }

    static let kinds =
        (0...2).map { Kind(parameterID: $0, cipher: .aes128) }
        + [CipherAlgorithm.tripleDES, .aes192, .aes256].map { Kind(parameterID: 0, cipher: $0) }
        + Form.allCases.map { Kind(parameterID: 1, cipher: .aes256, form: $0) }

    private static let base: [UInt64] = [0, 4, 0, 127, 0, 7, 2, 2]

    /// A card whose signed DG14 holds a key over integers, and the key.
    private struct Chip {
        let kind: Kind
        let group: DHGroup
        let privateKey: SecretBytes
        let image: CardImage
        let publicKeyInfo: [UInt8]

        init(_ kind: Kind) throws {
            self.kind = kind
            group = try DHGroup(standardizedDomainParameterID: kind.parameterID)
            privateKey = try group.randomExponent()
            let numbers = [DERWriter.integer(group.prime.bytes), DERWriter.integer(group.generator)]
            let algorithm =
                switch kind.form {
                case .publicNumber:
                    DERWriter.algorithm(
                        DERWriter.identifier(1, 2, 840, 10046, 2, 1),
                        DERWriter.sequence(numbers + [DERWriter.integer(group.order.bytes)]))
                case .keyAgreement:
                    DERWriter.algorithm(
                        DERWriter.identifier(1, 2, 840, 113549, 1, 3, 1), DERWriter.sequence(numbers))
                case .standardized:
                    DERWriter.algorithm(
                        DERWriter.identifier(0, 4, 0, 127, 0, 7, 1, 2), DERWriter.integer(kind.parameterID))
                }
            let value = try DERWriter.integer(group.power(group.generator, privateKey))
            publicKeyInfo = DERWriter.sequence(algorithm, DERWriter.bits(value))
            let infos = DERWriter.set([
                DERWriter.sequence(ObjectIdentifier(base + [1, 1]).encoded, publicKeyInfo),
                DERWriter.sequence(Self.variant(kind.cipher).encoded, DERWriter.integer(1)),
            ])
            let state = try ForgedState.shared()
            var image = state.card.image
            image[.dg14] = TLVEncoder.element(0x6E, infos)
            image[.sod] = try ForgedSecurityObject(over: image, signer: state.pki.documentSigner).file()
            self.image = image
        }

        static func variant(_ cipher: CipherAlgorithm) -> ObjectIdentifier {
            let arcs: [CipherAlgorithm: UInt64] = [.tripleDES: 1, .aes128: 2, .aes192: 3, .aes256: 4]
            return ObjectIdentifier(base + [3, 1, arcs[cipher] ?? 0])
        }

        /// A run in which the chip uses `exponent`, by default its own.
        func transcript(_ exponent: SecretBytes? = nil, counter: UInt8 = 2) throws -> ChipAuthenticationTranscript {
            let terminalKey = try group.randomExponent()
            let theirs = try group.power(group.generator, terminalKey)
            let secret = try group.power(theirs, exponent ?? privateKey)
            let isLong = [.aes192, .aes256].contains(kind.cipher)
            let hash = try Digest.hash(secret + [0, 0, 0, 2], with: isLong ? .sha256 : .sha1)
            let count = [CipherAlgorithm.aes192: 24, .aes256: 32][kind.cipher] ?? 16
            let key = SecretBytes(Array(hash.prefix(count)))
            let block = kind.cipher == .tripleDES ? 8 : 16
            let status: [UInt8] = [0x99, 0x02, 0x6A, 0x82]
            var message = [UInt8](repeating: 0, count: block - 1) + [counter] + status + [0x80]
            while message.count % block != 0 { message.append(0) }
            let tag =
                kind.cipher == .tripleDES
                ? try RetailMAC.tag(key: key, message: message) : try AESCMAC.tag(key: key, message: message)
            return ChipAuthenticationTranscript(
                protocolOID: Self.variant(kind.cipher), keyID: nil, chipPublicKey: publicKeyInfo,
                terminalPrivateKey: terminalKey.bytes, command: [0x0C, 0xA4, 0x02, 0x0C, 0x0D],
                response: status + [0x8E, 0x08] + tag.prefix(8) + [0x6A, 0x82])
        }

        func verdict(_ transcript: ChipAuthenticationTranscript) throws -> Verdict {
            var trust = TrustStore()
            try trust.add(Certificate(der: ForgedState.shared().pki.countrySigner.certificate))
            let proofs = ChipProofs(chipAuthentication: .answered(transcript), opening: .pace)
            return CardVerifier(trust: trust).verify(Evidence(image: image, proofs: proofs, date: ForgedState.date))
        }
    }

    @Test(
        "a chip with the signed key proves it in every group, with every cipher, however DG14 writes it",
        arguments: kinds)
    func proven(_ kind: Kind) throws {
        let chip = try Chip(kind)
        let verdict = try chip.verdict(chip.transcript())
        #expect(verdict.check(.chipAuthentication)?.result == .passed, "\(verdict.failures)")
        let other = try chip.transcript(chip.group.randomExponent())
        try chip.verdict(other).expectRefusal(by: .chipAuthentication, .wrongProof)
    }

    @Test("an answer under another counter, of another run, or with a reader's key of no use is refused")
    func forged() throws {
        let chip = try Chip(Kind(parameterID: 0, cipher: .aes128))
        let recorded = try chip.transcript()
        let fresh = try chip.transcript()
        func with(terminalKey: [UInt8], response: [UInt8]) -> ChipAuthenticationTranscript {
            ChipAuthenticationTranscript(
                protocolOID: fresh.protocolOID, keyID: nil, chipPublicKey: fresh.chipPublicKey,
                terminalPrivateKey: terminalKey, command: fresh.command, response: response)
        }
        let forgeries = [
            try chip.transcript(counter: 1), try chip.transcript(counter: 4),
            with(terminalKey: fresh.terminalPrivateKey, response: recorded.response),
        ]
        for forgery in forgeries {
            try chip.verdict(forgery).expectRefusal(by: .chipAuthentication, .wrongProof)
        }
        for key in [[], [0], [UInt8](repeating: 0, count: 20)] {
            let verdict = try chip.verdict(with(terminalKey: key, response: recorded.response))
            #expect(verdict.check(.chipAuthentication)?.result != .passed, "\(key)")
        }
    }

    @Test("a key that does not stand in DG14 proves nothing")
    func foreignKey() throws {
        let chip = try Chip(Kind(parameterID: 0, cipher: .aes128))
        let clone = try Chip(Kind(parameterID: 0, cipher: .aes128))
        try chip.verdict(clone.transcript()).expectRefusal(by: .chipAuthentication, .keyNotSigned)
    }
}
