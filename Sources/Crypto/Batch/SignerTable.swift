import COpenSSL

/// A signer's public key made into a table, with which a verification on its curve costs a third or less.
@safe final class SignerTable: @unchecked Sendable {
    @safe private enum Form {
        case ownGroup(OpaquePointer)
        case windows(PointTable)
    }

    private let form: Form
    private let curve: CurveArithmetic
    /// What the table takes, about, in bytes.
    let byteCount: Int

    /// What the table of a key on `curve`, with windows of `width` bits, will take, about, in bytes.
    static func byteCount(on curve: CurveArithmetic, width: Int) -> Int {
        switch curve.method {
        // OpenSSL's: 37 windows of 64 points of two coordinates for P-256, less for the curves of its other routines.
        case .ownGroup: 37 * 64 * 2 * ((curve.orderBitCount + 63) / 64 * 8) + 4096
        case .windows:
            PointTable.byteCount(orderBitCount: curve.orderBitCount, width: width)
        }
    }

    /// - Parameters:
    ///   - point: The key, as a point of `curve.sums`.
    ///   - width: Bits of a window, where the table has windows of ours.
    init(
        _ point: OpaquePointer, on curve: CurveArithmetic, width: Int, context: OpaquePointer
    ) throws(CryptoError) {
        self.curve = curve
        byteCount = Self.byteCount(on: curve, width: width)
        switch curve.method {
        case .windows:
            form = .windows(try unsafe PointTable(point, of: curve, width: width, context: context))
        case .ownGroup:
            guard let functions = unsafe CurveFunctions.loaded, let group = unsafe EC_GROUP_dup(curve.group) else {
                throw .fromQueue("EC_GROUP_dup")
            }
            guard unsafe EC_GROUP_set_generator(group, point, curve.order.modulus, BN_value_one()) == 1,
                unsafe functions.precompute(group, context) == 1
            else {
                unsafe EC_GROUP_free(group)
                throw .fromQueue("EC_GROUP_precompute_mult")
            }
            unsafe form = .ownGroup(group)
        }
    }

    deinit {
        if case .ownGroup(let group) = form { unsafe EC_GROUP_free(group) }
    }

    /// work.sum = u1 · G + u2 · Q, a point of `curve.sums`.
    func multiply(_ u1: OpaquePointer, _ u2: OpaquePointer, with work: CurveWork) -> Bool {
        switch form {
        case .ownGroup(let group):
            return unsafe EC_POINT_mul(curve.group, work.sum, u1, nil, nil, work.context) == 1
                && EC_POINT_mul(group, work.other, u2, nil, nil, work.context) == 1
                && EC_POINT_add(curve.group, work.sum, work.sum, work.other, work.context) == 1
        case .windows(let table):
            guard let generatorTable = curve.generatorTable else { return false }
            let (sum, other, context) = unsafe (work.sum, work.other, work.context)
            let group = unsafe curve.sums.pointer
            guard unsafe EC_POINT_set_to_infinity(group, sum) == 1,
                unsafe EC_POINT_set_to_infinity(group, other) == 1,
                let scalar = unsafe work.littleEndian(u1),
                unsafe generatorTable.add(scalar, to: sum, less: other, group: group, context: context),
                let scalar = unsafe work.littleEndian(u2),
                unsafe table.add(scalar, to: sum, less: other, group: group, context: context)
            else { return false }
            return unsafe EC_POINT_invert(group, other, context) == 1
                && EC_POINT_add(group, sum, sum, other, context) == 1
        }
    }
}

/// Points and the bytes of a scalar, for one thread's work on one curve.
@safe final class CurveWork {
    /// Points of `CurveArithmetic.sums`.
    let sum: OpaquePointer
    let other: OpaquePointer
    /// A point of `CurveArithmetic.points`.
    let product: OpaquePointer
    let context: OpaquePointer
    private let scalar: UnsafeMutablePointer<UInt8>
    /// The longest scalar has 66 bytes; windows are read up to three bytes beyond.
    private static let scalarByteCount = 80

    init(on curve: CurveArithmetic, context: OpaquePointer) throws(CryptoError) {
        let points = unsafe [curve.sums.pointer, curve.sums.pointer, curve.group].map { unsafe EC_POINT_new($0) }
        guard let sum = unsafe points[0], let other = unsafe points[1], let product = unsafe points[2] else {
            unsafe points.forEach { unsafe EC_POINT_free($0) }
            throw .fromQueue("EC_POINT_new")
        }
        unsafe self.sum = sum
        unsafe self.other = other
        unsafe self.product = product
        unsafe self.context = context
        unsafe scalar = .allocate(capacity: Self.scalarByteCount)
    }

    deinit {
        unsafe EC_POINT_free(sum)
        unsafe EC_POINT_free(other)
        unsafe EC_POINT_free(product)
        unsafe scalar.deallocate()
    }

    /// The bytes of `number`, good until the next call.
    func littleEndian(_ number: OpaquePointer) -> UnsafePointer<UInt8>? {
        guard unsafe BN_bn2lebinpad(number, scalar, Int32(Self.scalarByteCount)) == Int32(Self.scalarByteCount) else {
            return nil
        }
        return unsafe UnsafePointer(scalar)
    }
}
