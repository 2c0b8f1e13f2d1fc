import COpenSSL

/// OpenSSL's random generator for values that are sent in the clear; secrets come from `SecretBytes(randomCount:)`.
public enum Random {
    /// `count` random bytes, at most 65 536.
    public static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        guard count >= 0, count <= 1 << 16 else { throw .invalidLength("\(count) random bytes") }
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else { throw .fromQueue("RAND_bytes") }
        return bytes
    }
}

/// Comparison whose time does not depend on where the values differ.
public enum ConstantTime {
    /// Whether both have the same length, which is not secret, and the same bytes.
    public static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return unsafe CRYPTO_memcmp(a, b, a.count) == 0
    }
}
