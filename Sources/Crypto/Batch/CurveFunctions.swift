import COpenSSL
import Glibc

/// The curve functions of OpenSSL that version 3.0 declares deprecated and a later one may leave out.
///
/// They are looked up by name when they are first wanted, so that the program builds and starts with an OpenSSL that has
/// none of them. Without them `BatchVerifier` verifies through EVP.
@unsafe struct CurveFunctions: @unchecked Sendable {
    typealias Precompute = @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32
    typealias MakeAffine =
        @convention(c) (OpaquePointer?, Int, UnsafeMutablePointer<OpaquePointer?>?, OpaquePointer?) -> Int32
    typealias Jacobian =
        @convention(c) (
            OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?
        ) -> Int32

    /// `EC_GROUP_precompute_mult`: makes the group's table of multiples of its generator.
    let precompute: Precompute
    /// `EC_POINTs_make_affine`: brings points to the form with which adding is cheapest, with one inversion for all.
    let makeAffine: MakeAffine
    /// `EC_POINT_get_Jprojective_coordinates_GFp`: coordinates without the inversion that the affine ones cost.
    let jacobian: Jacobian

    /// The functions of the OpenSSL that runs; nil when it lacks one.
    static let loaded: CurveFunctions? = unsafe CurveFunctions { unsafe dlsym(nil, $0) }

    init?(lookUp: (String) -> UnsafeMutableRawPointer?) {
        guard !DeprecatedFunctions.areLeftOut, let precompute = unsafe lookUp("EC_GROUP_precompute_mult"),
            let makeAffine = unsafe lookUp("EC_POINTs_make_affine"),
            let jacobian = unsafe lookUp("EC_POINT_get_Jprojective_coordinates_GFp")
        else { return nil }
        unsafe self.precompute = unsafe unsafeBitCast(precompute, to: Precompute.self)
        unsafe self.makeAffine = unsafe unsafeBitCast(makeAffine, to: MakeAffine.self)
        unsafe self.jacobian = unsafe unsafeBitCast(jacobian, to: Jacobian.self)
    }
}

/// The choice made when the program is built: `swift build -Xswiftc -DCCCD_ONLY_EVP` leaves every deprecated function out.
enum DeprecatedFunctions {
    #if CCCD_ONLY_EVP
        static let areLeftOut = true
    #else
        static let areLeftOut = false
    #endif
}
