import Crypto
import Document
import Simulator
import Testing
import Verifier

/// A chip's half of chip and active authentication, computed here from the standard, with every step free to be wrong.
struct ForgedChip {
    let state: ForgedState
    let chipKey: ChipAuthenticationKey?
    let activeKey: ActiveAuthenticationKey?

    init(chipKey: ChipAuthenticationKey? = nil, activeKey: ActiveAuthenticationKey? = nil) throws {
        (self.chipKey, self.activeKey) = (chipKey, activeKey)
        var personalisation = Personalisation(.demo)
        personalisation.dataGroups = activeKey == nil ? [1, 2, 13, 14] : [1, 2, 13, 14, 15]
        personalisation.chipAuthenticationKeys = chipKey.map { [$0] }
        personalisation.activeAuthentication = activeKey
        state = try ForgedState(try ForgedState.shared().pki, personalisation)
    }

    /// The verdict on `image`, by default the card's own files, with these proofs.
    func verdict(_ proofs: ChipProofs, image: CardImage? = nil) throws -> Verdict {
        var trust = TrustStore()
        try trust.add(Certificate(der: state.pki.countrySigner.certificate))
        return CardVerifier(trust: trust)
            .verify(Evidence(image: image ?? state.card.image, proofs: proofs, date: ForgedState.date))
    }

    // MARK: Chip authentication

    /// One run: what the reader chose, and how the chip answered.
    struct Run {
        var terminalKey: [UInt8]
        /// The chip's private key that was used.
        var privateKey: PrivateKey
        var cipher: CipherAlgorithm
        var counter: UInt8 = 2
        /// The objects before the checksum; DO'99' must repeat the status.
        var objects: [UInt8] = [0x99, 0x02, 0x90, 0x00]
        var status: [UInt8] = [0x90, 0x00]
        var checksum: ([UInt8]) -> [UInt8] = { [0x8E, 0x08] + $0 }
    }

    func run() throws -> Run {
        let key = try #require(chipKey)
        let scalar = try ECGroup(try #require(key.curve)).randomScalar().bytes
        return Run(terminalKey: scalar, privateKey: try #require(key.privateKey), cipher: key.cipher)
    }

    /// What the chip answers under the session keys (Doc 9303-11, 6.2.1 and 9.8).
    func response(_ run: Run) throws -> [UInt8] {
        let key = try #require(chipKey)
        let curve = try #require(key.curve)
        let group = try ECGroup(curve)
        let chipPoint = try group.multiplyGenerator(by: run.privateKey.ecScalar(on: curve))
        let secret = try group.multiply(chipPoint, by: SecretBytes(run.terminalKey)).x
        let digest: DigestAlgorithm = [.aes192, .aes256].contains(run.cipher) ? .sha256 : .sha1
        let count = [CipherAlgorithm.tripleDES: 16, .aes128: 16, .aes192: 24, .aes256: 32][run.cipher] ?? 0
        let mac = SecretBytes(Array(try Digest.hash(secret + [0, 0, 0, 2], with: digest).prefix(count)))
        let block = run.cipher == .tripleDES ? 8 : 16
        var message = [UInt8](repeating: 0, count: block - 1) + [run.counter] + run.objects + [0x80]
        while message.count % block != 0 { message.append(0) }
        let tag =
            run.cipher == .tripleDES
            ? try RetailMAC.tag(key: mac, message: message) : try AESCMAC.tag(key: mac, message: message)
        return run.objects + run.checksum(Array(tag.prefix(8))) + run.status
    }

    func proofs(_ run: Run, response: [UInt8]? = nil, publicKey: [UInt8]? = nil) throws -> ChipProofs {
        let file = try #require(state.card.image[.dg14])
        let infos = try DataGroup14(file.span).securityInfos
        let info = try #require(infos.chipAuthenticationPublicKeys.first)
        return ChipProofs(
            chipAuthentication: .answered(
                ChipAuthenticationTranscript(
                    protocolOID: try #require(infos.chipAuthentication.first).protocolOID, keyID: info.keyID,
                    chipPublicKey: publicKey ?? info.subjectPublicKeyInfo, terminalPrivateKey: run.terminalKey,
                    command: [0x0C, 0xB0, 0x9E, 0x00, 0x0D], response: try response ?? self.response(run))))
    }

    // MARK: Active authentication

    func proofs(challenge: [UInt8], signature: [UInt8]) -> ChipProofs {
        ChipProofs(
            activeAuthentication: .answered(
                ActiveAuthenticationTranscript(challenge: challenge, signature: signature)))
    }

    /// An ISO/IEC 9796-2 block, scheme 1, of `count` bytes.
    static func block(
        count: Int, challenge: [UInt8], digest: DigestAlgorithm, trailer: [UInt8], header: UInt8 = 0x6A,
        behind: [UInt8] = []
    ) throws -> [UInt8] {
        let recovered = try Random.bytes(count - 1 - digest.byteCount - trailer.count - behind.count)
        let hash = try Digest.hash(recovered + challenge, with: digest)
        return [header] + recovered + hash + behind + trailer
    }
}
