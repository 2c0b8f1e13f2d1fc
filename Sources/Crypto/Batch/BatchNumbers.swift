import COpenSSL

/// OpenSSL's numbers and their temporary memory, allocated once and used by one thread over and over.
///
/// Everything that goes through here is public: signatures, hashes, public keys.
@safe final class NumberPool {
    /// OpenSSL's temporary numbers.
    let context: OpaquePointer
    private let numbers: UnsafeMutablePointer<OpaquePointer>
    let count: Int

    init(count: Int) throws(CryptoError) {
        guard let context = unsafe BN_CTX_new() else { throw .fromQueue("BN_CTX_new") }
        let numbers = UnsafeMutablePointer<OpaquePointer>.allocate(capacity: count)
        var made = 0
        while made < count, let number = unsafe BN_new() {
            unsafe numbers.advanced(by: made).initialize(to: number)
            made += 1
        }
        unsafe self.context = context
        unsafe self.numbers = unsafe numbers
        self.count = made
        guard made == count else { throw .fromQueue("BN_new") }
    }

    deinit {
        for index in 0..<count { unsafe BN_free(numbers[index]) }
        unsafe numbers.deallocate()
        unsafe BN_CTX_free(context)
    }

    subscript(index: Int) -> OpaquePointer {
        precondition(index >= 0 && index < count, "a number of the pool")
        return unsafe numbers[index]
    }
}

/// Multiplication modulo an odd number in Montgomery's form. Immutable after it is made.
@safe final class MontgomeryModulus: @unchecked Sendable {
    /// The modulus.
    let modulus: OpaquePointer
    /// R² modulo it: multiplying by it brings a number into Montgomery's form.
    let rSquared: OpaquePointer
    /// R³ modulo it.
    let rCubed: OpaquePointer
    private let montgomery: OpaquePointer

    init(_ modulus: OpaquePointer) throws(CryptoError) {
        let copy = unsafe BN_dup(modulus)
        let montgomery = unsafe BN_MONT_CTX_new()
        let rSquared = unsafe BN_new()
        let rCubed = unsafe BN_new()
        let context = unsafe BN_CTX_new()
        defer { unsafe BN_CTX_free(context) }
        // BN_to_montgomery multiplies by R: of 1 it makes R, of R it makes R², and so on.
        guard let copy = unsafe copy, let montgomery = unsafe montgomery, let rSquared = unsafe rSquared,
            let rCubed = unsafe rCubed, let context = unsafe context,
            unsafe BN_MONT_CTX_set(montgomery, copy, context) == 1,
            unsafe BN_to_montgomery(rSquared, BN_value_one(), montgomery, context) == 1,
            unsafe BN_to_montgomery(rSquared, rSquared, montgomery, context) == 1,
            unsafe BN_to_montgomery(rCubed, rSquared, montgomery, context) == 1
        else {
            unsafe BN_free(copy)
            unsafe BN_MONT_CTX_free(montgomery)
            unsafe BN_free(rSquared)
            unsafe BN_free(rCubed)
            throw .fromQueue("BN_MONT_CTX_set")
        }
        unsafe self.modulus = copy
        unsafe self.montgomery = montgomery
        unsafe self.rSquared = rSquared
        unsafe self.rCubed = rCubed
    }

    deinit {
        unsafe BN_free(modulus)
        unsafe BN_free(rSquared)
        unsafe BN_free(rCubed)
        unsafe BN_MONT_CTX_free(montgomery)
    }

    /// result = a · b / R. Both factors are below the modulus.
    @inline(__always)
    func multiply(_ result: OpaquePointer, _ a: OpaquePointer, _ b: OpaquePointer, _ context: OpaquePointer) -> Bool {
        unsafe BN_mod_mul_montgomery(result, a, b, montgomery, context) == 1
    }
}
