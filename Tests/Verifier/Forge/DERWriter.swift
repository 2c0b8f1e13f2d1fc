import Crypto
import Document

/// Writes DER for forged documents: this suite's own, so that neither end of a test shares code with the other.
enum DERWriter {
    static let null: [UInt8] = [0x05, 0x00]

    static func sequence(_ children: [UInt8]...) -> [UInt8] { TLVEncoder.element(.sequence, children) }

    static func sequence(_ children: [[UInt8]]) -> [UInt8] { TLVEncoder.element(.sequence, children) }

    /// A SET OF in DER's order.
    static func set(_ children: [[UInt8]]) -> [UInt8] {
        TLVEncoder.element(.set, children.sorted { $0.lexicographicallyPrecedes($1) })
    }

    static func octets(_ bytes: [UInt8]) -> [UInt8] { TLVEncoder.element(.octetString, bytes) }

    static func bits(_ bytes: [UInt8]) -> [UInt8] { TLVEncoder.element(.bitString, [0] + bytes) }

    /// An INTEGER that is not negative, from its magnitude.
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        let significant = Array(magnitude.drop { $0 == 0 })
        let sign: [UInt8] = significant.first.map { $0 & 0x80 != 0 } ?? true ? [0] : []
        return TLVEncoder.element(.integer, sign + significant)
    }

    static func integer(_ value: Int) -> [UInt8] {
        integer(stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) })
    }

    static func identifier(_ arcs: UInt64...) -> [UInt8] { ObjectIdentifier(arcs).encoded }

    static func explicit(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        TLVEncoder.element(Tag(rawValue: UInt32(0xA0 | number)), content)
    }

    /// AlgorithmIdentifier.
    static func algorithm(_ identifier: [UInt8], _ parameters: [UInt8] = []) -> [UInt8] {
        sequence(identifier, parameters)
    }

    /// The children of the constructed element that `bytes` are.
    static func children(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var outer = TLVCursor(bytes.span)
        var inside = outer.inside(try outer.next())
        var children: [[UInt8]] = []
        while !inside.isAtEnd { children.append(inside.copy(try inside.next().range)) }
        return children
    }
}

extension DigestAlgorithm {
    /// AlgorithmIdentifier without parameters.
    var forgedIdentifier: [UInt8] {
        switch self {
        case .sha1: DERWriter.algorithm(DERWriter.identifier(1, 3, 14, 3, 2, 26))
        case .sha224: Self.sha2(4)
        case .sha256: Self.sha2(1)
        case .sha384: Self.sha2(2)
        case .sha512: Self.sha2(3)
        }
    }

    private static func sha2(_ arc: UInt64) -> [UInt8] {
        DERWriter.algorithm(DERWriter.identifier(2, 16, 840, 1, 101, 3, 4, 2, arc))
    }
}

extension SignatureScheme {
    /// AlgorithmIdentifier of RFC 3279, 4055 and 5758, with every parameter of PSS spelt out.
    var forgedIdentifier: [UInt8] {
        switch self {
        case .rsaPKCS1(let digest):
            let arc: [DigestAlgorithm: UInt64] = [.sha1: 5, .sha224: 14, .sha256: 11, .sha384: 12, .sha512: 13]
            return DERWriter.algorithm(
                DERWriter.identifier(1, 2, 840, 113549, 1, 1, arc[digest] ?? 0), DERWriter.null)
        case .ecdsa(.sha1): return DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 10045, 4, 1))
        case .ecdsa(let digest):
            let arc: [DigestAlgorithm: UInt64] = [.sha224: 1, .sha256: 2, .sha384: 3, .sha512: 4]
            return DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 10045, 4, 3, arc[digest] ?? 0))
        case .rsaPSS(let digest, let mgf1, let saltLength):
            let mask = DERWriter.algorithm(DERWriter.identifier(1, 2, 840, 113549, 1, 1, 8), mgf1.forgedIdentifier)
            return DERWriter.algorithm(
                DERWriter.identifier(1, 2, 840, 113549, 1, 1, 10),
                DERWriter.sequence(
                    DERWriter.explicit(0, digest.forgedIdentifier), DERWriter.explicit(1, mask),
                    DERWriter.explicit(2, DERWriter.integer(saltLength))))
        }
    }
}
