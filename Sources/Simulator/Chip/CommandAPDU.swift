/// A command as it reaches the chip (ISO/IEC 7816-4, 5.2), short or extended, of any of the four cases.
struct CommandAPDU: Equatable, Sendable {
    /// The class byte.
    var cla: UInt8
    /// The instruction byte.
    var ins: UInt8
    /// The parameter bytes as one number: P1 P2.
    var parameters: UInt16
    /// The data field; empty when there is none.
    var data: [UInt8]
    /// The most bytes that the answer may have (Ne): 0 when there is no Le field.
    var expectedCount: Int
    /// Whether the Le field was all zeros: as many bytes as there are.
    var expectsAll: Bool
    /// Whether Lc and Le are written in the extended form.
    var isExtended: Bool

    var p1: UInt8 { UInt8(truncatingIfNeeded: parameters >> 8) }
    var p2: UInt8 { UInt8(truncatingIfNeeded: parameters) }
    /// The four bytes before the body.
    var header: [UInt8] { [cla, ins, p1, p2] }
    /// Whether another command of the same chain follows (5.3.3).
    var isChained: Bool { cla & 0x10 != 0 }

    /// The command that `bytes` encode; nil when they are of none of the four cases.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        cla = bytes[0]
        ins = bytes[1]
        parameters = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        let body = bytes.dropFirst(4)
        isExtended = body.count > 1 && body.first == 0
        guard let fields = isExtended ? Self.extendedBody(Array(body)) : Self.shortBody(Array(body)) else { return nil }
        (data, expectedCount, expectsAll) = fields
    }

    private typealias Body = (data: [UInt8], expectedCount: Int, expectsAll: Bool)

    private static func shortBody(_ body: [UInt8]) -> Body? {
        guard let first = body.first else { return ([], 0, false) }
        guard body.count > 1 else { return ([], first == 0 ? 256 : Int(first), first == 0) }
        let data = Array(body.dropFirst().prefix(Int(first)))
        let rest = body.dropFirst(1 + Int(first))
        guard data.count == Int(first), rest.count <= 1 else { return nil }
        guard let last = rest.first else { return (data, 0, false) }
        return (data, last == 0 ? 256 : Int(last), last == 0)
    }

    /// `body` starts with the zero byte that marks the extended form.
    private static func extendedBody(_ body: [UInt8]) -> Body? {
        guard body.count >= 3 else { return nil }
        let first = Int(body[1]) << 8 | Int(body[2])
        guard body.count > 3 else { return ([], first == 0 ? 65_536 : first, first == 0) }
        let data = Array(body.dropFirst(3).prefix(first))
        let rest = Array(body.dropFirst(3 + first))
        guard first > 0, data.count == first, rest.isEmpty || rest.count == 2 else { return nil }
        guard rest.count == 2 else { return (data, 0, false) }
        let last = Int(rest[0]) << 8 | Int(rest[1])
        return (data, last == 0 ? 65_536 : last, last == 0)
    }
}
