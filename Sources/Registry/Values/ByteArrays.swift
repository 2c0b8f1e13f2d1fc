extension [UInt8] {
    /// Appends what the span has.
    package mutating func append(_ text: Span<UInt8>) {
        unsafe text.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Appends two digits for each byte.
    package mutating func appendLowerCaseHexadecimal(_ value: Span<UInt8>) {
        append(addingCapacity: 2 * value.count) { (room: inout OutputSpan<UInt8>) in
            unsafe room.withUnsafeMutableBufferPointer { buffer, count in
                let digits = unsafe Self.hexadecimalDigits.utf8Start
                for index in value.indices {
                    unsafe buffer[count] = digits[Int(value[index] >> 4)]
                    unsafe buffer[count + 1] = digits[Int(value[index] & 15)]
                    count += 2
                }
            }
        }
    }

    private static var hexadecimalDigits: StaticString { "0123456789abcdef" }
}

extension Span<UInt8> {
    /// Whether both have the same bytes.
    func elementsEqual(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
