import Document

/// Writes values in DER (X.690), as certificates, EF.SOD and SecurityInfos need them.
enum DER {
    static let null: [UInt8] = [0x05, 0x00]

    /// An INTEGER of a small number.
    static func integer(_ value: UInt64) -> [UInt8] {
        integer(unsigned: stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) })
    }

    /// An INTEGER from its magnitude, big-endian, never negative.
    static func integer(unsigned magnitude: [UInt8]) -> [UInt8] {
        let significant = Array(magnitude.drop { $0 == 0 })
        let needsSignByte = significant.first.map { $0 & 0x80 != 0 } ?? true
        return TLVEncoder.element(.integer, (needsSignByte ? [0] : []) + significant)
    }

    static func boolean(_ value: Bool) -> [UInt8] { TLVEncoder.element(.boolean, [value ? 0xFF : 0x00]) }

    static func octetString(_ bytes: [UInt8]) -> [UInt8] { TLVEncoder.element(.octetString, bytes) }

    /// A BIT STRING whose last byte leaves `unusedBits` bits out.
    static func bitString(_ bytes: [UInt8], unusedBits: UInt8 = 0) -> [UInt8] {
        TLVEncoder.element(.bitString, [unusedBits] + bytes)
    }

    static func utf8String(_ text: String) -> [UInt8] { TLVEncoder.element(.utf8String, Array(text.utf8)) }

    static func printableString(_ text: String) -> [UInt8] { TLVEncoder.element(.printableString, Array(text.utf8)) }

    static func sequence(_ children: [[UInt8]]) -> [UInt8] { TLVEncoder.element(.sequence, children) }

    /// A SET OF: its elements in ascending order of their encodings (X.690, 11.6).
    static func setOf(_ elements: [[UInt8]]) -> [UInt8] { TLVEncoder.element(.set, sorted(elements)) }

    /// The elements in the order that a SET OF gives them.
    static func sorted(_ elements: [[UInt8]]) -> [[UInt8]] {
        elements.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// A context-specific constructed element `[number]` around `content`.
    static func tagged(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        TLVEncoder.element(Tag(rawValue: UInt32(0xA0 | number)), content)
    }

    /// A context-specific primitive element `[number] IMPLICIT`.
    static func taggedPrimitive(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        TLVEncoder.element(Tag(rawValue: UInt32(0x80 | number)), content)
    }

    /// A moment as RFC 5280, 4.1.2.5 wants it: UTCTime until 2049, GeneralizedTime after it.
    static func time(_ moment: Timestamp) -> [UInt8] {
        let isUTCTime = (1950...2049).contains(moment.date.year)
        return TLVEncoder.element(
            isUTCTime ? .utcTime : .generalizedTime,
            Array((isUTCTime ? String(moment.generalizedTime.dropFirst(2)) : moment.generalizedTime).utf8))
    }

    /// `AlgorithmIdentifier` (RFC 5280, 4.1.1.2).
    static func algorithm(_ identifier: ObjectIdentifier, parameters: [UInt8]?) -> [UInt8] {
        sequence([identifier.encoded] + (parameters.map { [$0] } ?? []))
    }
}
