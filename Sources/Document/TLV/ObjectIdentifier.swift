/// An ASN.1 object identifier (X.660), held as the content bytes of its DER encoding.
public struct ObjectIdentifier: Hashable, Sendable {
    /// The content bytes of the DER encoding, without tag and length.
    public let content: [UInt8]

    /// - Parameter content: The content bytes of the DER encoding.
    /// - Throws: `invalidValue` when they are empty, longer than 64 bytes, or no sequence of arcs in base 128.
    public init(content: [UInt8]) throws(DocumentError) {
        let isValid =
            !content.isEmpty && content.count <= 64 && content[content.count - 1] & 0x80 == 0
            && Self.arcs(content) != nil
        guard isValid else {
            throw .invalidValue(field: "OBJECT IDENTIFIER", reason: "\(Hexadecimal.text(content.prefix(64))) is none")
        }
        self.content = content
    }

    /// An identifier written in this source code as arcs, at least two: `[1, 2, 840, 113549]`.
    public init(_ arcs: [UInt64]) {
        precondition(arcs.count >= 2, "an object identifier has two arcs at least")
        content = Self.base128(arcs[0] * 40 + arcs[1]) + arcs.dropFirst(2).flatMap(Self.base128)
    }

    /// The DER encoding with tag and length.
    public var encoded: [UInt8] { TLVEncoder.element(.objectIdentifier, content) }

    /// Whether this identifier is `parent` with further arcs behind it.
    public func isBelow(_ parent: ObjectIdentifier) -> Bool {
        content.count > parent.content.count && content.starts(with: parent.content)
    }

    private static func base128(_ arc: UInt64) -> [UInt8] {
        var bytes = [UInt8(arc & 0x7F)]
        var rest = arc >> 7
        while rest > 0 {
            bytes.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
            rest >>= 7
        }
        return bytes
    }

    private static func arcs(_ content: [UInt8]) -> [UInt64]? {
        var arcs: [UInt64] = []
        var arc: UInt64 = 0
        var isFirstByte = true
        for byte in content {
            if isFirstByte && byte == 0x80 || arc >> 57 != 0 { return nil }
            arc = arc << 7 | UInt64(byte & 0x7F)
            isFirstByte = byte & 0x80 == 0
            guard isFirstByte else { continue }
            if arcs.isEmpty {
                arcs = [min(arc / 40, 2), arc - min(arc / 40, 2) * 40]
            } else {
                arcs.append(arc)
            }
            arc = 0
        }
        return arcs
    }
}

extension ObjectIdentifier: CustomStringConvertible {
    /// The arcs in dotted decimal.
    public var description: String {
        (Self.arcs(content) ?? []).map(String.init).joined(separator: ".")
    }
}
