import COpenSSL

/// Multiples of one point in the form that adds cheapest, from which any multiple of it is a sum of few.
///
/// A scalar is cut into windows of `width` bits, each read as a signed digit from −2^(width−1) to 2^(width−1). For each
/// window the table has the point times 2^(width · window), times 1 … 2^(width−1). So a multiple costs one addition for
/// each window and no doubling. Immutable after it is made.
@safe final class PointTable: @unchecked Sendable {
    /// Bits of a window.
    let width: Int
    /// Windows of a scalar, with one bit more for the last carry.
    let windowCount: Int
    /// What the table takes, about, in bytes.
    let byteCount: Int
    private let points: UnsafeMutablePointer<OpaquePointer?>
    private let pointCount: Int
    private var digitCount: Int { 1 << (width - 1) }

    /// How many points a table has.
    static func pointCount(orderBitCount: Int, width: Int) -> Int {
        ((orderBitCount + width) / width) << (width - 1)
    }

    /// What a table takes, about, in bytes: OpenSSL keeps a point as a structure and three numbers, each allocated.
    static func byteCount(orderBitCount: Int, width: Int) -> Int {
        let field = (orderBitCount + 63) / 64 * 8
        return pointCount(orderBitCount: orderBitCount, width: width) * (64 + 3 * (40 + field + 16))
    }

    /// - Parameter point: A point of `curve.sums`.
    init(_ point: OpaquePointer, of curve: CurveArithmetic, width: Int, context: OpaquePointer) throws(CryptoError) {
        guard let functions = unsafe CurveFunctions.loaded else { throw .unsupported("tables of points") }
        self.width = width
        windowCount = (curve.orderBitCount + width) / width
        byteCount = Self.byteCount(orderBitCount: curve.orderBitCount, width: width)
        pointCount = Self.pointCount(orderBitCount: curve.orderBitCount, width: width)
        let points = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: pointCount)
        unsafe points.initialize(repeating: nil, count: pointCount)
        unsafe self.points = unsafe points
        for index in 0..<pointCount {
            guard let new = unsafe EC_POINT_new(curve.sums.pointer) else { throw .fromQueue("EC_POINT_new") }
            unsafe points[index] = new
        }
        let group = unsafe curve.sums.pointer
        // The windows' first points are brought to affine form first: the sums of each window start from them.
        let bases = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: windowCount)
        unsafe bases.initialize(repeating: nil, count: windowCount)
        defer { unsafe bases.deallocate() }
        var done = true
        for window in 0..<windowCount {
            let base = unsafe points[window << (width - 1)]
            unsafe bases[window] = base
            if window == 0 {
                done = unsafe EC_POINT_copy(base, point) == 1
            } else {
                done = unsafe done && EC_POINT_dbl(group, base, bases[window - 1], context) == 1
                for _ in 1..<width { done = unsafe done && EC_POINT_dbl(group, base, base, context) == 1 }
            }
        }
        done = unsafe done && functions.makeAffine(group, windowCount, bases, context) == 1
        for window in 0..<windowCount where done {
            let first = window << (width - 1)
            for digit in 1..<digitCount {
                done =
                    unsafe done
                    && EC_POINT_add(
                        group, points[first + digit], points[first + digit - 1], points[first], context) == 1
            }
        }
        done = unsafe done && functions.makeAffine(group, pointCount, points, context) == 1
        guard done else { throw .fromQueue("making a table of points on \(curve.curve.name)") }
    }

    deinit {
        for index in 0..<pointCount { unsafe EC_POINT_free(points[index]) }
        unsafe points.deallocate()
    }

    /// Adds `scalar` times the point to `positive` − `negative`.
    ///
    /// - Parameters:
    ///   - scalar: Little-endian, readable for four bytes beyond the order's.
    ///   - positive: Where windows with a positive digit are added.
    ///   - negative: Where windows with a negative digit are added.
    func add(
        _ scalar: UnsafePointer<UInt8>, to positive: OpaquePointer, less negative: OpaquePointer, group: OpaquePointer,
        context: OpaquePointer
    ) -> Bool {
        let mask = UInt32(1 << width) - 1
        let half = Int(1 << (width - 1))
        var carry = 0
        for window in 0..<windowCount {
            let bit = window * width
            let bytes = unsafe scalar + bit / 8
            let word = unsafe UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16
            var digit = Int(word >> UInt32(bit % 8) & mask) + carry
            carry = 0
            if digit > half {
                digit -= 1 << width
                carry = 1
            }
            guard digit != 0 else { continue }
            let sum = unsafe digit > 0 ? positive : negative
            let point = unsafe points[(window << (width - 1)) + abs(digit) - 1]
            guard unsafe EC_POINT_add(group, sum, sum, point, context) == 1 else { return false }
        }
        return carry == 0
    }
}
