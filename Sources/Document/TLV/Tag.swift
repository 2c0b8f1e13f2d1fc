/// A BER tag (ITU-T X.690, 8.1.2) of one to three bytes, held as those bytes read as a big-endian number: `0x30`, `0x7F61`.
public struct Tag: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The bytes of the tag as a big-endian number.
    public let rawValue: UInt32

    /// - Parameter value: The bytes of the tag as a big-endian number.
    public init(integerLiteral value: UInt32) { rawValue = value }

    /// - Parameter rawValue: The bytes of the tag as a big-endian number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Whether the value is itself made of elements (bit 6 of the first byte).
    public var isConstructed: Bool {
        let first = rawValue > 0xFFFF ? rawValue >> 16 : rawValue > 0xFF ? rawValue >> 8 : rawValue
        return first & 0x20 != 0
    }

    /// The bytes as they stand on the wire.
    public var encoded: [UInt8] {
        let bytes = [rawValue >> 16, rawValue >> 8, rawValue].map { UInt8(truncatingIfNeeded: $0) }
        return Array(bytes.drop { $0 == 0 })
    }

    // The universal tags that ICAO's structures use (X.680, table 1).

    /// BOOLEAN.
    public static let boolean: Tag = 0x01
    /// INTEGER.
    public static let integer: Tag = 0x02
    /// BIT STRING.
    public static let bitString: Tag = 0x03
    /// OCTET STRING.
    public static let octetString: Tag = 0x04
    /// NULL.
    public static let null: Tag = 0x05
    /// OBJECT IDENTIFIER.
    public static let objectIdentifier: Tag = 0x06
    /// UTF8String.
    public static let utf8String: Tag = 0x0C
    /// PrintableString.
    public static let printableString: Tag = 0x13
    /// IA5String.
    public static let ia5String: Tag = 0x16
    /// UTCTime.
    public static let utcTime: Tag = 0x17
    /// GeneralizedTime.
    public static let generalizedTime: Tag = 0x18
    /// SEQUENCE and SEQUENCE OF.
    public static let sequence: Tag = 0x30
    /// SET and SET OF.
    public static let set: Tag = 0x31
}

extension Tag: CustomStringConvertible {
    /// The bytes in upper-case hexadecimal.
    public var description: String { Hexadecimal.text(encoded) }
}
