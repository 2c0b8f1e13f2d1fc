/// A command to a chip (ISO/IEC 7816-3, 12.1.3): header, data field, and how long an answer is expected.
struct CommandAPDU: Equatable, Sendable {
    /// CLA. `10` where further commands of a chain follow, `0C` under secure messaging.
    var instructionClass: UInt8 = 0x00
    var instruction: UInt8
    var parameter1: UInt8
    var parameter2: UInt8
    /// The data field; empty in cases 1 and 2. At most 65 535 bytes.
    var data: [UInt8] = []
    /// Ne: how many bytes of data the answer may have, 1 to 65 536; nil in cases 1 and 3.
    var expectedCount: Int?
    /// Whether the length fields take the extended form though the short one would do.
    var prefersExtendedLength = false

    /// The most data a short command carries.
    static let shortDataLimit = 255
    /// The longest answer that a short command can ask for.
    static let shortExpectedLimit = 256
    /// The longest data field there is.
    static let extendedDataLimit = 65_535
    /// The longest answer there is.
    static let extendedExpectedLimit = 65_536

    var header: [UInt8] { [instructionClass, instruction, parameter1, parameter2] }

    /// Whether the length fields are written in their extended form, of which not every reader and chip is capable.
    var isExtended: Bool {
        prefersExtendedLength && (!data.isEmpty || expectedCount != nil)
            || data.count > Self.shortDataLimit || (expectedCount ?? 0) > Self.shortExpectedLimit
    }

    /// The bytes that are sent: cases 1 to 4, short or extended.
    ///
    /// - Throws: `invalidCommand` when data or expected count are over the limits of the extended form.
    func encoded() throws(CardReaderError) -> [UInt8] {
        guard data.count <= Self.extendedDataLimit, (expectedCount ?? 1) >= 1,
            (expectedCount ?? 1) <= Self.extendedExpectedLimit
        else { throw .invalidCommand("\(data.count) bytes of data, \(expectedCount ?? 0) bytes expected") }
        var bytes = header
        if isExtended {
            if !data.isEmpty { bytes += [0x00, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data }
            if let expectedCount {
                if data.isEmpty { bytes.append(0x00) }
                bytes += [UInt8(expectedCount >> 8 & 0xFF), UInt8(expectedCount & 0xFF)]
            }
        } else {
            if !data.isEmpty { bytes += [UInt8(data.count)] + data }
            if let expectedCount { bytes.append(UInt8(expectedCount & 0xFF)) }
        }
        return bytes
    }
}
