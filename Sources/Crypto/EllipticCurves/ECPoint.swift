import COpenSSL

/// A point of a curve other than the point at infinity.
@safe public final class ECPoint: @unchecked Sendable {
    let pointer: OpaquePointer
    /// 04 ‖ x ‖ y (BSI TR-03111, 3.2.1).
    public let encoded: [UInt8]

    /// Takes over `point`.
    ///
    /// - Throws: `CryptoError.invalidPoint` for the point at infinity.
    init(owning point: OpaquePointer, group: ECGroup) throws(CryptoError) {
        var encoded = [UInt8](repeating: 0, count: 1 + 2 * group.fieldByteCount)
        guard unsafe EC_POINT_is_at_infinity(group.pointer, point) == 0 else {
            unsafe EC_POINT_clear_free(point)
            throw .invalidPoint("the point at infinity")
        }
        let count = unsafe EC_POINT_point2oct(
            group.pointer, point, POINT_CONVERSION_UNCOMPRESSED, &encoded, encoded.count, nil)
        guard count == encoded.count else {
            unsafe EC_POINT_clear_free(point)
            throw .fromQueue("EC_POINT_point2oct")
        }
        self.encoded = encoded
        unsafe pointer = point
    }

    deinit { unsafe EC_POINT_clear_free(pointer) }

    /// The first coordinate, big-endian, in the width of the field.
    public var x: [UInt8] { Array(encoded[1..<1 + encoded.count / 2]) }

    /// The second coordinate, big-endian, in the width of the field.
    public var y: [UInt8] { Array(encoded[(1 + encoded.count / 2)...]) }
}

extension ECPoint: Equatable {
    /// Whether both have the same coordinates.
    public static func == (a: ECPoint, b: ECPoint) -> Bool { a.encoded == b.encoded }
}
