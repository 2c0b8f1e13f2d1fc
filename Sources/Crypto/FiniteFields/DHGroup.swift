import COpenSSL

/// A subgroup of prime order of the integers modulo a prime, for Diffie-Hellman (RFC 2631, RFC 5114).
public final class DHGroup: Sendable {
    /// The prime p.
    public let prime: Modulus
    /// The generator g, as long as p.
    public let generator: [UInt8]
    /// The prime order q of the generator.
    public let order: Modulus

    /// The group of a standardised domain parameter identifier (Doc 9303-11, 9.5.1): 0, 1 or 2, of RFC 5114.
    ///
    /// - Throws: `CryptoError.unsupported` for another identifier.
    public convenience init(standardizedDomainParameterID id: Int) throws(CryptoError) {
        let names = ["dh_1024_160", "dh_2048_224", "dh_2048_256"]
        guard names.indices.contains(id) else { throw .unsupported("the domain parameters \(id)") }
        try self.init(named: names[id])
    }

    /// - Throws: `CryptoError.invalidKey` when `generator` does not have the order `order`, `.unsupported` for even numbers.
    public init(prime: [UInt8], generator: [UInt8], order: [UInt8]) throws(CryptoError) {
        let modulus = try Modulus(prime)
        self.prime = modulus
        self.order = try Modulus(order)
        self.generator = try modulus.reduce(generator)
        guard modulus.bytes.count >= 128, try isElement(self.generator) else {
            throw .invalidKey("the domain parameters are no group for Diffie-Hellman")
        }
    }

    /// The standardised group with this prime and generator, for keys that leave the order out (PKCS #3).
    ///
    /// - Throws: `CryptoError.unsupported` when there is none: without its order a group cannot be checked.
    public static func standardized(prime: [UInt8], generator: [UInt8]) throws(CryptoError) -> DHGroup {
        let significant = Array(prime.drop { $0 == 0 })
        for id in 0...2 {
            let group = try DHGroup(standardizedDomainParameterID: id)
            guard group.prime.bytes == significant else { continue }
            if try group.isElement(generator) {
                return DHGroup(prime: group.prime, checkedGenerator: generator, order: group.order)
            }
        }
        throw .unsupported("a group for Diffie-Hellman without its order")
    }

    /// Bytes of an element.
    public var byteCount: Int { prime.byteCount }

    /// The same group with another generator (Doc 9303-11, 4.4.3.3).
    ///
    /// - Throws: `CryptoError.invalidPoint` for an element that does not generate.
    public func withGenerator(_ element: [UInt8]) throws(CryptoError) -> DHGroup {
        guard try isElement(element) else { throw .invalidPoint("the element is not of the group's order") }
        return DHGroup(prime: prime, checkedGenerator: element, order: order)
    }

    /// The element of the subgroup that a number of the field leads to: `number` to the power (p − 1) / q (Doc 9303-11,
    /// 4.4.3.3.2).
    public func element(from number: [UInt8]) throws(CryptoError) -> [UInt8] {
        let quotient = try BigNumber()
        let dividend = try BigNumber(try prime.subtract([0], [1]))
        let divisor = try BigNumber(order.bytes)
        guard let context = unsafe BN_CTX_new() else { throw .fromQueue("BN_CTX_new") }
        defer { unsafe BN_CTX_free(context) }
        guard unsafe BN_div(quotient.pointer, nil, dividend.pointer, divisor.pointer, context) == 1 else {
            throw .fromQueue("BN_div")
        }
        return try prime.power(number, try quotient.bytes(width: byteCount))
    }

    /// Whether `element` is in the subgroup and is not 1: a value from outside must be checked before a secret is used on it.
    public func isElement(_ element: [UInt8]) throws(CryptoError) -> Bool {
        let one = [UInt8](repeating: 0, count: byteCount - 1) + [1]
        let reduced = try prime.reduce(element)
        guard reduced.drop(while: { $0 == 0 }) == element.drop(while: { $0 == 0 }), reduced != one,
            reduced.contains(where: { $0 != 0 })
        else { return false }
        return try prime.power(reduced, order.bytes) == one
    }

    /// `element` to the power `exponent`, in time that does not depend on the exponent.
    public func power(_ element: [UInt8], _ exponent: SecretBytes) throws(CryptoError) -> [UInt8] {
        try prime.power(element, secret: exponent)
    }

    /// The shared secret of a Diffie-Hellman agreement (PKCS #3, 8): `element` to the power `exponent`, as long as p.
    ///
    /// - Throws: `CryptoError.invalidPoint` for an element that is not in the subgroup.
    public func agree(_ element: [UInt8], with exponent: SecretBytes) throws(CryptoError) -> SecretBytes {
        guard try isElement(element) else { throw .invalidPoint("the element is not of the group's order") }
        return try prime.secretPower(element, exponent)
    }

    /// A fresh private exponent, uniform in 1 … q − 1, as long as q.
    public func randomExponent() throws(CryptoError) -> SecretBytes {
        let number = try BigNumber()
        let order = try BigNumber(order.bytes)
        repeat {
            guard unsafe BN_priv_rand_range_ex(number.pointer, order.pointer, 0, nil) == 1 else {
                throw .fromQueue("BN_priv_rand_range_ex")
            }
        } while number.bitCount == 0
        return SecretBytes(try number.bytes(width: self.order.byteCount))
    }

    private init(prime: Modulus, checkedGenerator: [UInt8], order: Modulus) {
        (self.prime, generator, self.order) = (prime, checkedGenerator, order)
    }

    private convenience init(named name: String) throws(CryptoError) {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "DHX", nil) else {
            throw .fromQueue("EVP_PKEY_CTX_new_from_name")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_paramgen_init(context) == 1, unsafe EVP_PKEY_CTX_set_group_name(context, name) == 1,
            unsafe EVP_PKEY_paramgen(context, &key) == 1, let key = unsafe key
        else { throw .unsupported(name) }
        defer { unsafe EVP_PKEY_free(key) }
        func number(_ parameter: String) throws(CryptoError) -> [UInt8] {
            var number: OpaquePointer?
            guard unsafe EVP_PKEY_get_bn_param(key, parameter, &number) == 1, let number = unsafe number else {
                throw .fromQueue("EVP_PKEY_get_bn_param")
            }
            let value = unsafe BigNumber(owning: number)
            return try value.bytes(width: (value.bitCount + 7) / 8)
        }
        try self.init(prime: try number("p"), generator: try number("g"), order: try number("q"))
    }
}
