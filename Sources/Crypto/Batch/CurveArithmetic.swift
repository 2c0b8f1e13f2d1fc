import COpenSSL
import Synchronization

/// One curve made ready for verifying many signatures on it: its numbers, the generator's table, and what the steps cost
/// on this machine. Shared by all threads; immutable but for the measured costs.
@safe final class CurveArithmetic: @unchecked Sendable {
    /// How u1·G + u2·Q is computed when Q has a table.
    enum Method: Sendable {
        /// A group whose generator is Q, and OpenSSL's own table for it: one scalar on each group.
        case ownGroup
        /// `PointTable`s for both points.
        case windows
    }

    let curve: NamedCurve
    let points: ECGroup
    let group: OpaquePointer
    /// Where sums of windows are computed: the same curve, in the arithmetic of OpenSSL's that adds faster.
    let sums: ECGroup
    let order: MontgomeryModulus
    let field: MontgomeryModulus
    let orderBitCount: Int
    let method: Method
    /// The table of the generator, for `Method.windows`.
    private(set) var generatorTable: PointTable?
    /// What was measured, and what follows from it.
    let costs: Mutex<VerificationCosts>

    /// Bits of a window in the generator's table, of which there is one in the process.
    private static let generatorWidth = 8
    /// Bits of a window in a signer's table, when nobody knows how often it will be used, and what may be chosen else.
    static let usualWidth = 7
    private static let widths = 6...9

    private static let made = Mutex<[NamedCurve: CurveArithmetic?]>([:])

    /// The curve's arithmetic, made at the first call and checked against EVP; nil when this OpenSSL does not offer what
    /// it takes, or the check failed.
    static func of(_ curve: NamedCurve) -> CurveArithmetic? {
        made.withLock { made in
            if let known = made[curve] { return known }
            let new = try? CurveArithmetic(curve)
            let checked = new.flatMap { ECDSASelfTest.agrees($0) ? $0 : nil }
            CryptoError.drainedQueue()
            made[curve] = .some(checked)
            return checked
        }
    }

    init(_ curve: NamedCurve) throws(CryptoError) {
        guard unsafe CurveFunctions.loaded != nil else { throw .unsupported("the batch arithmetic of \(curve.name)") }
        points = try ECGroup(curve)
        unsafe group = points.pointer
        guard let n = unsafe EC_GROUP_get0_order(group), let p = unsafe EC_GROUP_get0_field(group) else {
            throw .fromQueue("EC_GROUP_get0_order")
        }
        order = try unsafe MontgomeryModulus(n)
        field = try unsafe MontgomeryModulus(p)
        let generic = try points.inGenericArithmetic()
        let isGenericFaster = try Self.addition(on: generic) < 0.95 * Self.addition(on: points)
        let (method, costs) = try unsafe Self.measure(
            group, sums: isGenericFaster ? generic : points, orderBitCount: Int(BN_num_bits(n)))
        sums = isGenericFaster && method == .windows ? generic : points
        self.curve = curve
        orderBitCount = Int(unsafe BN_num_bits(order.modulus))
        self.method = method
        self.costs = Mutex(costs)
        guard method == .windows else { return }
        guard let context = unsafe BN_CTX_new() else { throw .fromQueue("BN_CTX_new") }
        defer { unsafe BN_CTX_free(context) }
        generatorTable = try unsafe PointTable(
            EC_GROUP_get0_generator(sums.pointer), of: self, width: Self.generatorWidth, context: context)
    }

    /// How many bits a window is to have in the table of a key that is expected to be used so often, 0 when nobody knows:
    /// wider ones have fewer sums and more points.
    func signerWidth(expectedUses: Double) -> Int {
        guard method == .windows, expectedUses > 0 else { return Self.usualWidth }
        let sums = { (width: Int) in
            Double((self.orderBitCount + width) / width) * expectedUses
                + 2 * Double(PointTable.pointCount(orderBitCount: self.orderBitCount, width: width))
        }
        return Self.widths.min { sums($0) < sums($1) } ?? Self.usualWidth
    }

    /// Seconds that it takes to add a table's point.
    private static func addition(on curve: ECGroup) throws(CryptoError) -> Double {
        let group = unsafe curve.pointer
        guard let context = unsafe BN_CTX_new() else { throw .fromQueue("BN_CTX_new") }
        defer { unsafe BN_CTX_free(context) }
        guard let generator = unsafe EC_GROUP_get0_generator(group), let sum = unsafe EC_POINT_new(group) else {
            throw .fromQueue("EC_POINT_new")
        }
        defer { unsafe EC_POINT_free(sum) }
        guard unsafe EC_POINT_dbl(group, sum, generator, context) == 1 else { throw .fromQueue("EC_POINT_dbl") }
        return ThreadClock.shortest(of: 9, each: 20) {
            _ = unsafe EC_POINT_add(group, sum, sum, generator, context)
        }
    }

    /// Chooses the method by timing the steps that each is made of: some curves have a routine of their own that
    /// multiplies faster than a sum of windows, most do not.
    private static func measure(
        _ group: OpaquePointer, sums: ECGroup, orderBitCount: Int
    ) throws(CryptoError) -> (Method, VerificationCosts) {
        let numbers = try NumberPool(count: 2)
        let context = unsafe numbers.context
        guard let generator = unsafe EC_GROUP_get0_generator(group), let a = unsafe EC_POINT_new(group),
            let b = unsafe EC_POINT_dup(generator, group)
        else { throw .fromQueue("EC_POINT_new") }
        defer {
            unsafe EC_POINT_free(a)
            unsafe EC_POINT_free(b)
        }
        // Two thirds of the order: a scalar of full length with mixed bits.
        guard let order = unsafe EC_GROUP_get0_order(group), unsafe BN_set_word(numbers[1], 3) == 1,
            unsafe BN_div(numbers[0], nil, order, numbers[1], context) == 1,
            unsafe BN_lshift1(numbers[0], numbers[0]) == 1,
            unsafe EC_POINT_dbl(group, a, generator, context) == 1
        else { throw .fromQueue("BN_div") }
        let add = try addition(on: sums)
        let double = ThreadClock.shortest(of: 3, each: 20) { _ = unsafe EC_POINT_dbl(group, a, a, context) }
        let affine = ThreadClock.shortest(of: 3, each: 4) {
            _ = unsafe EC_POINT_get_affine_coordinates(group, a, numbers[1], nil, context)
        }
        let multiply = ThreadClock.shortest(of: 3, each: 3) {
            _ = unsafe EC_POINT_mul(group, b, numbers[0], nil, nil, context)
        }
        let plain = ThreadClock.shortest(of: 3, each: 2) {
            _ = unsafe EC_POINT_mul(group, b, numbers[0], a, numbers[0], context)
        }
        let windows = Double((orderBitCount + usualWidth) / usualWidth)
        let points = Double(PointTable.pointCount(orderBitCount: orderBitCount, width: usualWidth))
        var costs = VerificationCosts()
        costs.withoutTable.expect(plain)
        if multiply < windows * add {
            costs.withTable.expect(2 * multiply + add)
            // OpenSSL brings each of the table's points to affine form by itself.
            costs.table.expect(points * (affine + 8 * double))
            return (.ownGroup, costs)
        }
        costs.withTable.expect(2 * windows * add)
        costs.table.expect(points * 2 * add)
        return (.windows, costs)
    }
}

/// What the ways to verify cost on this machine, in seconds of one thread: expected at first, then measured at work.
struct VerificationCosts: Sendable {
    /// A mean of what was measured, begun with an expectation that counts as one measurement.
    struct Mean: Sendable {
        private var sum = 0.0
        private var count = 0.0

        mutating func expect(_ seconds: Double) { (sum, count) = (seconds, 1) }

        mutating func add(_ seconds: Double, for uses: Int) {
            sum += seconds
            count += Double(uses)
        }

        var value: Double { count > 0 ? sum / count : 0 }
    }

    /// A verification without a table.
    var withoutTable = Mean()
    /// A verification with one.
    var withTable = Mean()
    /// Making a table.
    var table = Mean()

    /// How many verifications a table must serve until it has saved what it cost.
    var breakEven: Double {
        let saved = withoutTable.value - withTable.value
        return saved > 0 ? table.value / saved : .infinity
    }
}

/// What verifying on a curve costs on this machine, in seconds of one thread.
package struct CurveCosts: Sendable {
    /// A verification without a table for the signer's key.
    package let withoutTable: Double
    /// A verification with one.
    package let withTable: Double
    /// Making a table.
    package let table: Double
    /// How many verifications a table must serve until it has saved what it cost.
    package let breakEven: Double

    /// The costs as they are known now; nil when the curve has no fast path here.
    package init?(_ curve: NamedCurve) {
        guard let costs = CurveArithmetic.of(curve)?.costs.withLock({ $0 }) else { return nil }
        withoutTable = costs.withoutTable.value
        withTable = costs.withTable.value
        table = costs.table.value
        breakEven = costs.breakEven
    }
}
