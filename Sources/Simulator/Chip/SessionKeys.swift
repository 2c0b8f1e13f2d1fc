import Crypto

/// Key derivation on the chip's side (Doc 9303-11, 9.7.1).
enum ChipKeyDerivation {
    /// The counters of 9.7.2 to 9.7.4.
    enum Purpose: UInt8 {
        case encryption = 1
        case authentication = 2
        case password = 3
    }

    /// KDF(K, c), as long as `cipher` needs it; DES keys with odd parity, as the worked examples print them.
    static func key(_ secret: [UInt8], _ purpose: Purpose, for cipher: CipherAlgorithm) throws(CryptoError)
        -> SecretBytes
    {
        let digest: DigestAlgorithm =
            switch cipher {
            case .tripleDES, .aes128: .sha1
            case .aes192, .aes256: .sha256
            }
        let hash = try Digest.hash(secret + [0, 0, 0, purpose.rawValue], with: digest)
        let key = hash.prefix(cipher.keyByteCount)
        guard cipher == .tripleDES else { return SecretBytes(Array(key)) }
        return SecretBytes(key.map { $0 & 0xFE | ($0 & 0xFE).nonzeroBitCount.isMultiple(of: 2).byte })
    }
}

/// The keys of a session (Doc 9303-11, 9.7.4) and the two operations made with them (9.8.6, 9.8.7).
struct SessionKeys: Sendable {
    let algorithm: CipherAlgorithm
    private let encryption: BlockCipher
    private let authentication: SecretBytes

    /// - Parameter secret: The shared secret K.
    init(secret: [UInt8], cipher: CipherAlgorithm) throws(CryptoError) {
        algorithm = cipher
        encryption = try BlockCipher(cipher, key: ChipKeyDerivation.key(secret, .encryption, for: cipher))
        authentication = try ChipKeyDerivation.key(secret, .authentication, for: cipher)
    }

    /// Encrypts after padding.
    func encrypt(_ data: [UInt8], counter: [UInt8]) throws(CryptoError) -> [UInt8] {
        try encryptBlocks(Padding.added(to: data, block: algorithm.blockByteCount), counter: counter)
    }

    /// Encrypts whole blocks.
    func encryptBlocks(_ data: [UInt8], counter: [UInt8]) throws(CryptoError) -> [UInt8] {
        try encryption.encryptCBC(data, iv: iv(counter))
    }

    /// Decrypts and takes the padding off; nil when the bytes are no whole blocks or the padding is wrong.
    func decrypt(_ data: [UInt8], counter: [UInt8]) throws(CryptoError) -> [UInt8]? {
        guard !data.isEmpty, data.count.isMultiple(of: algorithm.blockByteCount) else { return nil }
        return Padding.removed(from: try encryption.decryptCBC(data, iv: iv(counter)))
    }

    /// A_IC: the data of chip authentication mapping, encrypted with −1 encrypted for its vector (4.4.3.5.1).
    func encryptChipAuthenticationData(_ data: [UInt8]) throws(CryptoError) -> [UInt8] {
        let block = algorithm.blockByteCount
        let vector = try encryption.encryptBlock([UInt8](repeating: 0xFF, count: block))
        return try encryption.encryptCBC(Padding.added(to: data, block: block), iv: vector)
    }

    /// The eight bytes of the authentication code over `message`, which is padded here where the algorithm needs it.
    ///
    /// Secure messaging pads before the code is made, whatever the algorithm; a token of PACE is padded for DES alone.
    func authenticationCode(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch algorithm {
        case .tripleDES: try RetailMAC.tag(key: authentication, message: Padding.added(to: message, block: 8))
        case .aes128, .aes192, .aes256: Array(try AESCMAC.tag(key: authentication, message: message).prefix(8))
        }
    }

    /// The code over a message of secure messaging: counter first, padded.
    func authenticationCode(_ message: [UInt8], counter: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch algorithm {
        case .tripleDES: try authenticationCode(counter + message)
        case .aes128, .aes192, .aes256:
            try authenticationCode(Padding.added(to: counter + message, block: algorithm.blockByteCount))
        }
    }

    private func iv(_ counter: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch algorithm {
        case .tripleDES: [UInt8](repeating: 0, count: 8)
        case .aes128, .aes192, .aes256: try encryption.encryptBlock(counter)
        }
    }
}

/// ISO/IEC 9797-1 padding method 2.
enum Padding {
    /// 80, then zeros up to whole blocks.
    static func added(to data: [UInt8], block: Int) -> [UInt8] {
        data + [0x80] + [UInt8](repeating: 0, count: block - 1 - data.count % block)
    }

    /// What stands before the 80; nil when there is none.
    static func removed(from data: [UInt8]) -> [UInt8]? {
        guard let last = data.lastIndex(where: { $0 != 0 }), data[last] == 0x80 else { return nil }
        return Array(data[..<last])
    }
}

extension Bool {
    fileprivate var byte: UInt8 { self ? 1 : 0 }
}
