import COpenSSL

/// ISO/IEC 9797-1 MAC algorithm 3 with DES ("retail MAC"), as Doc 9303-11, 9.8.6.1 uses it.
public enum RetailMAC {
    /// The eight bytes of the MAC.
    ///
    /// - Parameters:
    ///   - key: Two DES keys, 16 bytes.
    ///   - message: Already padded to whole blocks of eight bytes, at least one.
    /// - Throws: `CryptoError.invalidLength` when either is of another length.
    public static func tag(key: SecretBytes, message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard key.count == 16 else { throw .invalidLength("a retail MAC key of \(key.count) bytes") }
        guard !message.isEmpty, message.count.isMultiple(of: 8) else {
            throw .invalidLength("a retail MAC message of \(message.count) bytes")
        }
        // Single DES is in OpenSSL's legacy provider alone; two-key triple DES with equal keys is the same function.
        let first = key.prefix(8)
        let single = try BlockCipher(.tripleDES, key: SecretBytes(joining: [first, first]))
        let last = message.count - 8
        let zero = [UInt8](repeating: 0, count: 8)
        let chained = last == 0 ? zero : Array(try single.encryptCBC(Array(message[..<last]), iv: zero).suffix(8))
        return try BlockCipher(.tripleDES, key: key).encryptCBC(Array(message[last...]), iv: chained)
    }
}

/// AES-CMAC (NIST SP 800-38B).
public enum AESCMAC {
    /// The sixteen bytes of the MAC; ICAO's protocols take the first eight.
    ///
    /// - Parameters:
    ///   - key: 16, 24 or 32 bytes.
    ///   - message: What is authenticated.
    /// - Throws: `CryptoError.invalidLength` when the key is of another length.
    public static func tag(key: SecretBytes, message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard [16, 24, 32].contains(key.count) else { throw .invalidLength("an AES-CMAC key of \(key.count) bytes") }
        guard let algorithm = unsafe Self.algorithm, let context = unsafe EVP_MAC_CTX_new(algorithm) else {
            throw .unsupported("CMAC")
        }
        defer { unsafe EVP_MAC_CTX_free(context) }
        var cipher = Array("AES-\(key.count * 8)-CBC".utf8CString)
        let began = try unsafe key.withPointer { (key, count) throws(CryptoError) in
            unsafe cipher.withUnsafeMutableBufferPointer { name in
                let parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(CCCD_PARAM_CIPHER, name.baseAddress, 0),
                    OSSL_PARAM_construct_end(),
                ]
                return unsafe EVP_MAC_init(context, key, count, parameters)
            }
        }
        var tag = [UInt8](repeating: 0, count: 16)
        var count = 0
        guard began == 1, unsafe EVP_MAC_update(context, message, message.count) == 1,
            unsafe EVP_MAC_final(context, &tag, &count, tag.count) == 1, count == 16
        else { throw .fromQueue("CMAC") }
        return tag
    }

    @unsafe private static nonisolated(unsafe) let algorithm = unsafe EVP_MAC_fetch(nil, "CMAC", nil)
}

/// HMAC with SHA-256 (RFC 2104, FIPS 180-4).
public enum HMACSHA256 {
    /// The 32 bytes of the MAC.
    ///
    /// - Parameters:
    ///   - key: At least 16 bytes.
    ///   - message: What is authenticated.
    /// - Throws: `CryptoError.invalidLength` when the key is shorter.
    public static func tag(key: SecretBytes, message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard key.count >= 16 else { throw .invalidLength("an HMAC key of \(key.count) bytes") }
        var tag = [UInt8](repeating: 0, count: 32)
        var count = 0
        let isMade = try unsafe key.withPointer { (key, keyCount) throws(CryptoError) in
            unsafe EVP_Q_mac(
                nil, "HMAC", nil, "SHA256", nil, key, keyCount, message, message.count, &tag, tag.count, &count) != nil
        }
        guard isMade, count == 32 else { throw .fromQueue("HMAC") }
        return tag
    }
}
