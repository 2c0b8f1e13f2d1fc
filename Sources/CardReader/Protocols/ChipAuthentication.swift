import Crypto
import Document

/// Chip authentication (Doc 9303-11, 6.2): the chip shows by the session keys that it holds the private key to the public
/// one in DG14.
struct ChipAuthentication {
    let session: ChipSession
    let randomness: Randomness

    /// A variant and the key to run it with.
    struct Offer: Equatable {
        let protocolOID: ObjectIdentifier
        let cipher: SecureMessagingCipher
        let key: ChipAuthenticationPublicKeyInfo
    }

    /// What a run came to.
    struct Outcome {
        let proof: ChipProof<ChipAuthenticationTranscript>
        /// Whether the session goes on: under the new keys, or under the old ones when the chip refused in order.
        let sessionGoesOn: Bool
        /// Comp() of the terminal's ephemeral public key, by which terminal authentication refers to it.
        var terminalIdentifier: [UInt8]?
    }

    /// `id-CA-DH-3DES-CBC-CBC` and `id-CA-ECDH-3DES-CBC-CBC`, which early chips mean when they have a key and
    /// name no variant (BSI TR-03110-1, A.1.1.2).
    private static func impliedProtocol(_ keyAgreement: KeyAgreement) -> ObjectIdentifier {
        ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 3, keyAgreement == .dh ? 1 : 2, 1])
    }

    /// Runs what DG14 offers. The session must be protected, and the ICAO application selected.
    func run(_ infos: SecurityInfos) throws(CardReaderError) -> Outcome {
        guard !infos.chipAuthentication.isEmpty || !infos.chipAuthenticationPublicKeys.isEmpty else {
            return Outcome(proof: .notOffered, sessionGoesOn: true)
        }
        let offers = Self.offers(infos)
        guard !offers.isEmpty else {
            return Outcome(proof: .notSupported("no variant with a key"), sessionGoesOn: true)
        }
        var reason = ""
        for offer in offers {
            let group: AgreementGroup
            let chipKey: [UInt8]
            do throws(CryptoError) { (group, chipKey) = try AgreementGroup.ofKey(offer.key) } catch {
                reason = "the key in DG14: \(error)"
                continue
            }
            guard !group.needsExtendedLength || session.channel.allowsExtendedLength else {
                reason = "the key in DG14 is too long for this reader"
                continue
            }
            return try run(offer, in: group, chipKey)
        }
        return Outcome(proof: .notSupported(reason), sessionGoesOn: true)
    }

    /// The variants that there are, each with its key: elliptic curves first, and AES before 3DES.
    static func offers(_ infos: SecurityInfos) -> [Offer] {
        let keys = infos.chipAuthenticationPublicKeys
        var variants = infos.chipAuthentication.filter { $0.version == 1 }
            .map { (oid: $0.protocolOID, agreement: $0.keyAgreement, cipher: $0.cipher, keyID: $0.keyID) }
        if infos.chipAuthentication.isEmpty {
            variants = keys.map { (impliedProtocol($0.keyAgreement), $0.keyAgreement, .tripleDES, $0.keyID) }
        }
        let offers = variants.compactMap { variant -> Offer? in
            let fitting = keys.filter { $0.keyAgreement == variant.agreement }
            // A variant that names no key means the only one there is.
            let key =
                fitting.first { $0.keyID == variant.keyID }
                ?? (variant.keyID == nil && fitting.count == 1 ? fitting.first : nil)
            return key.map { Offer(protocolOID: variant.oid, cipher: variant.cipher, key: $0) }
        }
        func rank(_ offer: Offer) -> Int {
            (offer.cipher == .tripleDES ? 2 : 0) + (offer.key.keyAgreement == .dh ? 1 : 0)
        }
        return (0...3).flatMap { level in offers.filter { rank($0) == level } }
    }

    private func run(
        _ offer: Offer, in group: AgreementGroup, _ chipKey: [UInt8]
    ) throws(CardReaderError) -> Outcome {
        let cipher = offer.cipher.algorithm
        let (pair, keys) = try cryptography { () throws(CryptoError) in
            let pair = try group.keyPair(randomness)
            let secret = try group.sharedSecret(pair.privateKey, with: chipKey)
            return (pair, try SessionKeys(from: secret, for: cipher))
        }
        if let refusal = try agree(offer, pair.publicKey) { return refusal }

        // The proof is the first answer under the new keys: the shortest there is, to a command that cannot fail, because
        // some chips answer failures without protection.
        var messaging = SecureMessaging(cipher: cipher, keys: keys)
        let command = try messaging.protect(.select(.dg14))
        let answer = try session.exchange(command)
        let transcript = ChipAuthenticationTranscript(
            protocolOID: offer.protocolOID, keyID: offer.key.keyID, chipPublicKey: offer.key.subjectPublicKeyInfo,
            terminalPrivateKey: pair.privateKey.bytes, command: try command.encoded(),
            response: answer.data + answer.status.encoded)
        do throws(CardReaderError) {
            _ = try messaging.unprotect(answer)
        } catch {
            guard case .secureMessaging = error else { throw error }
            return Outcome(proof: .answered(transcript), sessionGoesOn: false)
        }
        session.start(messaging)
        let identifier = try cryptography { () throws(CryptoError) in try group.compressed(pair.publicKey) }
        return Outcome(proof: .answered(transcript), sessionGoesOn: true, terminalIdentifier: identifier)
    }

    /// Sends the terminal's key; the outcome when the chip does not take it, nil when it does.
    private func agree(_ offer: Offer, _ publicKey: [UInt8]) throws(CardReaderError) -> Outcome? {
        var commands = commands(offer, publicKey)
        while !commands.isEmpty {
            let (name, command) = commands.removeFirst()
            let answer: ResponseAPDU
            do throws(CardReaderError) {
                answer = try session.send(command)
            } catch {
                guard case .secureMessaging(.ended(let status)) = error else { throw error }
                return Outcome(proof: .refused(status: status.rawValue, command: name), sessionGoesOn: false)
            }
            if answer.status.meansUnknownCommand, command.parameter2 == 0xA6 {
                // Chips that do 3DES and know MSE:Set AT alone have been issued (Doc 9303-11, 8.5, note 1).
                commands = generalAuthentication(offer, publicKey)
            } else if answer.status != .success {
                return Outcome(proof: .refused(status: answer.status.rawValue, command: name), sessionGoesOn: true)
            }
        }
        return nil
    }

    /// MSE:Set KAT for 3DES, MSE:Set AT and GENERAL AUTHENTICATE for AES (Doc 9303-11, 6.2.4).
    private func commands(_ offer: Offer, _ publicKey: [UInt8]) -> [(name: String, CommandAPDU)] {
        guard offer.cipher == .tripleDES else { return generalAuthentication(offer, publicKey) }
        let data = TLVEncoder.element(0x91, publicKey) + reference(to: offer.key)
        return [("MSE:Set KAT", CommandAPDU(instruction: 0x22, parameter1: 0x41, parameter2: 0xA6, data: data))]
    }

    private func generalAuthentication(_ offer: Offer, _ publicKey: [UInt8]) -> [(name: String, CommandAPDU)] {
        let template = TLVEncoder.element(0x80, offer.protocolOID.content) + reference(to: offer.key)
        let key = TLVEncoder.element(0x7C, TLVEncoder.element(0x80, publicKey))
        return [
            ("MSE:Set AT", CommandAPDU(instruction: 0x22, parameter1: 0x41, parameter2: 0xA4, data: template)),
            (
                "GENERAL AUTHENTICATE",
                CommandAPDU(
                    instruction: 0x86, parameter1: 0, parameter2: 0, data: key,
                    expectedCount: CommandAPDU.shortExpectedLimit)
            ),
        ]
    }

    private func reference(to key: ChipAuthenticationPublicKeyInfo) -> [UInt8] {
        key.keyID.map { TLVEncoder.element(0x84, Self.unsigned($0)) } ?? []
    }

    /// A number in the fewest bytes, at least one.
    private static func unsigned(_ number: Int) -> [UInt8] {
        let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        let significant = Array(bytes.drop { $0 == 0 })
        return significant.isEmpty ? [0] : significant
    }
}
