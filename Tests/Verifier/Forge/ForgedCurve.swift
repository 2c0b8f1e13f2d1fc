import Crypto
import Document
import Simulator

/// Explicit curve parameters that look like a known curve's and are not: one field is another.
struct ForgedCurve: Sendable, CustomStringConvertible {
    let description: String
    /// `ECParameters` from those that a key of the curve has, and from its public point.
    let parameters: @Sendable (_ genuine: CurveParameters, _ point: [UInt8]) -> [UInt8]

    /// Every field once or more, on whatever curve.
    static let all: [ForgedCurve] = [
        changed("p + 2") { parameters, _ in parameters.prime = (Magnitude(parameters.prime) + Magnitude([2])).bytes },
        changed("a + 1") { parameters, _ in parameters.a[parameters.a.count - 1] ^= 1 },
        changed("a = 0") { parameters, _ in parameters.a = [UInt8](repeating: 0, count: parameters.a.count) },
        changed("b + 1") { parameters, _ in parameters.b[parameters.b.count - 1] ^= 1 },
        changed("b = 0") { parameters, _ in parameters.b = [UInt8](repeating: 0, count: parameters.b.count) },
        changed("the signer's own key as generator") { parameters, point in parameters.generator = point },
        changed("the negative generator") { parameters, _ in
            let half = parameters.generator.count / 2
            let y = Magnitude(parameters.generator.suffix(half))
            let negative = (Magnitude(parameters.prime) - y).padded(to: half)
            parameters.generator = parameters.generator.prefix(1 + half) + negative
        },
        changed("a generator off the curve") { parameters, _ in
            parameters.generator[parameters.generator.count - 1] ^= 1
        },
        changed("order + 2") { parameters, _ in
            parameters.order = (Magnitude(parameters.order) + Magnitude([2])).bytes
        },
        changed("half the order") { parameters, _ in
            var carry: UInt8 = 0
            parameters.order = parameters.order.map { byte in
                defer { carry = byte & 1 }
                return byte >> 1 | carry << 7
            }
        },
        changed("order 1") { parameters, _ in parameters.order = [1] },
        changed("order 0") { parameters, _ in parameters.order = [0] },
        changed("cofactor 2") { parameters, _ in parameters.cofactor = [2] },
        changed("cofactor 0") { parameters, _ in parameters.cofactor = [0] },
        changed("cofactor 2^64 + 1") { parameters, _ in
            parameters.cofactor = [1] + [UInt8](repeating: 0, count: 7) + [1]
        },
        changed("no cofactor") { parameters, _ in parameters.cofactor = nil },
        ForgedCurve(description: "a foreign seed") { parameters, _ in
            seeded(parameters, seed: [UInt8](repeating: 0x5A, count: 20))
        },
        ForgedCurve(description: "an empty seed") { parameters, _ in seeded(parameters, seed: []) },
        ForgedCurve(description: "a negative cofactor") { parameters, _ in
            var fields = (try? DERWriter.children(parameters.encoded)) ?? []
            fields[fields.count - 1] = TLVEncoder.element(.integer, [0xFF])
            return DERWriter.sequence(fields)
        },
        ForgedCurve(description: "a negative prime") { parameters, _ in
            var fields = (try? DERWriter.children(parameters.encoded)) ?? []
            fields[1] = DERWriter.sequence(
                DERWriter.identifier(1, 2, 840, 10045, 1, 1),
                TLVEncoder.element(.integer, [0xFF] + parameters.prime))
            return DERWriter.sequence(fields)
        },
        ForgedCurve(description: "a field behind the cofactor") { parameters, _ in
            DERWriter.sequence(((try? DERWriter.children(parameters.encoded)) ?? []) + [DERWriter.integer(1)])
        },
        ForgedCurve(description: "a binary field") { parameters, _ in
            var fields = (try? DERWriter.children(parameters.encoded)) ?? []
            fields[1] = DERWriter.sequence(
                DERWriter.identifier(1, 2, 840, 10045, 1, 2),
                DERWriter.sequence(
                    DERWriter.integer(163), DERWriter.identifier(1, 2, 840, 10045, 1, 2, 3, 2), DERWriter.integer(7)))
            return DERWriter.sequence(fields)
        },
    ]

    private static func changed(
        _ name: String, _ change: @escaping @Sendable (inout CurveParameters, [UInt8]) -> Void
    ) -> ForgedCurve {
        ForgedCurve(description: name) { genuine, point in
            var parameters = genuine
            change(&parameters, point)
            return parameters.encoded
        }
    }

    private static func seeded(_ parameters: CurveParameters, seed: [UInt8]) -> [UInt8] {
        var fields = (try? DERWriter.children(parameters.encoded)) ?? []
        fields[2] = DERWriter.sequence(
            DERWriter.octets(parameters.a), DERWriter.octets(parameters.b), DERWriter.bits(seed))
        return DERWriter.sequence(fields)
    }

    /// SubjectPublicKeyInfo of `point` with these parameters.
    static func subjectPublicKeyInfo(_ parameters: [UInt8], point: [UInt8]) -> [UInt8] {
        DERWriter.sequence(
            DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 10045, 2, 1), parameters), DERWriter.bits(point))
    }

    /// The signature that whoever picks the public point for a generator can make: private key and nonce are both 1, so r
    /// is the point's x and s is hash + r.
    static func signature(
        _ message: [UInt8], digest: DigestAlgorithm, point: [UInt8], order: [UInt8]
    ) throws -> [UInt8] {
        let order = Magnitude(order)
        let hash = Magnitude(try Digest.hash(message, with: digest).prefix(order.bytes.count)) % order
        let r = Magnitude(point[1..<1 + point.count / 2]) % order
        return ForgedECDSA(r: r, s: (hash + r) % order).encoded
    }
}
