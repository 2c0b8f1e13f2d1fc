/// What an answer to reset tells about the chip (ISO/IEC 7816-3, 8.2; ISO/IEC 7816-4, 12.1.1).
struct AnswerToReset {
    /// The historical bytes; empty when the answer is malformed.
    let historicalBytes: [UInt8]

    init(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else {
            historicalBytes = []
            return
        }
        // T0 and every TDi tell in their upper half which of TAi+1, TBi+1, TCi+1 and TDi+1 follow.
        var indicator = bytes[1]
        var position = 2
        while true {
            position += (indicator >> 4 & 0x07).nonzeroBitCount
            guard indicator & 0x80 != 0, position < bytes.count else { break }
            indicator = bytes[position]
            position += 1
        }
        historicalBytes = Array(bytes.dropFirst(position).prefix(Int(bytes[1] & 0x0F)))
    }

    /// Whether the card capabilities say that extended length fields are known; nil when they are not there.
    var allowsExtendedLength: Bool? {
        guard historicalBytes.first == 0x80 || historicalBytes.first == 0x00 else { return nil }
        var rest = historicalBytes.dropFirst()
        // COMPACT-TLV: tag and length share a byte; 7x are the card capabilities, the third of which is asked for.
        while let head = rest.popFirst() {
            let value = Array(rest.prefix(Int(head & 0x0F)))
            rest = rest.dropFirst(Int(head & 0x0F))
            if head >> 4 == 0x7, value.count == 3 { return value[2] & 0x40 != 0 }
        }
        return nil
    }
}
