import COpenSSL

/// An RSA public key made ready for verifying many signatures by RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the public operation
/// without what EVP does around it. Immutable after it is made.
@safe final class RSAArithmetic: @unchecked Sendable {
    let modulus: MontgomeryModulus
    let byteCount: Int
    private let exponent: UInt64
    /// What Montgomery's multiplications leave behind when a power is made of a number that was not brought into his
    /// form: R to the power 1 − e. Bringing it there would cost as much as a multiplication.
    private let factor: OpaquePointer
    /// For each hash function, what EMSA-PKCS1-v1_5 makes of a hash of zeros, as a number and times `factor`: the hash
    /// times `factor` is added to it. Nil where the modulus is too short.
    private let encodings: [OpaquePointer?]

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
        let byteCount = Int((unsafe BN_num_bits(n) + 7) / 8)
        self.byteCount = byteCount
        guard let factor = unsafe Self.factor(modulus, e) else {
            CryptoError.drainedQueue()
            return nil
        }
        unsafe self.factor = factor
        unsafe encodings = unsafe DigestAlgorithm.allCases.map { digest in
            let info = Self.digestInfo(digest) + [UInt8](repeating: 0, count: digest.byteCount)
            guard byteCount >= info.count + 11 else { return nil }
            let padding = [UInt8](repeating: 0xFF, count: byteCount - info.count - 3)
            return unsafe Self.product([0x00, 0x01] + padding + [0x00] + info, factor, modulus)
        }
    }

    deinit {
        unsafe BN_free(factor)
        unsafe encodings.forEach { unsafe BN_free($0) }
    }

    private static func factor(_ modulus: MontgomeryModulus, _ e: OpaquePointer) -> OpaquePointer? {
        let (power, context) = unsafe (BN_dup(e), BN_CTX_new())
        defer {
            unsafe BN_free(power)
            unsafe BN_CTX_free(context)
        }
        // 1 · 1 / R, to the power e − 1.
        guard let context = unsafe context, unsafe BN_sub_word(power, 1) == 1,
            let factor = unsafe BN_dup(BN_value_one())
        else { return nil }
        guard unsafe modulus.multiply(factor, factor, factor, context),
            unsafe BN_mod_exp(factor, factor, power, modulus.modulus, context) == 1
        else {
            unsafe BN_free(factor)
            return nil
        }
        return unsafe factor
    }

    /// A number, given by its bytes, times another.
    private static func product(
        _ bytes: [UInt8], _ factor: OpaquePointer, _ modulus: MontgomeryModulus
    ) -> OpaquePointer? {
        guard let product = unsafe BN_bin2bn(bytes, Int32(bytes.count), nil) else { return nil }
        let context = unsafe BN_CTX_new()
        defer { unsafe BN_CTX_free(context) }
        guard unsafe BN_mod_mul(product, product, factor, modulus.modulus, context) == 1 else {
            unsafe BN_free(product)
            return nil
        }
        return unsafe product
    }

    /// Whether `signature` is the key's over a message with that hash. A refusal is to be asked of EVP.
    func isValid(
        _ signature: UnsafeBufferPointer<UInt8>, hash: UnsafePointer<UInt8>, _ digest: DigestAlgorithm,
        with work: RSAWork
    ) -> Bool {
        guard signature.count == byteCount, let encoding = unsafe encodings[digest.index],
            unsafe BN_bin2bn(signature.baseAddress, Int32(byteCount), work.signature) != nil,
            unsafe BN_cmp(work.signature, modulus.modulus) < 0
        else { return false }
        let (s, power, expected, context) = unsafe (work.signature, work.power, work.expected, work.context)
        // Square and multiply by the bits of the exponent below the highest.
        guard unsafe BN_copy(power, s) != nil else { return false }
        for bit in stride(from: 62 - exponent.leadingZeroBitCount, through: 0, by: -1) {
            guard unsafe modulus.multiply(power, power, power, context) else { return false }
            guard exponent >> UInt64(bit) & 1 == 1 else { continue }
            guard unsafe modulus.multiply(power, power, s, context) else { return false }
        }
        // EMSA-PKCS1-v1_5 (RFC 8017, 9.2), compared as numbers of the modulus's length: 00 01 FF … FF 00 ‖ DigestInfo.
        let n = unsafe modulus.modulus
        guard unsafe BN_bin2bn(hash, Int32(digest.byteCount), s) != nil,
            unsafe BN_mul(expected, s, factor, context) == 1,
            unsafe BN_div(nil, expected, expected, n, context) == 1,
            unsafe BN_mod_add_quick(expected, expected, encoding, n) == 1
        else { return false }
        return unsafe BN_cmp(power, expected) == 0
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
    private let numbers: NumberPool
    let context: OpaquePointer
    let signature: OpaquePointer
    let power: OpaquePointer
    let expected: OpaquePointer

    init() throws(CryptoError) {
        numbers = try NumberPool(count: 3)
        unsafe context = numbers.context
        unsafe signature = numbers[0]
        unsafe power = numbers[1]
        unsafe expected = numbers[2]
    }
}
