import COpenSSL

/// Arithmetic modulo an odd number, for the mappings of PACE (Doc 9303-11, 4.4.3.3) and Diffie-Hellman over integers.
///
/// Numbers are big-endian; results are as long as the modulus. Immutable, and safe to share between threads.
@safe public final class Modulus: Sendable {
    /// The modulus, without leading zeros.
    public let bytes: [UInt8]
    /// Bytes of a result.
    public var byteCount: Int { bytes.count }

    /// - Throws: `CryptoError.unsupported` for a modulus that is even, below 3, or above 8192 bits.
    public init(_ bytes: [UInt8]) throws(CryptoError) {
        let significant = Array(bytes.drop { $0 == 0 })
        guard let last = significant.last, last & 1 == 1, significant != [1], significant.count <= 1024 else {
            throw .unsupported("a modulus that is even, 1, or above 8192 bits")
        }
        self.bytes = significant
    }

    /// `a` modulo the modulus.
    public func reduce(_ a: [UInt8]) throws(CryptoError) -> [UInt8] {
        try unsafe compute(a) { (result, a, modulus, context) in unsafe BN_nnmod(result, a, modulus, context) }
    }

    /// a + b.
    public func add(_ a: [UInt8], _ b: [UInt8]) throws(CryptoError) -> [UInt8] {
        try unsafe compute(a, b) { (result, a, b, modulus, context) in unsafe BN_mod_add(result, a, b, modulus, context)
        }
    }

    /// a − b.
    public func subtract(_ a: [UInt8], _ b: [UInt8]) throws(CryptoError) -> [UInt8] {
        try unsafe compute(a, b) { (result, a, b, modulus, context) in unsafe BN_mod_sub(result, a, b, modulus, context)
        }
    }

    /// a · b.
    public func multiply(_ a: [UInt8], _ b: [UInt8]) throws(CryptoError) -> [UInt8] {
        try unsafe compute(a, b) { (result, a, b, modulus, context) in unsafe BN_mod_mul(result, a, b, modulus, context)
        }
    }

    /// The number that gives 1 when multiplied with `a`.
    ///
    /// - Throws: `CryptoError.failed` when there is none.
    public func inverse(_ a: [UInt8]) throws(CryptoError) -> [UInt8] {
        try unsafe compute(a) { (result, a, modulus, context) in
            unsafe BN_mod_inverse(result, a, modulus, context) == nil ? 0 : 1
        }
    }

    /// `base` to the power of a number that is no secret.
    public func power(_ base: [UInt8], _ exponent: [UInt8]) throws(CryptoError) -> [UInt8] {
        try unsafe compute(base, exponent) { (result, base, exponent, modulus, context) in
            unsafe BN_mod_exp(result, base, exponent, modulus, context)
        }
    }

    /// `base` to the power of a secret, in time that does not depend on it.
    public func power(_ base: [UInt8], secret exponent: SecretBytes) throws(CryptoError) -> [UInt8] {
        try secretPower(base, exponent).bytes
    }

    /// `base` to the power of a secret, in time that does not depend on it, where the result is a secret too.
    public func secretPower(_ base: [UInt8], _ exponent: SecretBytes) throws(CryptoError) -> SecretBytes {
        let result = try BigNumber()
        let base = try BigNumber(try reduce(base))
        let exponent = try BigNumber(secret: exponent)
        let modulus = try BigNumber(bytes)
        guard let context = unsafe BN_CTX_secure_new() else { throw .fromQueue("BN_CTX_new") }
        defer { unsafe BN_CTX_free(context) }
        let status = unsafe BN_mod_exp_mont_consttime(
            result.pointer, base.pointer, exponent.pointer, modulus.pointer, context, nil)
        guard status == 1 else { throw .fromQueue("modular exponentiation") }
        return try result.secretBytes(width: byteCount)
    }

    private typealias Pointer = OpaquePointer

    private func compute(
        _ a: [UInt8], _ body: (Pointer, Pointer, Pointer, Pointer) -> Int32
    ) throws(CryptoError) -> [UInt8] {
        let result = try BigNumber()
        let a = try BigNumber(a)
        let modulus = try BigNumber(bytes)
        guard let context = unsafe BN_CTX_new() else { throw .fromQueue("BN_CTX_new") }
        defer { unsafe BN_CTX_free(context) }
        guard unsafe body(result.pointer, a.pointer, modulus.pointer, context) == 1 else {
            throw .fromQueue("modular arithmetic")
        }
        return try result.bytes(width: byteCount)
    }

    private func compute(
        _ a: [UInt8], _ b: [UInt8], _ body: (Pointer, Pointer, Pointer, Pointer, Pointer) -> Int32
    ) throws(CryptoError) -> [UInt8] {
        let b = try BigNumber(b)
        return try unsafe compute(a) { (result, a, modulus, context) in
            unsafe body(result, a, b.pointer, modulus, context)
        }
    }
}
