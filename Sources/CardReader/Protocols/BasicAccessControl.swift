import Crypto
import Document

/// Basic Access Control (Doc 9303-11, 4.3).
struct BasicAccessControl {
    let session: ChipSession
    let randomness: Randomness

    private static let nonceByteCount = 8
    private static let keyByteCount = 16
    private static let cryptogramByteCount = 32
    private static let zero = [UInt8](repeating: 0, count: 8)

    /// Opens the chip, in which the ICAO application must be selected, with the three fields of the machine readable
    /// zone.
    ///
    /// - Throws: `protocolViolation` when the chip's answer does not prove that it knows the key.
    func open(with fields: AccessFields) throws(CardReaderError) -> AccessOutcome {
        let challenge = try session.send(
            CommandAPDU(instruction: 0x84, parameter1: 0, parameter2: 0, expectedCount: Self.nonceByteCount))
        guard challenge.status == .success else { return .refused(challenge.status, step: "GET CHALLENGE") }
        let chipNonce = challenge.data
        guard chipNonce.count == Self.nonceByteCount else {
            throw .protocolViolation(step: "BAC", reason: "the challenge has \(chipNonce.count) bytes instead of 8")
        }

        var (keys, nonce, keyingMaterial, command) = try cryptography { () throws(CryptoError) in
            let keys = try Self.accessKeys(fields)
            let nonce = try randomness.bytes(Self.nonceByteCount)
            let keyingMaterial = try randomness.bytes(Self.keyByteCount)
            var plain = nonce + chipNonce + keyingMaterial
            defer { wipe(&plain) }
            let cryptogram = try BlockCipher(.tripleDES, key: keys.encryption).encryptCBC(plain, iv: Self.zero)
            return (keys, nonce, keyingMaterial, cryptogram + (try Self.checksum(cryptogram, keys)))
        }
        let answer = try session.send(
            CommandAPDU(
                instruction: 0x82, parameter1: 0, parameter2: 0, data: command, expectedCount: command.count))
        guard answer.status == .success else {
            return answer.status.meansUnknownCommand || answer.status == .wrongLength
                ? .refused(answer.status, step: "EXTERNAL AUTHENTICATE") : .wrongKey(answer.status)
        }
        guard answer.data.count == command.count else {
            throw .protocolViolation(
                step: "BAC", reason: "the chip's proof has \(answer.data.count) bytes instead of 40")
        }

        let cryptogram = Array(answer.data.prefix(Self.cryptogramByteCount))
        let checksum = try cryptography { () throws(CryptoError) in try Self.checksum(cryptogram, keys) }
        guard ConstantTime.areEqual(checksum, Array(answer.data.suffix(8))) else {
            throw .protocolViolation(step: "BAC", reason: "the checksum of the chip's proof is wrong")
        }
        var proof = try cryptography { () throws(CryptoError) in
            try BlockCipher(.tripleDES, key: keys.encryption).decryptCBC(cryptogram, iv: Self.zero)
        }
        guard ConstantTime.areEqual(Array(proof.prefix(16)), chipNonce + nonce) else {
            throw .protocolViolation(step: "BAC", reason: "the chip's proof is not over the challenges of this session")
        }
        var seed = zip(keyingMaterial, proof.suffix(Self.keyByteCount)).map { $0 ^ $1 }
        let secret = SecretBytes(seed)
        wipe(&seed)
        wipe(&proof)
        wipe(&keyingMaterial)
        let messaging = SecureMessaging(
            cipher: .tripleDES,
            keys: try cryptography { () throws(CryptoError) in try SessionKeys(from: secret, for: .tripleDES) },
            sendSequenceCounter: Array(chipNonce.suffix(4) + nonce.suffix(4)))
        // The document number with its check digit, as the MRZ has them.
        let number = fields.mrzInformation.utf8.prefix(max(fields.documentNumber.utf8.count, 9) + 1)
        return .opened(OpenedChip(messaging: messaging, chipIdentifier: Array(number)))
    }

    /// K_Enc and K_MAC: from the first 16 bytes of SHA-1 over the MRZ information (Doc 9303-11, 4.3.2 and 9.7.2).
    static func accessKeys(_ fields: AccessFields) throws(CryptoError) -> SessionKeys {
        try SessionKeys(from: fields.paceSecret().prefix(keyByteCount), for: .tripleDES)
    }

    private static func checksum(_ cryptogram: [UInt8], _ keys: SessionKeys) throws(CryptoError) -> [UInt8] {
        try CipherAlgorithm.tripleDES.checksum(
            key: keys.authentication, message: BlockPadding.pad(cryptogram, to: 8))
    }
}
