import COpenSSL

/// The group of points of a known curve, with its own generator or with a mapped one (Doc 9303-11, 4.4.3.3.1).
///
/// Immutable after it is made and therefore safe to share between threads.
@safe public final class ECGroup: @unchecked Sendable {
    /// The curve.
    public let curve: NamedCurve
    let pointer: OpaquePointer

    /// - Throws: `CryptoError.unsupported` when this OpenSSL does not offer the curve.
    public init(_ curve: NamedCurve) throws(CryptoError) {
        guard let group = unsafe EC_GROUP_new_by_curve_name(curve.nid) else {
            CryptoError.drainedQueue()
            throw .unsupported(curve.name)
        }
        self.curve = curve
        unsafe pointer = group
    }

    private init(curve: NamedCurve, owning group: OpaquePointer) {
        self.curve = curve
        unsafe pointer = group
    }

    deinit { unsafe EC_GROUP_free(pointer) }

    /// Bytes of a coordinate.
    public var fieldByteCount: Int { (curve.fieldBitCount + 7) / 8 }

    /// Bytes of a scalar.
    public var orderByteCount: Int { (Int(unsafe EC_GROUP_order_bits(pointer)) + 7) / 8 }

    /// The base point.
    public var generator: ECPoint {
        get throws(CryptoError) {
            guard let generator = unsafe EC_GROUP_get0_generator(pointer),
                let copy = unsafe EC_POINT_dup(generator, pointer)
            else { throw .fromQueue("EC_GROUP_get0_generator") }
            return try unsafe ECPoint(owning: copy, group: self)
        }
    }

    /// The point that `encoded` writes uncompressed: 04 ‖ x ‖ y (BSI TR-03111, 3.2.1).
    ///
    /// - Throws: `CryptoError.invalidPoint` for any other form, for coordinates that are not on the curve, and for infinity.
    public func point(_ encoded: [UInt8]) throws(CryptoError) -> ECPoint {
        guard encoded.count == 1 + 2 * fieldByteCount, encoded.first == 0x04 else {
            throw .invalidPoint("\(encoded.count) bytes are no uncompressed point of \(curve.name)")
        }
        return try decodedPoint(encoded)
    }

    /// The point that `encoded` writes uncompressed or compressed (SEC 1, 2.3.4), as certificates may.
    func certificatePoint(_ encoded: [UInt8]) throws(CryptoError) -> ECPoint {
        switch (encoded.first, encoded.count) {
        case (0x04, 1 + 2 * fieldByteCount), (0x02, 1 + fieldByteCount), (0x03, 1 + fieldByteCount):
            return try decodedPoint(encoded)
        default:
            throw .invalidPoint("\(encoded.count) bytes are no point of \(curve.name)")
        }
    }

    /// `scalar` times `point`, in time that does not depend on the scalar.
    ///
    /// - Throws: `CryptoError.invalidPoint` when the product is the point at infinity.
    public func multiply(_ point: ECPoint, by scalar: SecretBytes) throws(CryptoError) -> ECPoint {
        let number = try BigNumber(secret: scalar)
        return try unsafe newPoint { (result) throws(CryptoError) in
            unsafe EC_POINT_mul(pointer, result, nil, point.pointer, number.pointer, nil)
        }
    }

    /// `scalar` times the generator, in time that does not depend on the scalar.
    ///
    /// - Throws: `CryptoError.invalidPoint` when the product is the point at infinity.
    public func multiplyGenerator(by scalar: SecretBytes) throws(CryptoError) -> ECPoint {
        let number = try BigNumber(secret: scalar)
        return try unsafe newPoint { (result) throws(CryptoError) in
            unsafe EC_POINT_mul(pointer, result, number.pointer, nil, nil, nil)
        }
    }

    /// The sum of two points.
    ///
    /// - Throws: `CryptoError.invalidPoint` when the sum is the point at infinity.
    public func add(_ a: ECPoint, _ b: ECPoint) throws(CryptoError) -> ECPoint {
        try unsafe newPoint { (result) throws(CryptoError) in
            unsafe EC_POINT_add(pointer, result, a.pointer, b.pointer, nil)
        }
    }

    /// The same curve with `point` as its generator. All curves here have prime order, so any point but infinity generates.
    public func withGenerator(_ point: ECPoint) throws(CryptoError) -> ECGroup {
        guard let copy = unsafe EC_GROUP_dup(pointer) else { throw .fromQueue("EC_GROUP_dup") }
        let mapped = unsafe ECGroup(curve: curve, owning: copy)
        let order = unsafe EC_GROUP_get0_order(pointer)
        guard unsafe EC_GROUP_set_generator(copy, point.pointer, order, BN_value_one()) == 1 else {
            throw .fromQueue("EC_GROUP_set_generator")
        }
        return mapped
    }

    /// The same curve in the arithmetic that OpenSSL has for any prime, which adds points faster than the routines that it
    /// has for some curves. Points of the two do not mix.
    func inGenericArithmetic() throws(CryptoError) -> ECGroup {
        let numbers = try NumberPool(count: 3)
        let (p, a, b, context) = unsafe (numbers[0], numbers[1], numbers[2], numbers.context)
        guard unsafe EC_GROUP_get_curve(pointer, p, a, b, context) == 1,
            let group = unsafe EC_GROUP_new_curve_GFp(p, a, b, context)
        else { throw .fromQueue("EC_GROUP_new_curve_GFp") }
        let generic = unsafe ECGroup(curve: curve, owning: group)
        let generator = try generic.point(try generator.encoded)
        guard
            unsafe EC_GROUP_set_generator(
                group, generator.pointer, EC_GROUP_get0_order(pointer), BN_value_one()) == 1
        else { throw .fromQueue("EC_GROUP_set_generator") }
        return generic
    }

    /// A fresh private scalar, uniform in 1 … order − 1, big-endian, `orderByteCount` long.
    public func randomScalar() throws(CryptoError) -> SecretBytes {
        let number = try BigNumber()
        repeat {
            guard unsafe BN_priv_rand_range_ex(number.pointer, EC_GROUP_get0_order(pointer), 0, nil) == 1 else {
                throw .fromQueue("BN_priv_rand_range_ex")
            }
        } while unsafe BN_is_zero(number.pointer) == 1
        return SecretBytes(try number.bytes(width: orderByteCount))
    }

    private func decodedPoint(_ encoded: [UInt8]) throws(CryptoError) -> ECPoint {
        do throws(CryptoError) {
            return try unsafe newPoint { (result) throws(CryptoError) in
                unsafe EC_POINT_oct2point(pointer, result, encoded, encoded.count, nil)
            }
        } catch {
            throw .invalidPoint("the coordinates are not on \(curve.name)")
        }
    }

    private func newPoint(_ compute: (OpaquePointer) throws(CryptoError) -> Int32) throws(CryptoError) -> ECPoint {
        guard let result = unsafe EC_POINT_new(self.pointer) else { throw .fromQueue("EC_POINT_new") }
        let status: Int32
        do throws(CryptoError) {
            status = try unsafe compute(result)
        } catch {
            unsafe EC_POINT_clear_free(result)
            throw error
        }
        guard status == 1 else {
            unsafe EC_POINT_clear_free(result)
            throw .fromQueue("curve arithmetic on \(curve.name)")
        }
        return try unsafe ECPoint(owning: result, group: self)
    }
}
