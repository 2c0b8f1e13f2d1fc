import COpenSSL

/// A private key: this terminal's, or one of a test PKI.
@safe public final class PrivateKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    private init(owning key: OpaquePointer) { unsafe pointer = key }

    /// - Parameter pkcs8: An unencrypted PrivateKeyInfo (RFC 5208) in DER.
    /// - Throws: `CryptoError.invalidKey` when it is none.
    public init(pkcs8: [UInt8]) throws(CryptoError) {
        let key = unsafe pkcs8.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            return unsafe d2i_AutoPrivateKey_ex(nil, &cursor, buffer.count, nil, nil)
        }
        guard let key = unsafe key else {
            CryptoError.drainedQueue()
            throw .invalidKey("the bytes are no PKCS#8 private key")
        }
        unsafe pointer = key
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// A new key on `curve`.
    public static func generateEC(_ curve: NamedCurve) throws(CryptoError) -> PrivateKey {
        try unsafe generate("EC") { context in unsafe EVP_PKEY_CTX_set_group_name(context, curve.groupName) }
    }

    /// A new RSA key.
    ///
    /// - Parameters:
    ///   - bits: The size of the modulus, 1024 to 8192.
    ///   - publicExponent: An odd number above 1; some States use others than 65537.
    public static func generateRSA(bits: Int, publicExponent: UInt64 = 65537) throws(CryptoError) -> PrivateKey {
        guard (1024...8192).contains(bits), publicExponent > 1, !publicExponent.isMultiple(of: 2) else {
            throw .unsupported("RSA with \(bits) bits and the public exponent \(publicExponent)")
        }
        let bytes = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: publicExponent >> $0) }
        let exponent = try BigNumber(bytes)
        return try unsafe generate("RSA") { context in
            guard unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1 else { return 0 }
            return unsafe EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent.pointer)
        }
    }

    /// The unencrypted PrivateKeyInfo (RFC 5208) in DER.
    public var pkcs8: SecretBytes {
        get throws(CryptoError) {
            guard let info = unsafe EVP_PKEY2PKCS8(pointer) else { throw .fromQueue("EVP_PKEY2PKCS8") }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            return SecretBytes(try unsafe encoded("PKCS#8") { unsafe i2d_PKCS8_PRIV_KEY_INFO(info, $0) })
        }
    }

    /// The SubjectPublicKeyInfo in DER, naming its curve.
    public var subjectPublicKeyInfo: [UInt8] {
        get throws(CryptoError) { try unsafe encoded("SubjectPublicKeyInfo") { unsafe i2d_PUBKEY(pointer, $0) } }
    }

    /// The SubjectPublicKeyInfo in DER with the curve's parameters spelt out, as most States encode it.
    public var subjectPublicKeyInfoWithExplicitParameters: [UInt8] {
        get throws(CryptoError) {
            guard let copy = unsafe EVP_PKEY_dup(pointer) else { throw .fromQueue("EVP_PKEY_dup") }
            defer { unsafe EVP_PKEY_free(copy) }
            guard unsafe EVP_PKEY_set_utf8_string_param(copy, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1 else {
                throw .fromQueue("explicit parameters")
            }
            return try unsafe encoded("SubjectPublicKeyInfo") { unsafe i2d_PUBKEY(copy, $0) }
        }
    }

    /// The private scalar of an elliptic-curve key, big-endian, as long as the curve's order.
    public func ecScalar(on curve: NamedCurve) throws(CryptoError) -> SecretBytes {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(pointer, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1,
            let number = unsafe number
        else {
            CryptoError.drainedQueue()
            throw .invalidKey("not an elliptic-curve key")
        }
        let scalar = unsafe BigNumber(owning: number)
        return SecretBytes(try scalar.bytes(width: try ECGroup(curve).orderByteCount))
    }

    /// The signature over `message`.
    public func sign(_ message: [UInt8], scheme: SignatureScheme) throws(CryptoError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .fromQueue("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard unsafe EVP_DigestSignInit_ex(context, &parameters, scheme.digest.name, nil, nil, pointer, nil) == 1,
            let parameters = unsafe parameters
        else { throw .fromQueue("EVP_DigestSignInit") }
        try unsafe scheme.configure(parameters)
        var signature = [UInt8](repeating: 0, count: Int(unsafe EVP_PKEY_get_size(pointer)))
        var count = signature.count
        guard unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw .fromQueue("EVP_DigestSign")
        }
        return Array(signature.prefix(count))
    }

    /// The RSA private operation without any padding on `block`, which is as long as the modulus and below it.
    public func rsaPrivateOperation(_ block: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
            throw .fromQueue("EVP_PKEY_CTX_new")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: Int(unsafe EVP_PKEY_get_size(pointer)))
        var count = output.count
        guard unsafe EVP_PKEY_sign_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1,
            unsafe EVP_PKEY_sign(context, &output, &count, block, block.count) == 1
        else { throw .fromQueue("RSA private operation") }
        return Array(output.prefix(count))
    }

    private static func generate(
        _ algorithm: String, configure: (OpaquePointer) -> Int32
    ) throws(CryptoError) -> PrivateKey {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, algorithm, nil) else {
            throw .fromQueue("EVP_PKEY_CTX_new_from_name")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1, unsafe configure(context) == 1,
            unsafe EVP_PKEY_generate(context, &key) == 1, let key = unsafe key
        else { throw .fromQueue("key generation") }
        return unsafe PrivateKey(owning: key)
    }
}
