import COpenSSL

/// The numbers of y² = x³ + a·x + b over the integers modulo a prime.
public struct CurveEquation: Sendable {
    /// The prime p of the field.
    public let field: Modulus
    /// a, as long as p.
    public let a: [UInt8]
    /// b, as long as p.
    public let b: [UInt8]
}

extension ECGroup {
    /// The equation of the curve, for computing with coordinates (Doc 9303-11, Appendix B).
    public var equation: CurveEquation {
        get throws(CryptoError) {
            let p = try BigNumber()
            let a = try BigNumber()
            let b = try BigNumber()
            guard unsafe EC_GROUP_get_curve(pointer, p.pointer, a.pointer, b.pointer, nil) == 1 else {
                throw .fromQueue("EC_GROUP_get_curve")
            }
            let width = fieldByteCount
            return CurveEquation(
                field: try Modulus(p.bytes(width: width)), a: try a.bytes(width: width), b: try b.bytes(width: width))
        }
    }

    /// The shared secret of a Diffie-Hellman agreement (BSI TR-03111, 4.3.1): the first coordinate of `scalar` times
    /// `point`, in the width of the field, in time that does not depend on the scalar.
    ///
    /// - Throws: `CryptoError.invalidPoint` when the product is the point at infinity.
    public func agree(_ point: ECPoint, with scalar: SecretBytes) throws(CryptoError) -> SecretBytes {
        let number = try BigNumber(secret: scalar)
        let x = try BigNumber()
        guard let product = unsafe EC_POINT_new(pointer) else { throw .fromQueue("EC_POINT_new") }
        defer { unsafe EC_POINT_clear_free(product) }
        guard unsafe EC_POINT_mul(pointer, product, nil, point.pointer, number.pointer, nil) == 1 else {
            throw .fromQueue("curve arithmetic on \(curve.name)")
        }
        guard unsafe EC_POINT_is_at_infinity(pointer, product) == 0 else {
            throw .invalidPoint("the point at infinity")
        }
        guard unsafe EC_POINT_get_affine_coordinates(pointer, product, x.pointer, nil, nil) == 1 else {
            throw .fromQueue("EC_POINT_get_affine_coordinates")
        }
        return try x.secretBytes(width: fieldByteCount)
    }
}
