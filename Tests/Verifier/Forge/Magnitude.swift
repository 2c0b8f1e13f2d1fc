import Document

/// A natural number as big-endian bytes: no more arithmetic than forging a signature with the private key 1 takes.
struct Magnitude: Comparable {
    /// Without leading zeros.
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.drop { $0 == 0 }) }

    static let zero = Magnitude([])
    static let one = Magnitude([1])

    static func < (a: Magnitude, b: Magnitude) -> Bool {
        a.bytes.count == b.bytes.count ? a.bytes.lexicographicallyPrecedes(b.bytes) : a.bytes.count < b.bytes.count
    }

    static func + (a: Magnitude, b: Magnitude) -> Magnitude {
        let width = max(a.bytes.count, b.bytes.count) + 1
        var (result, carry) = (a.padded(to: width), 0)
        let other = b.padded(to: width)
        for index in result.indices.reversed() {
            let sum = Int(result[index]) + Int(other[index]) + carry
            (result[index], carry) = (UInt8(truncatingIfNeeded: sum), sum >> 8)
        }
        return Magnitude(result)
    }

    /// `b` must not be above `a`.
    static func - (a: Magnitude, b: Magnitude) -> Magnitude {
        var (result, borrow) = (a.bytes, 0)
        let other = b.padded(to: a.bytes.count)
        for index in result.indices.reversed() {
            let difference = Int(result[index]) - Int(other[index]) - borrow
            (result[index], borrow) = (UInt8(truncatingIfNeeded: difference), difference < 0 ? 1 : 0)
        }
        return Magnitude(result)
    }

    /// The remainder, by subtraction: for numbers not far above the modulus.
    static func % (a: Magnitude, modulus: Magnitude) -> Magnitude {
        var rest = a
        while rest >= modulus { rest = rest - modulus }
        return rest
    }

    func padded(to width: Int) -> [UInt8] { [UInt8](repeating: 0, count: max(0, width - bytes.count)) + bytes }
}

/// Ecdsa-Sig-Value (RFC 3279, 2.2.3), taken apart and put together as one likes.
struct ForgedECDSA {
    var r: Magnitude
    var s: Magnitude

    init(r: Magnitude, s: Magnitude) {
        self.r = r
        self.s = s
    }

    init(_ der: [UInt8]) throws {
        let numbers = try DERWriter.children(der).map { Magnitude($0.dropFirst(2)) }
        (r, s) = (numbers[0], numbers[1])
    }

    var encoded: [UInt8] { DERWriter.sequence(DERWriter.integer(r.bytes), DERWriter.integer(s.bytes)) }
}
