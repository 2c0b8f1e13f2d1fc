extension [UInt8] {
    /// Appends what the span has.
    package mutating func append(_ text: Span<UInt8>) {
        append(addingCapacity: text.count) { (room: inout OutputSpan<UInt8>) in
            unsafe room.withUnsafeMutableBufferPointer { buffer, count in
                unsafe text.withUnsafeBufferPointer { text in
                    _ = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...]).update(fromContentsOf: text)
                }
                count += text.count
            }
        }
    }

    /// Appends two digits for each byte.
    package mutating func appendLowerCaseHexadecimal(_ value: Span<UInt8>) {
        append(addingCapacity: 2 * value.count) { (room: inout OutputSpan<UInt8>) in
            unsafe room.withUnsafeMutableBufferPointer { buffer, count in
                for index in value.indices {
                    unsafe buffer[count] = Self.hexadecimalDigit(value[index] >> 4)
                    unsafe buffer[count + 1] = Self.hexadecimalDigit(value[index] & 15)
                    count += 2
                }
            }
        }
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x57 }
}

extension Span<UInt8> {
    /// Whether both have the same bytes.
    func elementsEqual(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
