import COpenSSL

/// An OpenSSL BIGNUM; cleared when freed, because most of those made here are private scalars.
@safe struct BigNumber: ~Copyable {
    let pointer: OpaquePointer

    /// The number whose big-endian bytes are given.
    init(_ bytes: [UInt8]) throws(CryptoError) {
        guard let number = unsafe BN_bin2bn(bytes, Int32(clamping: bytes.count), nil) else {
            throw .fromQueue("BN_bin2bn")
        }
        unsafe pointer = number
    }

    /// The number of a secret: arithmetic on it takes OpenSSL's constant-time paths.
    init(secret: SecretBytes) throws(CryptoError) {
        let number = try unsafe secret.withPointer { (bytes, count) throws(CryptoError) in
            unsafe BN_bin2bn(bytes, Int32(count), nil)
        }
        guard let number = unsafe number else { throw .fromQueue("BN_bin2bn") }
        unsafe BN_set_flags(number, BN_FLG_CONSTTIME)
        unsafe pointer = number
    }

    /// Zero.
    init() throws(CryptoError) {
        guard let number = unsafe BN_new() else { throw .fromQueue("BN_new") }
        unsafe pointer = number
    }

    /// Takes over a number that OpenSSL allocated for us.
    init(owning number: OpaquePointer) { unsafe pointer = number }

    deinit { unsafe BN_clear_free(pointer) }

    var bitCount: Int { Int(unsafe BN_num_bits(pointer)) }

    /// The big-endian bytes, padded on the left to `width`, where they are wiped.
    func secretBytes(width: Int) throws(CryptoError) -> SecretBytes {
        try unsafe SecretBytes(count: width) { (bytes) throws(CryptoError) in
            guard unsafe BN_bn2binpad(pointer, bytes, Int32(width)) == Int32(width) else {
                throw .fromQueue("BN_bn2binpad")
            }
        }
    }

    /// The big-endian bytes, padded on the left to `width`.
    func bytes(width: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width)
        guard unsafe BN_bn2binpad(pointer, &bytes, Int32(width)) == Int32(width) else {
            throw .fromQueue("BN_bn2binpad")
        }
        return bytes
    }
}
