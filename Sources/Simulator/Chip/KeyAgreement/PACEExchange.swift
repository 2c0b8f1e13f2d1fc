import Crypto
import Document

/// What the chip brings to PACE.
struct PACESecrets: Sendable {
    /// f(π) of table 14: for the zone its SHA-1 hash, for a card access number its characters.
    let password: [UInt8]
    /// The static key of chip authentication mapping, on the curve of the offer; nil without one.
    var mappingKey: ChipAuthenticationKey?
    /// The references of the keys that terminals' certificates are accepted from, the current one first.
    var certificationAuthorities: [[UInt8]] = []
}

/// What a finished PACE leaves for the protocols that follow.
struct PACEResult: Sendable {
    let channel: SecureChannel
    /// Comp() of both ephemeral public keys.
    let chipIdentifier: [UInt8]
    let terminalIdentifier: [UInt8]
}

/// The chip's side of PACE (Doc 9303-11, 4.4), one step at a time.
struct PACEExchange: Sendable {
    /// What the chip waits for.
    private enum Step: Sendable {
        case nonceRequest
        case mapping(nonce: SecretBytes)
        case keyAgreement(ChipGroup)
        case token(Tokens)
    }

    /// The terminal's authentication token, the chip's answer to it, and what opens when the terminal's is right.
    private struct Tokens: Sendable {
        let terminal: [UInt8]
        let answer: [UInt8]
        let result: PACEResult
    }

    private let offer: PACEOffer
    private let secrets: PACESecrets
    private let passwordKey: SecretBytes
    private let group: ChipGroup
    private let randomness: any ChipRandomness
    private let badKey: BadPublicKey?
    private var step = Step.nonceRequest
    /// SK_Map,IC, from which chip authentication mapping computes its proof.
    private var mappingSecret: SecretBytes?

    /// - Parameters:
    ///   - offer: The way chosen by MSE:Set AT.
    ///   - secrets: The password and the static key.
    ///   - badKey: What the chip sends in the place of its public keys; nil for a chip that is in order.
    init(
        _ offer: PACEOffer, secrets: PACESecrets, randomness: any ChipRandomness, badKey: BadPublicKey? = nil
    ) throws(ChipRefusal) {
        guard offer.isDefined, offer.mapping != .chipAuthentication || secrets.mappingKey != nil else {
            throw ChipRefusal(status: .wrongData)
        }
        self.offer = offer
        self.secrets = secrets
        self.randomness = randomness
        self.badKey = badKey
        (group, passwordKey) = try refusing { () throws(CryptoError) in
            (
                try ChipGroup(standardizedDomainParameterID: offer.parameterID),
                try ChipKeyDerivation.key(secrets.password, .password, for: offer.cipher)
            )
        }
    }

    /// Whether the exchange proves the chip.
    var isChipAuthentication: Bool { offer.mapping == .chipAuthentication }

    /// Whether the next GENERAL AUTHENTICATE is the last of the chain.
    var isAtLastStep: Bool {
        if case .token = step { true } else { false }
    }

    /// Answers the dynamic authentication data of one GENERAL AUTHENTICATE; with the last answer, gives the result.
    ///
    /// - Throws: `wrongData` for data that the step does not ask for or an unusable public key, `authenticationFailed` for
    ///   a wrong token. The exchange is over then.
    mutating func answer(_ objects: DynamicAuthenticationData) throws(ChipRefusal) -> ([UInt8], PACEResult?) {
        switch step {
        case .nonceRequest:
            guard objects.isEmpty else { throw ChipRefusal(status: .wrongData) }
            return (try encryptedNonce(), nil)
        case .mapping(let nonce):
            let data = try objects.only(0x81)
            return (try offer.mapping == .integrated ? integrated(data, nonce) : generic(data, nonce), nil)
        case .keyAgreement(let mapped):
            return (try keyAgreement(try objects.only(0x83), in: mapped), nil)
        case .token(let tokens):
            guard ConstantTime.areEqual(try objects.only(0x85), tokens.terminal) else {
                throw ChipRefusal(status: .authenticationFailed)
            }
            return (tokens.answer, tokens.result)
        }
    }

    private mutating func encryptedNonce() throws(ChipRefusal) -> [UInt8] {
        let count = offer.mapping == .integrated ? PseudoRandomFunction.chipNonceByteCount(offer.cipher) : 16
        let (nonce, cryptogram) = try refusing { () throws(CryptoError) in
            let nonce = try randomness.bytes(count)
            let zero = [UInt8](repeating: 0, count: offer.cipher.blockByteCount)
            return (nonce, try BlockCipher(offer.cipher, key: passwordKey).encryptCBC(nonce, iv: zero))
        }
        step = .mapping(nonce: SecretBytes(nonce))
        return DynamicAuthenticationData.encoded(0x80, cryptogram)
    }

    /// Generic and chip authentication mapping (4.4.3.3.1, 4.4.3.3.3): H comes from an anonymous key agreement.
    private mutating func generic(_ terminalKey: [UInt8], _ nonce: SecretBytes) throws(ChipRefusal) -> [UInt8] {
        let (pair, mapped) = try refusing { () throws(CryptoError) in
            let theirs = try group.accepted(terminalKey)
            let pair = try group.keyPair(randomness)
            return (pair, try group.mapped(by: nonce, pair.secret, theirs))
        }
        step = .keyAgreement(mapped)
        mappingSecret = pair.secret
        let sent = badKey?.key(instead: pair.publicKey, of: group, terminalKey: terminalKey, inMapping: true)
        return DynamicAuthenticationData.encoded(0x82, sent ?? pair.publicKey)
    }

    /// Integrated mapping: the terminal sends its nonce, and gets an empty object (4.4.5.2).
    private mutating func integrated(_ terminalNonce: [UInt8], _ nonce: SecretBytes) throws(ChipRefusal) -> [UInt8] {
        guard terminalNonce.count == PseudoRandomFunction(offer.cipher).terminalNonceByteCount else {
            throw ChipRefusal(status: .wrongData)
        }
        let mapped = try refusing { () throws(CryptoError) in
            try group.mapped(by: nonce.bytes, terminalNonce: terminalNonce, cipher: offer.cipher)
        }
        step = .keyAgreement(mapped)
        return DynamicAuthenticationData.encoded(0x82, [])
    }

    private mutating func keyAgreement(_ terminalKey: [UInt8], in mapped: ChipGroup) throws(ChipRefusal) -> [UInt8] {
        let (pair, theirs, tokens) = try refusing { () throws(CryptoError) in
            let theirs = try mapped.accepted(terminalKey)
            let pair = try mapped.keyPair(randomness)
            return (pair, theirs, try self.tokens(pair, theirs, in: mapped))
        }
        guard pair.publicKey != theirs else { throw ChipRefusal(status: .wrongData) }
        step = .token(tokens)
        let sent = badKey?.key(instead: pair.publicKey, of: mapped, terminalKey: terminalKey, inMapping: false)
        return DynamicAuthenticationData.encoded(0x84, sent ?? pair.publicKey)
    }

    private func tokens(
        _ pair: ChipGroup.KeyPair, _ theirs: [UInt8], in mapped: ChipGroup
    ) throws(CryptoError) -> Tokens {
        let keys = try SessionKeys(secret: try mapped.agree(theirs, pair.secret), cipher: offer.cipher)
        func token(over publicKey: [UInt8]) throws(CryptoError) -> [UInt8] {
            // 4.4.3.4: the public key data object with the protocol's identifier and the key, nothing else.
            let object = offer.identifier.encoded + TLVEncoder.element(mapped.publicKeyTag, publicKey)
            return try keys.authenticationCode(TLVEncoder.element(0x7F49, object))
        }
        var answer = TLVEncoder.element(0x86, try token(over: theirs))
        for (index, reference) in secrets.certificationAuthorities.prefix(2).enumerated() {
            answer += TLVEncoder.element(index == 0 ? 0x87 : 0x88, reference)
        }
        if offer.mapping == .chipAuthentication, let data = try chipAuthenticationData(keys) {
            answer += TLVEncoder.element(0x8A, data)
        }
        return Tokens(
            terminal: try token(over: pair.publicKey), answer: TLVEncoder.element(0x7C, answer),
            result: PACEResult(
                channel: SecureChannel(keys: keys), chipIdentifier: try mapped.compressed(pair.publicKey),
                terminalIdentifier: try mapped.compressed(theirs)))
    }

    /// A_IC (4.4.3.5.1): CA_IC = SK_IC⁻¹ · SK_Map,IC modulo the order, encrypted under the session's key.
    private func chipAuthenticationData(_ keys: SessionKeys) throws(CryptoError) -> [UInt8]? {
        guard let mappingSecret, let mappingKey = secrets.mappingKey else { return nil }
        let proof = try mappingKey.mappingProof(over: mappingSecret)
        return try keys.encryptChipAuthenticationData(proof)
    }
}
