import Crypto
import Document

/// Chip authentication over elliptic curves (Doc 9303-11, 6.2): the chip shows by the session keys that it holds the
/// private key to the public one in DG14.
struct ChipAuthentication {
    let session: ChipSession
    let randomness: Randomness

    /// A variant and the key to run it with.
    struct Offer: Equatable {
        let protocolOID: ObjectIdentifier
        let cipher: SecureMessagingCipher
        let keyID: Int?
        let subjectPublicKeyInfo: [UInt8]
    }

    /// What a run came to.
    struct Outcome {
        let proof: ChipProof<ChipAuthenticationTranscript>
        /// Whether the session goes on: under the new keys, or under the old ones when the chip refused in order.
        let sessionGoesOn: Bool
    }

    /// `id-CA-ECDH-3DES-CBC-CBC`, which early chips mean when they have a key and name no variant (BSI TR-03110-1,
    /// A.1.1.2).
    private static let impliedProtocol = ObjectIdentifier([0, 4, 0, 127, 0, 7, 2, 2, 3, 2, 1])

    /// Runs what DG14 offers. The session must be protected, and the ICAO application selected.
    func run(_ infos: SecurityInfos) throws(CardReaderError) -> Outcome {
        guard !infos.chipAuthentication.isEmpty || !infos.chipAuthenticationPublicKeys.isEmpty else {
            return Outcome(proof: .notOffered, sessionGoesOn: true)
        }
        guard let offer = Self.offers(infos).first else {
            return Outcome(proof: .notSupported("no variant over elliptic curves with a key"), sessionGoesOn: true)
        }
        let chipPoint: ECPoint
        let group: ECGroup
        do throws(CryptoError) {
            let key = try PublicKey(subjectPublicKeyInfo: offer.subjectPublicKeyInfo)
            guard case .ec(let curve) = key.kind, let point = try key.ecPoint() else {
                return Outcome(
                    proof: .notSupported("the key in DG14 is none of an elliptic curve"), sessionGoesOn: true)
            }
            (chipPoint, group) = (point, try ECGroup(curve))
        } catch {
            return Outcome(proof: .notSupported("the key in DG14: \(error)"), sessionGoesOn: true)
        }
        return try run(offer, group: group, chipPoint: chipPoint)
    }

    /// The variants that can be run, each with its key; those with AES before those with 3DES.
    static func offers(_ infos: SecurityInfos) -> [Offer] {
        let keys = infos.chipAuthenticationPublicKeys.filter { $0.keyAgreement == .ecdh }
        var variants = infos.chipAuthentication.filter { $0.keyAgreement == .ecdh && $0.version == 1 }
            .map { (oid: $0.protocolOID, cipher: $0.cipher, keyID: $0.keyID) }
        if infos.chipAuthentication.isEmpty {
            variants = keys.map { (oid: impliedProtocol, cipher: .tripleDES, keyID: $0.keyID) }
        }
        let offers = variants.compactMap { variant -> Offer? in
            // A variant that names no key means the only one there is.
            let key =
                keys.first { $0.keyID == variant.keyID } ?? (variant.keyID == nil && keys.count == 1 ? keys[0] : nil)
            return key.map {
                Offer(
                    protocolOID: variant.oid, cipher: variant.cipher, keyID: $0.keyID,
                    subjectPublicKeyInfo: $0.subjectPublicKeyInfo)
            }
        }
        return offers.filter { $0.cipher != .tripleDES } + offers.filter { $0.cipher == .tripleDES }
    }

    private func run(_ offer: Offer, group: ECGroup, chipPoint: ECPoint) throws(CardReaderError) -> Outcome {
        let cipher = offer.cipher.algorithm
        let (scalar, point, keys) = try cryptography { () throws(CryptoError) in
            let scalar = try randomness.scalar(group)
            let secret = SecretBytes(try group.multiply(chipPoint, by: scalar).x)
            return (scalar, try group.multiplyGenerator(by: scalar), try SessionKeys(from: secret, for: cipher))
        }
        for (name, command) in commands(offer, point) {
            let answer: ResponseAPDU
            do throws(CardReaderError) {
                answer = try session.send(command)
            } catch {
                guard case .secureMessaging(.ended(let status)) = error else { throw error }
                return Outcome(proof: .refused(status: status.rawValue, command: name), sessionGoesOn: false)
            }
            guard answer.status == .success else {
                return Outcome(proof: .refused(status: answer.status.rawValue, command: name), sessionGoesOn: true)
            }
        }

        // The proof is the first answer under the new keys: the shortest there is.
        var messaging = SecureMessaging(cipher: cipher, keys: keys)
        let command = try messaging.protect(.select(.com))
        let answer = try session.exchange(command)
        let transcript = ChipAuthenticationTranscript(
            protocolOID: offer.protocolOID, keyID: offer.keyID, chipPublicKey: offer.subjectPublicKeyInfo,
            terminalPrivateKey: scalar.bytes, command: try command.encoded(),
            response: answer.data + answer.status.encoded)
        do throws(CardReaderError) {
            _ = try messaging.unprotect(answer)
            session.start(messaging)
            return Outcome(proof: .answered(transcript), sessionGoesOn: true)
        } catch {
            guard case .secureMessaging = error else { throw error }
            return Outcome(proof: .answered(transcript), sessionGoesOn: false)
        }
    }

    /// MSE:Set KAT for 3DES, MSE:Set AT and GENERAL AUTHENTICATE for AES (Doc 9303-11, 6.2.4).
    private func commands(_ offer: Offer, _ point: ECPoint) -> [(name: String, CommandAPDU)] {
        let reference = offer.keyID.map { TLVEncoder.element(0x84, Self.unsigned($0)) } ?? []
        guard offer.cipher != .tripleDES else {
            let data = TLVEncoder.element(0x91, point.encoded) + reference
            return [("MSE:Set KAT", CommandAPDU(instruction: 0x22, parameter1: 0x41, parameter2: 0xA6, data: data))]
        }
        let template = TLVEncoder.element(0x80, offer.protocolOID.content) + reference
        let key = TLVEncoder.element(0x7C, TLVEncoder.element(0x80, point.encoded))
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

    /// A number in the fewest bytes, at least one.
    private static func unsigned(_ number: Int) -> [UInt8] {
        let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        let significant = Array(bytes.drop { $0 == 0 })
        return significant.isEmpty ? [0] : significant
    }
}
