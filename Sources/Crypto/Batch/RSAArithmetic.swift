import COpenSSL

/// An RSA public key made ready for verifying many signatures by RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the public operation
/// without what EVP does around it. Immutable after it is made.
@safe final class RSAArithmetic: @unchecked Sendable {
    let modulus: MontgomeryModulus
    let byteCount: Int
    private let exponent: UInt64

    /// Nil for a key whose numbers cannot be had.
    init?(_ key: PublicKey) {
        var n: OpaquePointer?
        var e: OpaquePointer?
        defer {
            unsafe BN_free(n)
            unsafe BN_free(e)
        }
        guard unsafe EVP_PKEY_get_bn_param(key.pointer, "n", &n) == 1,
            unsafe EVP_PKEY_get_bn_param(key.pointer, "e", &e) == 1, let n = unsafe n, let e = unsafe e,
            unsafe BN_num_bits(e) <= 64, let modulus = try? unsafe MontgomeryModulus(n)
        else {
            CryptoError.drainedQueue()
            return nil
        }
        let exponent = UInt64(unsafe BN_get_word(e))
        guard exponent & 1 == 1, exponent > 1 else { return nil }
        self.modulus = modulus
        self.exponent = exponent
        byteCount = Int((unsafe BN_num_bits(n) + 7) / 8)
    }

    /// Whether `signature` is the key's over a message with that hash. A refusal is to be asked of EVP.
    func isValid(
        _ signature: UnsafeBufferPointer<UInt8>, hash: UnsafePointer<UInt8>, _ digest: DigestAlgorithm,
        with work: RSAWork
    ) -> Bool {
        let prefix = Self.digestInfo(digest)
        guard signature.count == byteCount, byteCount <= RSAWork.maximumByteCount,
            byteCount >= prefix.count + digest.byteCount + 11,
            unsafe BN_bin2bn(signature.baseAddress, Int32(byteCount), work.signature) != nil,
            unsafe BN_cmp(work.signature, modulus.modulus) < 0
        else { return false }
        let (s, power, context) = unsafe (work.signature, work.power, work.context)
        // s · R, then square and multiply by the bits of the exponent below the highest. The exponent is odd: its last
        // multiplication takes s itself, which brings the product out of Montgomery's form at the same time.
        guard unsafe modulus.multiply(work.base, s, modulus.rSquared, context),
            unsafe BN_copy(power, work.base) != nil
        else { return false }
        for bit in stride(from: 62 - exponent.leadingZeroBitCount, through: 0, by: -1) {
            guard unsafe modulus.multiply(power, power, power, context) else { return false }
            guard exponent >> UInt64(bit) & 1 == 1 else { continue }
            guard unsafe modulus.multiply(power, power, bit == 0 ? s : work.base, context) else { return false }
        }
        guard unsafe BN_bn2binpad(power, work.encoded, Int32(byteCount)) == Int32(byteCount) else { return false }
        return unsafe Self.isEncoded(
            UnsafeBufferPointer(start: work.encoded, count: byteCount), hash: hash, prefix, digest)
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017, 9.2), compared byte for byte: 00 01 FF … FF 00 ‖ DigestInfo.
    private static func isEncoded(
        _ encoded: UnsafeBufferPointer<UInt8>, hash: UnsafePointer<UInt8>, _ prefix: [UInt8], _ digest: DigestAlgorithm
    ) -> Bool {
        let hashStart = encoded.count - digest.byteCount
        let infoStart = hashStart - prefix.count
        var difference = unsafe encoded[0] | (encoded[1] ^ 0x01) | encoded[infoStart - 1]
        for index in 2..<infoStart - 1 { unsafe difference |= encoded[index] ^ 0xFF }
        for index in 0..<prefix.count { unsafe difference |= encoded[infoStart + index] ^ prefix[index] }
        for index in 0..<digest.byteCount { unsafe difference |= encoded[hashStart + index] ^ hash[index] }
        return difference == 0
    }

    /// What stands before the hash in a DigestInfo (RFC 8017, 9.2, note 1).
    private static func digestInfo(_ digest: DigestAlgorithm) -> [UInt8] {
        switch digest {
        case .sha1: sha1
        case .sha224: sha224
        case .sha256: sha256
        case .sha384: sha384
        case .sha512: sha512
        }
    }

    private static let sha1: [UInt8] = [
        0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14,
    ]
    private static let sha224 = sha2(0x04, byteCount: 28)
    private static let sha256 = sha2(0x01, byteCount: 32)
    private static let sha384 = sha2(0x02, byteCount: 48)
    private static let sha512 = sha2(0x03, byteCount: 64)

    private static func sha2(_ arc: UInt8, byteCount: UInt8) -> [UInt8] {
        [
            0x30, 0x11 + byteCount, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc, 0x05,
            0x00, 0x04, byteCount,
        ]
    }
}

/// The numbers that one thread's RSA verifications work in.
@safe final class RSAWork {
    /// RSA with 16 384 bits, twice what keys are allowed.
    static let maximumByteCount = 2048
    private let numbers: NumberPool
    let encoded: UnsafeMutablePointer<UInt8>
    let context: OpaquePointer
    let signature: OpaquePointer
    let base: OpaquePointer
    let power: OpaquePointer

    init() throws(CryptoError) {
        numbers = try NumberPool(count: 3)
        unsafe context = numbers.context
        unsafe signature = numbers[0]
        unsafe base = numbers[1]
        unsafe power = numbers[2]
        unsafe encoded = .allocate(capacity: Self.maximumByteCount)
    }

    deinit { unsafe encoded.deallocate() }
}
