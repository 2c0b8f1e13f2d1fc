import Crypto
import Document

/// The key derivation function of all of ICAO's protocols (Doc 9303-11, 9.7.1).
enum KeyDerivation {
    /// The counter c that tells the keys from one secret apart.
    enum Purpose: UInt8 {
        /// KDF_Enc.
        case encryption = 1
        /// KDF_MAC.
        case authentication = 2
        /// KDF_π: the key from a password (Doc 9303-11, 9.7.3).
        case password = 3
    }

    /// KDF(K, c): the first bytes of H(K ‖ c). The parity bits of DES keys are left as they come, which the standard
    /// allows.
    ///
    /// H is SHA-1 for keys of 16 bytes, SHA-256 for longer ones.
    static func key(
        from secret: SecretBytes, for purpose: Purpose, of cipher: CipherAlgorithm
    ) throws(CryptoError) -> SecretBytes {
        var digest = try Digest(cipher.keyByteCount <= 16 ? .sha1 : .sha256)
        try digest.update(secret)
        try digest.update([0, 0, 0, purpose.rawValue])
        return try digest.finishSecret().prefix(cipher.keyByteCount)
    }
}

/// KS_Enc and KS_MAC: the keys of a session (Doc 9303-11, 9.7.4).
struct SessionKeys: Sendable {
    let encryption: SecretBytes
    let authentication: SecretBytes

    /// Both keys from the shared secret K.
    init(from secret: SecretBytes, for cipher: CipherAlgorithm) throws(CryptoError) {
        encryption = try KeyDerivation.key(from: secret, for: .encryption, of: cipher)
        authentication = try KeyDerivation.key(from: secret, for: .authentication, of: cipher)
    }
}

extension SecureMessagingCipher {
    /// The block cipher in it.
    var algorithm: CipherAlgorithm {
        switch self {
        case .tripleDES: .tripleDES
        case .aes128: .aes128
        case .aes192: .aes192
        case .aes256: .aes256
        }
    }
}

extension CipherAlgorithm {
    /// The eight bytes of the retail MAC for 3DES, of CMAC for AES (Doc 9303-11, 9.8.6.2 and 9.8.7.2).
    ///
    /// - Parameter message: Whole blocks for 3DES; of any length for AES.
    func checksum(key: SecretBytes, message: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch self {
        case .tripleDES: try RetailMAC.tag(key: key, message: message)
        default: Array(try AESCMAC.tag(key: key, message: message).prefix(8))
        }
    }
}
