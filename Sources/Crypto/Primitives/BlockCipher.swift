import COpenSSL

/// The block ciphers of Doc 9303-11, 4.4.2 and 9.8.
public enum CipherAlgorithm: String, CaseIterable, Sendable {
    /// Triple DES with two keys (ISO/IEC 18033-3).
    case tripleDES = "3DES"
    /// AES with a key of 128 bits (FIPS 197).
    case aes128 = "AES-128"
    /// AES with a key of 192 bits.
    case aes192 = "AES-192"
    /// AES with a key of 256 bits.
    case aes256 = "AES-256"

    /// Length of the key in bytes; for 3DES that of the two-key form that ICAO uses.
    public var keyByteCount: Int {
        switch self {
        case .tripleDES, .aes128: 16
        case .aes192: 24
        case .aes256: 32
        }
    }

    /// Length of a block in bytes.
    public var blockByteCount: Int { self == .tripleDES ? 8 : 16 }
}

/// A block cipher with its key. Adds no padding: data is whole blocks.
public struct BlockCipher: Sendable {
    /// The cipher.
    public let algorithm: CipherAlgorithm
    private let key: SecretBytes

    /// - Throws: `CryptoError.invalidLength` when `key` has not the algorithm's length.
    public init(_ algorithm: CipherAlgorithm, key: SecretBytes) throws(CryptoError) {
        guard key.count == algorithm.keyByteCount else {
            throw .invalidLength("a key of \(key.count) bytes for \(algorithm.rawValue)")
        }
        self.algorithm = algorithm
        self.key = key
    }

    /// `data` encrypted in CBC mode (ISO/IEC 10116). `data` is whole blocks, `iv` one block.
    public func encryptCBC(_ data: [UInt8], iv: [UInt8]) throws(CryptoError) -> [UInt8] {
        try run(data, iv: iv, encrypting: true, mode: cbc)
    }

    /// `data` decrypted in CBC mode (ISO/IEC 10116). `data` is whole blocks, `iv` one block.
    public func decryptCBC(_ data: [UInt8], iv: [UInt8]) throws(CryptoError) -> [UInt8] {
        try run(data, iv: iv, encrypting: false, mode: cbc)
    }

    /// `data` decrypted in CBC mode, where it is a secret. `data` is whole blocks, `iv` one block.
    public func decryptSecretCBC(_ data: [UInt8], iv: [UInt8]) throws(CryptoError) -> SecretBytes {
        var plain = try decryptCBC(data, iv: iv)
        defer { wipe(&plain) }
        return SecretBytes(plain)
    }

    /// One block encrypted by the bare cipher.
    public func encryptBlock(_ block: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard block.count == algorithm.blockByteCount else { throw .invalidLength("a block of \(block.count) bytes") }
        return try run(block, iv: [UInt8](repeating: 0, count: block.count), encrypting: true, mode: cbc)
    }

    private var cbc: String {
        switch algorithm {
        case .tripleDES: "DES-EDE-CBC"
        case .aes128: "AES-128-CBC"
        case .aes192: "AES-192-CBC"
        case .aes256: "AES-256-CBC"
        }
    }

    private func run(_ data: [UInt8], iv: [UInt8], encrypting: Bool, mode: String) throws(CryptoError) -> [UInt8] {
        guard data.count.isMultiple(of: algorithm.blockByteCount), data.count <= 1 << 24 else {
            throw .invalidLength("\(data.count) bytes are not whole blocks of \(algorithm.rawValue)")
        }
        guard iv.count == algorithm.blockByteCount else {
            throw .invalidLength("an initialisation vector of \(iv.count) bytes")
        }
        return try unsafe key.withPointer { (key, _) throws(CryptoError) in
            try unsafe Self.runCipher(mode, key: key, iv: iv, data: data, encrypting: encrypting)
        }
    }

    static func runCipher(
        _ name: String, key: UnsafePointer<UInt8>?, iv: [UInt8], data: [UInt8], encrypting: Bool
    ) throws(CryptoError) -> [UInt8] {
        guard let context = unsafe EVP_CIPHER_CTX_new(), let cipher = unsafe FetchedCiphers.shared[name] else {
            throw .unsupported(name)
        }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        guard unsafe EVP_CipherInit_ex2(context, cipher, key, iv, encrypting ? 1 : 0, nil) == 1,
            unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1
        else { throw .fromQueue(name) }
        var output = [UInt8](repeating: 0, count: data.count)
        var written: Int32 = 0
        guard unsafe EVP_CipherUpdate(context, &output, &written, data, Int32(data.count)) == 1,
            Int(written) == data.count
        else { throw .fromQueue(name) }
        return output
    }
}

/// OpenSSL's ciphers by name, fetched once for the process.
@unsafe struct FetchedCiphers: @unchecked Sendable {
    static let shared = unsafe FetchedCiphers()

    private let ciphers: [String: OpaquePointer]

    private init() {
        var ciphers: [String: OpaquePointer] = unsafe [:]
        for name in ["DES-EDE-CBC", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC"] {
            if let cipher = unsafe EVP_CIPHER_fetch(nil, name, nil) { unsafe ciphers[name] = cipher }
        }
        unsafe self.ciphers = ciphers
    }

    subscript(name: String) -> OpaquePointer? { unsafe ciphers[name] }
}
