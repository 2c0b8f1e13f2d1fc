import Crypto
import Document

/// R_p(s, t), by which integrated mapping makes a number of two nonces (Doc 9303-11, 4.4.3.3.2, figure 2).
struct PseudoRandomFunction {
    private let cipher: CipherAlgorithm

    init(_ cipher: CipherAlgorithm) { self.cipher = cipher }

    /// k / 8: how long the terminal's nonce t is.
    var terminalNonceByteCount: Int { cipher.keyByteCount }

    /// l / 8: how long the chip's nonce s is, k in whole blocks of AES.
    static func chipNonceByteCount(_ cipher: CipherAlgorithm) -> Int { cipher.keyByteCount <= 16 ? 16 : 32 }

    /// The number that s and t lead to.
    func number(_ s: [UInt8], _ t: [UInt8], below modulus: Modulus) throws(CryptoError) -> [UInt8] {
        let long = Self.chipNonceByteCount(cipher) == 32
        let constants = (
            Self.constant(long ? Self.c0Long : Self.c0Short), Self.constant(long ? Self.c1Long : Self.c1Short)
        )
        // n is the least number for which n · l ≥ log2 p + 64.
        let bits = 8 * modulus.byteCount - (modulus.bytes.first?.leadingZeroBitCount ?? 0) + 64
        let count = (bits + 8 * s.count - 1) / (8 * s.count)
        var key = try encrypted(s, key: t)
        var output: [UInt8] = []
        for _ in 0..<count {
            let current = Array(key.prefix(cipher.keyByteCount))
            output += try encrypted(constants.1, key: current)
            key = try encrypted(constants.0, key: current)
        }
        return try modulus.reduce(output)
    }

    private func encrypted(_ data: [UInt8], key: [UInt8]) throws(CryptoError) -> [UInt8] {
        let zero = [UInt8](repeating: 0, count: cipher.blockByteCount)
        return try BlockCipher(cipher, key: SecretBytes(key)).encryptCBC(data, iv: zero)
    }

    private static func constant(_ digits: String) -> [UInt8] { Hexadecimal.bytes(digits) ?? [] }

    private static let c0Short = "A668892A7C41E3CA739F40B057D85904"
    private static let c1Short = "A4E136AC725F738B01C1F60217C188AD"
    private static let c0Long = "D463D65234124EF7897054986DCA0A174E28DF758CBAA03F240616414D5A1676"
    private static let c1Long = "54BD7255F0AAF831BEC3423FCF39D69B6CBF066677D0FAAE5AADD99DF8E53517"
}

extension CurveEquation {
    /// f_G(t), the point that a number leads to, 04 ‖ x ‖ y (Doc 9303-11, Appendix B.1.1).
    ///
    /// - Throws: `unsupported` unless the prime is 3 modulo 4, which P-224's is not.
    func point(for t: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let last = field.bytes.last, last & 3 == 3 else {
            throw .unsupported("integrated mapping on a curve whose prime is not 3 modulo 4")
        }
        // α = −t²; X2 = −b/a · (1 + 1/(α + α²)); X3 = α · X2.
        let alpha = try field.subtract([0], try field.multiply(t, t))
        let fraction = try field.inverse(try field.add(alpha, try field.multiply(alpha, alpha)))
        let quotient = try field.multiply(try field.subtract([0], b), try field.inverse(a))
        let x2 = try field.multiply(quotient, try field.add([1], fraction))
        let x3 = try field.multiply(alpha, x2)
        // A = h2^(p − 1 − (p + 1)/4), which squared and multiplied with h2 tells whether h2 is a square.
        let h2 = try rightSide(x2)
        let cube = try field.multiply(t, try field.multiply(t, t))
        let root = try field.power(h2, try exponent)
        let test = try field.multiply(try field.multiply(root, root), h2)
        if test == (try field.reduce([1])) { return [0x04] + x2 + (try field.multiply(root, h2)) }
        return [0x04] + x3 + (try field.multiply(root, try field.multiply(cube, h2)))
    }

    /// x³ + a·x + b.
    private func rightSide(_ x: [UInt8]) throws(CryptoError) -> [UInt8] {
        try field.add(try field.multiply(x, try field.add(try field.multiply(x, x), a)), b)
    }

    /// p − 1 − (p + 1)/4. The last bits of p are 11, so (p + 1)/4 is p shifted by two places and one added.
    private var exponent: [UInt8] {
        get throws(CryptoError) {
            var shifted: [UInt8] = []
            var carried: UInt8 = 0
            for byte in field.bytes {
                shifted.append(carried << 6 | byte >> 2)
                carried = byte & 3
            }
            return try field.subtract([0], try field.add(shifted, [2]))
        }
    }
}
