import Crypto
import Document

/// The chip's side of PACE with generic mapping over an elliptic curve (Doc 9303-11, 4.4), one step at a time.
struct PACEExchange: Sendable {
    /// What the chip waits for.
    private enum Step: Sendable {
        case nonceRequest
        case mapping(nonce: SecretBytes)
        case keyAgreement(ECGroup)
        case token(Tokens)
    }

    /// The two authentication tokens and the channel that opens when the terminal's is right.
    private struct Tokens: Sendable {
        let terminal: [UInt8]
        let chip: [UInt8]
        let channel: SecureChannel
    }

    private let offer: PACEOffer
    private let password: SecretBytes
    private let group: ECGroup
    private let randomness: any ChipRandomness
    private var step = Step.nonceRequest

    /// - Parameters:
    ///   - offer: The way chosen by MSE:Set AT.
    ///   - password: f(π) of table 14: for the zone its SHA-1 hash, for a card access number its characters.
    init(_ offer: PACEOffer, password: [UInt8], randomness: any ChipRandomness) throws(ChipRefusal) {
        guard let curve = NamedCurve(standardizedDomainParameterID: offer.parameterID) else {
            throw ChipRefusal(status: .wrongData)
        }
        self.offer = offer
        self.randomness = randomness
        (group, self.password) = try refusing { () throws(CryptoError) in
            (try ECGroup(curve), try ChipKeyDerivation.key(password, .password, for: offer.cipher))
        }
    }

    /// Whether the next GENERAL AUTHENTICATE is the last of the chain.
    var isAtLastStep: Bool {
        if case .token = step { true } else { false }
    }

    /// Answers the dynamic authentication data of one GENERAL AUTHENTICATE; with the last answer, gives the channel.
    ///
    /// - Throws: `wrongData` for data that the step does not ask for or an unusable point, `authenticationFailed` for a
    ///   wrong token. The exchange is over then.
    mutating func answer(_ objects: DynamicAuthenticationData) throws(ChipRefusal) -> ([UInt8], SecureChannel?) {
        switch step {
        case .nonceRequest:
            guard objects.isEmpty else { throw ChipRefusal(status: .wrongData) }
            return (try encryptedNonce(), nil)
        case .mapping(let nonce):
            return (try mapping(try objects.only(0x81), nonce: nonce), nil)
        case .keyAgreement(let mapped):
            return (try keyAgreement(try objects.only(0x83), in: mapped), nil)
        case .token(let tokens):
            guard ConstantTime.areEqual(try objects.only(0x85), tokens.terminal) else {
                throw ChipRefusal(status: .authenticationFailed)
            }
            return (DynamicAuthenticationData.encoded(0x86, tokens.chip), tokens.channel)
        }
    }

    private mutating func encryptedNonce() throws(ChipRefusal) -> [UInt8] {
        let (nonce, cryptogram) = try refusing { () throws(CryptoError) in
            let nonce = try randomness.bytes(16)
            let zero = [UInt8](repeating: 0, count: offer.cipher.blockByteCount)
            return (nonce, try BlockCipher(offer.cipher, key: password).encryptCBC(nonce, iv: zero))
        }
        step = .mapping(nonce: SecretBytes(nonce))
        return DynamicAuthenticationData.encoded(0x80, cryptogram)
    }

    /// 4.4.3.3.1: Ĝ = s × G + H, where H comes from an anonymous key agreement.
    private mutating func mapping(_ terminalKey: [UInt8], nonce: SecretBytes) throws(ChipRefusal) -> [UInt8] {
        let terminalPoint = try point(terminalKey, of: group)
        let (publicKey, mapped) = try refusing { () throws(CryptoError) in
            let secret = try randomness.scalar(of: group)
            let shared = try group.multiply(terminalPoint, by: secret)
            let generator = try group.add(try group.multiplyGenerator(by: nonce), shared)
            return (try group.multiplyGenerator(by: secret), try group.withGenerator(generator))
        }
        step = .keyAgreement(mapped)
        return DynamicAuthenticationData.encoded(0x82, publicKey.encoded)
    }

    private mutating func keyAgreement(_ terminalKey: [UInt8], in mapped: ECGroup) throws(ChipRefusal) -> [UInt8] {
        let terminalPoint = try point(terminalKey, of: mapped)
        let (publicKey, tokens) = try refusing { () throws(CryptoError) in
            let secret = try randomness.scalar(of: mapped)
            let publicKey = try mapped.multiplyGenerator(by: secret)
            let keys = try SessionKeys(
                secret: try mapped.multiply(terminalPoint, by: secret).x, cipher: offer.cipher)
            return (
                publicKey,
                Tokens(
                    terminal: try keys.authenticationCode(publicKeyObject(publicKey)),
                    chip: try keys.authenticationCode(publicKeyObject(terminalPoint)),
                    channel: SecureChannel(keys: keys))
            )
        }
        guard publicKey != terminalPoint else { throw ChipRefusal(status: .wrongData) }
        step = .token(tokens)
        return DynamicAuthenticationData.encoded(0x84, publicKey.encoded)
    }

    /// 4.4.3.4: the public key data object with the protocol's identifier and the point, nothing else.
    private func publicKeyObject(_ point: ECPoint) -> [UInt8] {
        TLVEncoder.element(0x7F49, offer.identifier.encoded + TLVEncoder.element(0x86, point.encoded))
    }

    private func point(_ encoded: [UInt8], of group: ECGroup) throws(ChipRefusal) -> ECPoint {
        do throws(CryptoError) { return try group.point(encoded) } catch { throw ChipRefusal(status: .wrongData) }
    }
}
