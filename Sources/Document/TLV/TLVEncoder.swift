/// Writes BER-TLV elements in DER's definite, minimal form (X.690, 10.1).
public enum TLVEncoder {
    /// `tag`, the length of `value`, and `value`.
    public static func element(_ tag: Tag, _ value: [UInt8]) -> [UInt8] { tag.encoded + length(value.count) + value }

    /// A constructed element: `tag` around `children`, each already encoded.
    public static func element(_ tag: Tag, _ children: [[UInt8]]) -> [UInt8] { element(tag, Array(children.joined())) }

    /// The length octets that announce `count` bytes.
    public static func length(_ count: Int) -> [UInt8] {
        guard count >= 0x80 else { return [UInt8(count)] }
        var bytes: [UInt8] = []
        var rest = count
        while rest > 0 {
            bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(bytes.count)] + bytes
    }
}
