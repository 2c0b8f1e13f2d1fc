import Crypto

/// Integrated mapping (Doc 9303-11, 4.4.3.3.2): the generator follows from the chip's nonce s and the terminal's nonce t,
/// without a key agreement before it.
struct IntegratedMapping {
    let cipher: CipherAlgorithm

    /// k: how long t is.
    var terminalNonceByteCount: Int { cipher.keyByteCount }

    /// l: how long s must be, the smallest number of whole blocks that is not below k.
    var chipNonceByteCount: Int { cipher.keyByteCount > 16 ? 32 : 16 }

    /// The group with the generator that s and t lead to.
    ///
    /// - Throws: `CryptoError.invalidPoint` when they lead to none, `.unsupported` for the curve P-224.
    func map(
        _ group: AgreementGroup, chipNonce: SecretBytes, terminalNonce: [UInt8]
    ) throws(CryptoError) -> AgreementGroup {
        switch group {
        case .curve(let curve):
            let equation = try curve.equation
            let number = try pseudoRandom(chipNonce, terminalNonce, modulus: equation.field)
            return .curve(try curve.withGenerator(curve.point(try equation.encodePoint(number))))
        case .integers(let integers):
            let number = try pseudoRandom(chipNonce, terminalNonce, modulus: integers.prime)
            return .integers(try integers.withGenerator(integers.element(from: number)))
        }
    }

    /// R_p(s, t): blocks encrypted under keys that start from s under t, as a number below the modulus.
    func pseudoRandom(
        _ chipNonce: SecretBytes, _ terminalNonce: [UInt8], modulus: Modulus
    ) throws(CryptoError) -> [UInt8] {
        let (c0, c1) = chipNonceByteCount == 16 ? Self.constants128 : Self.constants256
        let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
        func encrypt(_ data: [UInt8], under key: SecretBytes) throws(CryptoError) -> [UInt8] {
            try BlockCipher(cipher, key: key.prefix(cipher.keyByteCount)).encryptCBC(data, iv: zero)
        }
        var key = SecretBytes(try encrypt(chipNonce.bytes, under: SecretBytes(terminalNonce)))
        var output: [UInt8] = []
        defer { wipe(&output) }
        while 8 * output.count < Self.bitCount(modulus.bytes) + 64 {
            output += try encrypt(c1, under: key)
            key = SecretBytes(try encrypt(c0, under: key))
        }
        return try modulus.reduce(output)
    }

    /// ⌈log2 p⌉ of a number without leading zeros.
    private static func bitCount(_ number: [UInt8]) -> Int {
        8 * number.count - (number.first?.leadingZeroBitCount ?? 0)
    }

    private static let constants128: ([UInt8], [UInt8]) = (
        [0xA6, 0x68, 0x89, 0x2A, 0x7C, 0x41, 0xE3, 0xCA, 0x73, 0x9F, 0x40, 0xB0, 0x57, 0xD8, 0x59, 0x04],
        [0xA4, 0xE1, 0x36, 0xAC, 0x72, 0x5F, 0x73, 0x8B, 0x01, 0xC1, 0xF6, 0x02, 0x17, 0xC1, 0x88, 0xAD]
    )

    private static let constants256: ([UInt8], [UInt8]) = (
        [
            0xD4, 0x63, 0xD6, 0x52, 0x34, 0x12, 0x4E, 0xF7, 0x89, 0x70, 0x54, 0x98, 0x6D, 0xCA, 0x0A, 0x17,
            0x4E, 0x28, 0xDF, 0x75, 0x8C, 0xBA, 0xA0, 0x3F, 0x24, 0x06, 0x16, 0x41, 0x4D, 0x5A, 0x16, 0x76,
        ],
        [
            0x54, 0xBD, 0x72, 0x55, 0xF0, 0xAA, 0xF8, 0x31, 0xBE, 0xC3, 0x42, 0x3F, 0xCF, 0x39, 0xD6, 0x9B,
            0x6C, 0xBF, 0x06, 0x66, 0x77, 0xD0, 0xFA, 0xAE, 0x5A, 0xAD, 0xD9, 0x9D, 0xF8, 0xE5, 0x35, 0x17,
        ]
    )
}

extension CurveEquation {
    /// f_G: the point of the curve that a number leads to, 04 ‖ x ‖ y (Doc 9303-11, Appendix B.2, affine). Inverses are
    /// taken as powers, whose time does not depend on the number.
    ///
    /// - Throws: `CryptoError.unsupported` unless the field's prime is 3 modulo 4.
    func encodePoint(_ t: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let last = field.bytes.last, last & 3 == 3 else {
            throw .unsupported("integrated mapping on a curve whose prime is not 3 modulo 4")
        }
        let inversion = try field.subtract([0], [2])
        let alpha = try field.subtract([0], field.multiply(t, t))
        let sum = try field.add(alpha, field.multiply(alpha, alpha))
        let factor = try field.multiply(field.subtract([0], b), field.power(a, inversion))
        let x2 = try field.multiply(factor, field.add([1], field.power(sum, inversion)))
        let x3 = try field.multiply(alpha, x2)
        let h2 = try field.add(field.multiply(x2, field.add(field.multiply(x2, x2), a)), b)
        let u = try field.multiply(field.multiply(t, field.multiply(t, t)), h2)
        // A = h2^(p − 1 − (p + 1) / 4); the quarter of p + 1 is what gives 1 when multiplied with 4.
        let root = try field.power(h2, field.subtract([0], field.add([1], field.inverse([4]))))
        let isSquare = try field.multiply(h2, field.multiply(root, root)) == field.reduce([1])
        return try isSquare ? [0x04] + x2 + field.multiply(root, h2) : [0x04] + x3 + field.multiply(root, u)
    }
}
