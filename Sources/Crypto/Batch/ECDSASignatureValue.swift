/// Finds r and s in an `Ecdsa-Sig-Value` (RFC 3279, 2.2.3), in DER and in no other form, as OpenSSL does: it encodes what
/// it has read again and compares.
enum ECDSASignatureValue {
    /// The content of both INTEGERs without a leading zero; nil when the bytes are anything else.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>) -> (r: Range<Int>, s: Range<Int>)? {
        var position = 0
        // Two integers of 66 bytes take 140: one byte of length, or two of which the first is 81.
        guard bytes.count >= 8, bytes[0] == 0x30 else { return nil }
        if bytes[1] == 0x81 {
            guard bytes[2] >= 0x80, Int(bytes[2]) == bytes.count - 3 else { return nil }
            position = 3
        } else {
            guard bytes[1] < 0x80, Int(bytes[1]) == bytes.count - 2 else { return nil }
            position = 2
        }
        guard let r = integer(bytes, &position), let s = integer(bytes, &position), position == bytes.count else {
            return nil
        }
        return (r, s)
    }

    /// The INTEGER at `position`, which must be positive and in its shortest form.
    @inline(__always)
    private static func integer(_ bytes: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
        guard bytes.count - position >= 3, bytes[position] == 0x02 else { return nil }
        let count = Int(bytes[position + 1])
        let start = position + 2
        guard count >= 1, count < 0x80, count <= bytes.count - start else { return nil }
        position = start + count
        guard bytes[start] & 0x80 == 0 else { return nil }
        guard bytes[start] == 0 else { return start..<position }
        // A zero in front stands only before a byte that would look negative; zero itself is refused as out of range.
        guard count >= 2, bytes[start + 1] & 0x80 != 0 else { return nil }
        return start + 1..<position
    }
}
