import COpenSSL

extension AgreementTrial {
    /// Signatures with r and s at the edges of their ranges, hashes likewise, in right and wrong forms of encoding, and
    /// ones that are right although x(R) is not below the order.
    package static func edgeCases(on curve: NamedCurve) throws(CryptoError) -> [Case] {
        let signer = try PrivateKey.generateEC(curve)
        let key = try PublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo)
        let scheme = SignatureScheme.ecdsa(digest(for: curve))
        let edges = try edgeNumbers(curve)
        var cases: [Case] = []
        for (rName, r) in edges {
            for (sName, s) in edges {
                for hash in try hashes(curve, scheme.digest) {
                    cases.append(
                        Case(
                            "\(curve.name) r = \(rName), s = \(sName)", key: key, scheme: scheme, hash: hash,
                            signature: encoded(r, s)))
                }
            }
        }
        let message = Array("edge".utf8)
        let hash = try Digest.hash(message, with: scheme.digest)
        for (name, form) in misencodings(try signer.sign(message, scheme: scheme)) {
            cases.append(Case("\(curve.name) \(name)", key: key, scheme: scheme, hash: hash, signature: form))
        }
        return cases + (try rightCases(on: curve, scheme: scheme))
    }

    private static func digest(for curve: NamedCurve) -> DigestAlgorithm {
        switch curve.fieldBitCount {
        case ...256: .sha256
        case ...384: .sha384
        default: .sha512
        }
    }

    /// 0, 1, 2, n−1, n, n+1, p−1, p and 2n, big-endian without leading zeros.
    private static func edgeNumbers(_ curve: NamedCurve) throws(CryptoError) -> [(String, [UInt8])] {
        let group = try ECGroup(curve)
        let n = try unsafe BigNumber.copy(EC_GROUP_get0_order(group.pointer))
        let p = try unsafe BigNumber.copy(EC_GROUP_get0_field(group.pointer))
        return [
            ("0", []), ("1", [1]), ("2", [2]), ("n-1", try n.adding(-1)), ("n", try n.adding(0)),
            ("n+1", try n.adding(1)), ("p-1", try p.adding(-1)), ("p", try p.adding(0)),
            ("n/2", try n.half()),
        ]
    }

    /// Hashes of all zeros, of all ones, and equal to the order and its neighbours as far as they fit.
    private static func hashes(_ curve: NamedCurve, _ digest: DigestAlgorithm) throws(CryptoError) -> [[UInt8]] {
        let width = digest.byteCount
        var hashes = [[UInt8](repeating: 0, count: width), [UInt8](repeating: 0xFF, count: width)]
        for (_, number) in try edgeNumbers(curve) where number.count <= width {
            hashes.append([UInt8](repeating: 0, count: width - number.count) + number)
        }
        return hashes
    }

    /// Right signatures with chosen numbers: for any sum R, any s and any hash there is a key that they are right under,
    /// Q = (s·R − z·G) / r. The sums are G, 2G, any, and ones whose x is not below the order.
    private static func rightCases(on curve: NamedCurve, scheme: SignatureScheme) throws(CryptoError) -> [Case] {
        let group = try ECGroup(curve)
        let edges = try edgeNumbers(curve)
        var sums = try [
            group.generator, group.add(group.generator, group.generator),
            group.multiplyGenerator(by: group.randomScalar()),
        ]
        sums += try pointsBeyondOrder(group)
        var cases: [Case] = []
        for sum in sums {
            for hash in try hashes(curve, scheme.digest) {
                for (name, s) in edges where ["1", "2", "n-1", "n/2"].contains(name) {
                    guard let (key, r) = try key(sum: sum, s: s, hash: hash, in: group) else { continue }
                    cases.append(
                        Case(
                            "\(curve.name) right, s = \(name)", key: key, scheme: scheme, hash: hash,
                            signature: encoded(r, s)))
                }
            }
        }
        return cases
    }

    /// Points whose x is at least the order, where a curve has some: r is then x − n.
    private static func pointsBeyondOrder(_ group: ECGroup) throws(CryptoError) -> [ECPoint] {
        let n = try unsafe BigNumber.copy(EC_GROUP_get0_order(group.pointer))
        let p = try unsafe BigNumber.copy(EC_GROUP_get0_field(group.pointer))
        guard unsafe BN_cmp(n.pointer, p.pointer) < 0 else { return [] }
        var points: [ECPoint] = []
        for difference in 1..<100 where points.count < 2 {
            guard let x = try? n.adding(difference, width: group.fieldByteCount) else { continue }
            if let point = try? group.certificatePoint([0x02] + x) { points.append(point) }
        }
        return points
    }

    /// The key under which (x(R) mod n, s) is right for the hash; nil where it would be the point at infinity.
    private static func key(
        sum: ECPoint, s: [UInt8], hash: [UInt8], in group: ECGroup
    ) throws(CryptoError) -> (PublicKey, r: [UInt8])? {
        guard let n = unsafe EC_GROUP_get0_order(group.pointer) else { return nil }
        let pool = try NumberPool(count: 4)
        let context = unsafe pool.context
        let (r, inverse, a, b) = unsafe (pool[0], pool[1], pool[2], pool[3])
        let bits = Int(unsafe BN_num_bits(n))
        let count = min(hash.count, (bits + 7) / 8)
        guard let point = unsafe EC_POINT_new(group.pointer) else { return nil }
        let x = sum.x
        guard unsafe BN_bin2bn(x, Int32(x.count), r) != nil, unsafe BN_nnmod(r, r, n, context) == 1,
            unsafe BN_mod_inverse(inverse, r, n, context) != nil,
            unsafe BN_bin2bn(s, Int32(s.count), a) != nil, unsafe BN_mod_mul(a, a, inverse, n, context) == 1,
            unsafe BN_bin2bn(hash, Int32(count), b) != nil,
            unsafe BN_rshift(b, b, Int32(max(0, count * 8 - bits))) == 1,
            unsafe BN_mod_mul(b, b, inverse, n, context) == 1, unsafe BN_mod_sub(b, n, b, n, context) == 1,
            unsafe EC_POINT_mul(group.pointer, point, b, sum.pointer, a, context) == 1
        else {
            unsafe EC_POINT_free(point)
            throw .fromQueue("curve arithmetic on \(group.curve.name)")
        }
        guard let key = try? unsafe ECPoint(owning: point, group: group) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int((unsafe BN_num_bits(r) + 7) / 8))
        guard unsafe BN_bn2binpad(r, &bytes, Int32(bytes.count)) >= 0 else { return nil }
        return (try publicKey(key, on: group.curve), bytes)
    }

    private static func publicKey(_ point: ECPoint, on curve: NamedCurve) throws(CryptoError) -> PublicKey {
        let other = try PrivateKey.generateEC(curve).subjectPublicKeyInfo
        return try PublicKey(
            subjectPublicKeyInfo: Array(other.dropLast(point.encoded.count)) + point.encoded)
    }

    /// An `Ecdsa-Sig-Value` in DER.
    private static func encoded(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        let content = integer(r) + integer(s)
        return [0x30] + (content.count < 0x80 ? [] : [0x81]) + [UInt8(content.count)] + content
    }

    private static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        let digits = magnitude.isEmpty || magnitude[0] & 0x80 != 0 ? [0] + magnitude : magnitude
        return [0x02, UInt8(digits.count)] + digits
    }

    /// The same numbers in forms that are not DER, and DER of something else.
    private static func misencodings(_ signature: [UInt8]) -> [(String, [UInt8])] {
        guard let (r, s) = ECDSASignatureValue.parse(signature.span) else { return [] }
        let (rBytes, sBytes) = (Array(signature[r]), Array(signature[s]))
        func sequence(_ content: [UInt8]) -> [UInt8] {
            [0x30] + (content.count < 0x80 ? [] : [0x81]) + [UInt8(content.count)] + content
        }
        let longZero: [UInt8] = [0x02, UInt8(rBytes.count + 2), 0, 0] + rBytes
        let negative: [UInt8] = [0x02, UInt8(rBytes.count), rBytes[0] | 0x80] + rBytes.dropFirst()
        return [
            ("zeros in front", sequence(longZero + integer(sBytes))),
            ("negative r", sequence(negative + integer(sBytes))),
            ("byte behind", signature + [0]),
            ("byte inside", sequence(integer(rBytes) + integer(sBytes) + [0])),
            (
                "long length",
                [0x30, 0x82, 0] + sequence(integer(rBytes) + integer(sBytes)).dropFirst(signature[1] == 0x81 ? 2 : 1)
            ),
            ("cut", Array(signature.dropLast())), ("empty", []), ("empty sequence", [0x30, 0]),
            ("one number", sequence(integer(rBytes))),
            ("three numbers", sequence(integer(rBytes) + integer(sBytes) + integer([1]))),
            ("octet strings", sequence([0x04] + integer(rBytes).dropFirst() + integer(sBytes))),
        ]
    }
}

extension BigNumber {
    fileprivate static func copy(_ number: OpaquePointer?) throws(CryptoError) -> BigNumber {
        guard let copy = unsafe BN_dup(number) else { throw .fromQueue("BN_dup") }
        return unsafe BigNumber(owning: copy)
    }

    /// The number plus a small one, big-endian, without leading zeros or in the width that is asked for.
    fileprivate func adding(_ small: Int, width: Int? = nil) throws(CryptoError) -> [UInt8] {
        let sum = try unsafe BigNumber.copy(pointer)
        let magnitude = UInt(small.magnitude)
        let done = unsafe small < 0 ? BN_sub_word(sum.pointer, magnitude) : BN_add_word(sum.pointer, magnitude)
        guard done == 1 else { throw .fromQueue("BN_add_word") }
        return try sum.bytes(width: width ?? (sum.bitCount + 7) / 8)
    }

    fileprivate func half() throws(CryptoError) -> [UInt8] {
        let half = try unsafe BigNumber.copy(pointer)
        guard unsafe BN_rshift1(half.pointer, half.pointer) == 1 else { throw .fromQueue("BN_rshift1") }
        return try half.bytes(width: (half.bitCount + 7) / 8)
    }
}
