import COpenSSL

/// A public key for signatures or key agreement, from a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
///
/// Elliptic-curve keys are rebuilt on the curve of this library that their parameters name or, when they are explicit,
/// equal in every field: the parameters of the encoding are compared and then thrown away, never computed with.
@safe public final class PublicKey: @unchecked Sendable {
    /// What kind of key it is.
    public enum Kind: Hashable, Sendable {
        /// RSA with a modulus of so many bits.
        case rsa(bits: Int)
        /// A point of the curve.
        case ec(NamedCurve)

        /// For people: `RSA-2048`, `P-256`, `brainpoolP384r1`.
        public var name: String {
            switch self {
            case .rsa(let bits): "RSA-\(bits)"
            case .ec(let curve): curve.name
            }
        }
    }

    /// What kind of key it is.
    public let kind: Kind
    /// Whether the encoding spelt the curve's parameters out instead of naming it.
    public let hasExplicitParameters: Bool
    /// The DER encoding that the key was read from.
    public let subjectPublicKeyInfo: [UInt8]
    let pointer: OpaquePointer

    /// - Parameter subjectPublicKeyInfo: DER, with nothing behind it.
    /// - Throws: `CryptoError.invalidKey` when the structure, the curve's parameters, the point or the RSA numbers are not
    ///   acceptable, `.invalidPoint` for a point off the curve, `.unsupported` for other algorithms.
    public init(subjectPublicKeyInfo: [UInt8]) throws(CryptoError) {
        let structure = try SubjectPublicKeyInfo(subjectPublicKeyInfo)
        self.subjectPublicKeyInfo = subjectPublicKeyInfo
        switch structure.algorithm {
        case NID_rsaEncryption, NID_rsassaPss:
            hasExplicitParameters = false
            (kind, unsafe pointer) = try unsafe structure.rsaKey()
        default:
            let (curve, isExplicit) = try structure.curve()
            hasExplicitParameters = isExplicit
            kind = .ec(curve)
            unsafe pointer = try unsafe Self.ecKey(curve, encodedPoint: structure.keyBytes)
        }
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// The key as a point of its curve; nil for RSA.
    ///
    /// - Throws: `CryptoError.failed` only: the point was checked when the key was made.
    public func ecPoint() throws(CryptoError) -> ECPoint? {
        guard case .ec(let curve) = kind else { return nil }
        // A point has a byte before two coordinates.
        var encoded = [UInt8](repeating: 0, count: 1 + 2 * ((curve.fieldBitCount + 7) / 8))
        var count = 0
        guard
            unsafe EVP_PKEY_get_octet_string_param(
                pointer, OSSL_PKEY_PARAM_PUB_KEY, &encoded, encoded.count, &count) == 1
        else { throw .fromQueue("EVP_PKEY_get_octet_string_param") }
        return try ECGroup(curve).certificatePoint(Array(encoded.prefix(count)))
    }

    /// The modulus of an RSA key, big-endian, as long as a signature; nil for other keys.
    public var rsaModulus: [UInt8]? {
        var number: OpaquePointer?
        guard case .rsa = kind, unsafe EVP_PKEY_get_bn_param(pointer, OSSL_PKEY_PARAM_RSA_N, &number) == 1,
            let number = unsafe number
        else { return nil }
        return try? unsafe BigNumber(owning: number).bytes(width: Int(EVP_PKEY_get_size(pointer)))
    }

    /// Whether `signature` is this key's over `message`. A malformed signature is a wrong one.
    ///
    /// - Throws: `CryptoError.invalidKey` when the scheme is not one for this kind of key, `.unsupported`.
    public func verify(
        signature: Span<UInt8>, message: Span<UInt8>, scheme: SignatureScheme
    ) throws(CryptoError) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .fromQueue("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        try requireFit(scheme)
        guard
            unsafe EVP_DigestVerifyInit_ex(context, &parameters, scheme.digest.name, nil, nil, pointer, nil) == 1,
            let parameters = unsafe parameters
        else { throw .fromQueue("EVP_DigestVerifyInit") }
        try unsafe scheme.configure(parameters)
        let status = unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestVerify(
                    context, signature.baseAddress, signature.count, message.baseAddress, message.count)
            }
        }
        CryptoError.drainedQueue()
        return status == 1
    }

    /// Whether `signature` is this key's over `message`. A malformed signature is a wrong one.
    public func verify(signature: [UInt8], message: [UInt8], scheme: SignatureScheme) throws(CryptoError) -> Bool {
        try verify(signature: signature.span, message: message.span, scheme: scheme)
    }

    /// Whether `signature` is this RSA key's PKCS#1 v1.5 signature over `message` with a DigestInfo whose algorithm has no
    /// NULL for parameters. RFC 8017, A.2.4 has verifiers accept both forms; OpenSSL accepts the one with NULL alone.
    ///
    /// The whole padded block is made and compared, so nothing in it is parsed.
    public func verifyWithoutNULL(
        signature: [UInt8], message: [UInt8], digest: DigestAlgorithm
    ) throws(CryptoError) -> Bool {
        let hash = try Digest.hash(message, with: digest)
        let identifier = digest.objectIdentifier
        let digestInfo =
            [0x30, UInt8(identifier.count + hash.count + 4), 0x30, UInt8(identifier.count)] + identifier
            + [0x04, UInt8(hash.count)] + hash
        guard let block = try? rsaPublicOperation(signature), block.count >= digestInfo.count + 11 else { return false }
        let padding = [UInt8](repeating: 0xFF, count: block.count - digestInfo.count - 3)
        return block == [0x00, 0x01] + padding + [0x00] + digestInfo
    }

    /// The RSA public operation without any padding: `signature` to the power e, as long as the modulus.
    /// For signatures with message recovery (ISO/IEC 9796-2).
    ///
    /// - Throws: `CryptoError.invalidKey` for other keys, `.failed` when `signature` is not below the modulus.
    public func rsaPublicOperation(_ signature: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard case .rsa = kind else { throw .invalidKey("not an RSA key") }
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
            throw .fromQueue("EVP_PKEY_CTX_new")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: Int(unsafe EVP_PKEY_get_size(pointer)))
        var count = output.count
        guard unsafe EVP_PKEY_verify_recover_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1,
            unsafe EVP_PKEY_verify_recover(context, &output, &count, signature, signature.count) == 1
        else { throw .fromQueue("RSA public operation") }
        return Array(output.prefix(count))
    }

    private func requireFit(_ scheme: SignatureScheme) throws(CryptoError) {
        switch (kind, scheme) {
        case (.rsa, .rsaPKCS1), (.rsa, .rsaPSS), (.ec, .ecdsa): return
        default: throw .invalidKey("\(scheme.name) with a key of another kind")
        }
    }

    private static func ecKey(_ curve: NamedCurve, encodedPoint: [UInt8]) throws(CryptoError) -> OpaquePointer {
        var point = try ECGroup(curve).certificatePoint(encodedPoint).encoded
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
            throw .fromQueue("EVP_PKEY_CTX_new_from_name")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var name = Array(curve.groupName.utf8CString)
        var key: OpaquePointer?
        let status = unsafe name.withUnsafeMutableBufferPointer { name in
            unsafe point.withUnsafeMutableBufferPointer { point in
                var parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(CCCD_PARAM_GROUP_NAME, name.baseAddress, 0),
                    OSSL_PARAM_construct_octet_string(CCCD_PARAM_PUB_KEY, point.baseAddress, point.count),
                    OSSL_PARAM_construct_end(),
                ]
                guard unsafe EVP_PKEY_fromdata_init(context) == 1 else { return Int32(0) }
                return unsafe EVP_PKEY_fromdata(context, &key, Int32(CCCD_EVP_PKEY_PUBLIC_KEY), &parameters)
            }
        }
        guard status == 1, let key = unsafe key else { throw .fromQueue("EVP_PKEY_fromdata") }
        return unsafe key
    }
}

extension SignatureScheme {
    /// Sets the padding of an initialised signing or verifying context.
    func configure(_ context: OpaquePointer) throws(CryptoError) {
        switch self {
        case .ecdsa: return
        case .rsaPKCS1:
            guard unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 else {
                throw .fromQueue("RSA padding")
            }
        case .rsaPSS(_, let mgf1, let saltLength):
            guard (0...1024).contains(saltLength) else { throw .unsupported("a salt of \(saltLength) bytes") }
            guard unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
                unsafe EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf1.method) == 1,
                unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(saltLength)) == 1
            else { throw .fromQueue("RSA-PSS parameters") }
        }
    }
}
