import Crypto

/// The chip's side of basic access control (Doc 9303-11, 4.3).
struct BasicAccessControl: Sendable {
    private let encryption: BlockCipher
    private let authentication: SecretBytes

    /// - Parameter mrzInformation: Document number, birth date and expiry date with their check digits.
    init(mrzInformation: String) throws(CryptoError) {
        let seed = Array(try Digest.hash(Array(mrzInformation.utf8), with: .sha1).prefix(16))
        encryption = try BlockCipher(.tripleDES, key: ChipKeyDerivation.key(seed, .encryption, for: .tripleDES))
        authentication = try ChipKeyDerivation.key(seed, .authentication, for: .tripleDES)
    }

    /// Answers EXTERNAL AUTHENTICATE: checks E.IFD ‖ M.IFD against the challenge and gives E.IC ‖ M.IC and the session.
    ///
    /// - Throws: `wrongLength`; `authenticationFailed` when the other side has other keys or another challenge.
    func answer(
        _ data: [UInt8], challenge: [UInt8], randomness: any ChipRandomness
    ) throws(ChipRefusal) -> (response: [UInt8], channel: SecureChannel) {
        guard data.count == 40, challenge.count == 8 else { throw ChipRefusal(status: .wrongLength) }
        let cryptogram = Array(data.prefix(32))
        let expected = try refusing { () throws(CryptoError) in try code(cryptogram) }
        guard ConstantTime.areEqual(expected, Array(data.suffix(8))) else {
            throw ChipRefusal(status: .authenticationFailed)
        }
        let zero = [UInt8](repeating: 0, count: 8)
        let plain = try refusing { () throws(CryptoError) in try encryption.decryptCBC(cryptogram, iv: zero) }
        let terminalNonce = Array(plain[0..<8])
        guard ConstantTime.areEqual(Array(plain[8..<16]), challenge) else {
            throw ChipRefusal(status: .authenticationFailed)
        }
        return try refusing { () throws(CryptoError) in
            let chipKey = try randomness.bytes(16)
            let answer = try encryption.encryptCBC(challenge + terminalNonce + chipKey, iv: zero)
            let seed = zip(plain[16..<32], chipKey).map { $0 ^ $1 }
            let channel = SecureChannel(
                keys: try SessionKeys(secret: seed, cipher: .tripleDES),
                counter: Array(challenge.suffix(4) + terminalNonce.suffix(4)))
            return (answer + (try code(answer)), channel)
        }
    }

    private func code(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        try RetailMAC.tag(key: authentication, message: Padding.added(to: message, block: 8))
    }
}
