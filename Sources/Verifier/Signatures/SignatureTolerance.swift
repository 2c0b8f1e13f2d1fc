/// A deviation in how a signature or its signer is written that real documents show and that takes nothing from what the
/// signature proves. Each is told in the verdict. Deviations of the encoding are `SecurityObject.Tolerance`.
public enum SignatureTolerance: String, CaseIterable, Sendable {
    /// The DigestInfo leaves out the NULL of its algorithm (RFC 8017, A.2.4).
    case digestInfoWithoutNULL
    /// The signature algorithm names the kind of key alone, which RFC 3370 allows for RSA and no standard for ECDSA.
    case keyAlgorithmForSignature
    /// The issuer's name has the right attributes in another order than the certificate that it names.
    case issuerNameOrder
    /// The signer identifier writes the issuer's name in other letters, spaces or string types than the certificate.
    case issuerNameEncoding
    /// The signer identifier writes the serial number in more bytes than the certificate.
    case serialNumberEncoding
    /// Beside the signer whose signature was judged stands another, whose certificate is not there or whose algorithm is
    /// unknown.
    case furtherSignerNotJudged
    /// The authority key identifier names another certificate than the one whose key issued (RFC 5280, 4.2.1.1).
    case authorityKeyIdentifier
}

extension Finding {
    /// Passed, with the tolerances told, if there are any.
    static func passed(_ tolerances: Set<SignatureTolerance>) -> Finding {
        tolerances.isEmpty ? .passed : .passed(.okWithTolerances, .list(tolerances.map(\.rawValue).sorted()))
    }
}
