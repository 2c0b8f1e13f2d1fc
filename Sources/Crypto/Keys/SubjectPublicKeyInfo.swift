import COpenSSL

/// The parts of a SubjectPublicKeyInfo, read by OpenSSL and not yet believed.
@safe struct SubjectPublicKeyInfo: ~Copyable {
    /// The algorithm's OpenSSL number.
    let algorithm: Int32
    /// The content of the bit string.
    let keyBytes: [UInt8]
    private let pointer: OpaquePointer

    init(_ der: [UInt8]) throws(CryptoError) {
        let parsed = unsafe decoded(der, { unsafe d2i_X509_PUBKEY(nil, $0, $1) }, free: { unsafe X509_PUBKEY_free($0) })
        guard let parsed = unsafe parsed else {
            CryptoError.drainedQueue()
            throw .invalidKey("the bytes are no SubjectPublicKeyInfo")
        }
        var object: OpaquePointer?
        var bytes: UnsafePointer<UInt8>?
        var count: Int32 = 0
        guard unsafe X509_PUBKEY_get0_param(&object, &bytes, &count, nil, parsed) == 1 else {
            unsafe X509_PUBKEY_free(parsed)
            throw .fromQueue("X509_PUBKEY_get0_param")
        }
        algorithm = unsafe Self.number(of: object)
        keyBytes = unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(max(0, count))))
        // d2i_X509_PUBKEY queues an error when it cannot decode the key within; that is judged here, not there.
        CryptoError.drainedQueue()
        unsafe pointer = parsed
    }

    deinit { unsafe X509_PUBKEY_free(pointer) }

    /// The RSA key, whose numbers must be usable: a modulus of 1024 to 8192 bits, an odd exponent above 1.
    func rsaKey() throws(CryptoError) -> (PublicKey.Kind, OpaquePointer) {
        guard let key = unsafe X509_PUBKEY_get(pointer) else {
            CryptoError.drainedQueue()
            throw .invalidKey("the bit string holds no RSA key")
        }
        do throws(CryptoError) {
            let bits = try unsafe Self.checkedModulusBits(key)
            return unsafe (.rsa(bits: bits), key)
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
    }

    /// The known curve that the parameters name or, spelt out, equal.
    func curve() throws(CryptoError) -> (NamedCurve, isExplicit: Bool) {
        var object: OpaquePointer?
        var type: Int32 = 0
        var value: UnsafeRawPointer?
        var identifier: UnsafeMutablePointer<X509_ALGOR>?
        guard unsafe X509_PUBKEY_get0_param(nil, nil, nil, &identifier, pointer) == 1 else {
            throw .fromQueue("X509_PUBKEY_get0_param")
        }
        unsafe X509_ALGOR_get0(&object, &type, &value, identifier)
        let parameters = unsafe value.map { OpaquePointer($0) }
        if algorithm == NID_X9_62_id_ecPublicKey, type == V_ASN1_OBJECT {
            let nid = unsafe Self.number(of: parameters)
            guard let curve = NamedCurve(nid: nid) else { throw .unsupported("the curve \(Self.name(of: nid))") }
            return (curve, false)
        }
        if algorithm == NID_X9_62_id_ecPublicKey, type == V_ASN1_SEQUENCE, let parameters = unsafe parameters {
            return (try unsafe Self.knownCurve(explicit: UnsafePointer(parameters)), true)
        }
        if unsafe dottedDecimal(object) == Self.standardizedDomainParameters, type == V_ASN1_INTEGER,
            let parameters = unsafe parameters
        {
            let id = unsafe ASN1_INTEGER_get(UnsafePointer(parameters))
            guard let curve = NamedCurve(standardizedDomainParameterID: id) else {
                throw .unsupported("the domain parameters \(id)")
            }
            return (curve, false)
        }
        throw .unsupported("the key algorithm \(unsafe dottedDecimal(object))")
    }

    /// id-standardizedDomainParameters of BSI TR-03110-3, A.2.1.1.
    private static let standardizedDomainParameters = "0.4.0.127.0.7.1.2"

    /// Compares field, coefficients, generator, order, cofactor and seed with the known curves.
    private static func knownCurve(explicit parameters: UnsafePointer<ASN1_STRING>) throws(CryptoError) -> NamedCurve {
        let count = Int(unsafe ASN1_STRING_length(parameters))
        let start = unsafe ASN1_STRING_get0_data(parameters)
        var cursor = unsafe start
        let group = unsafe d2i_ECPKParameters(nil, &cursor, count)
        defer { unsafe EC_GROUP_free(group) }
        CryptoError.drainedQueue()
        guard let group = unsafe group, unsafe cursor == start.map({ unsafe $0 + count }) else {
            throw .invalidKey("the explicit curve parameters are malformed")
        }
        let nid = unsafe EC_GROUP_check_named_curve(group, 0, nil)
        CryptoError.drainedQueue()
        guard let curve = NamedCurve(nid: nid) else {
            throw .invalidKey("the explicit curve parameters are those of no known curve")
        }
        // OpenSSL compares all else, but takes a group of known coefficients for the known one whatever its cofactor, and
        // puts the known seed in place of the one that stands there.
        guard unsafe cofactorIsOne(parameters) else {
            throw .invalidKey("the explicit curve parameters have no cofactor, or one that no known curve has")
        }
        guard unsafe seedIsKnown(parameters, of: curve) else {
            throw .invalidKey("the explicit curve parameters have another seed than \(curve.name)")
        }
        return curve
    }

    /// Whether ECParameters (RFC 3279, 2.3.5) end with the cofactor 1, which Doc 9303-12, 4.1.6.3 wants to stand there.
    private static func cofactorIsOne(_ parameters: UnsafePointer<ASN1_STRING>) -> Bool {
        unsafe withFields(of: parameters) { fields in
            guard unsafe OPENSSL_sk_num(fields) == 6, let last = unsafe OPENSSL_sk_value(fields, 5) else {
                return false
            }
            let cofactor = unsafe last.assumingMemoryBound(to: ASN1_TYPE.self)
            guard unsafe ASN1_TYPE_get(cofactor) == V_ASN1_INTEGER else { return false }
            return unsafe ASN1_INTEGER_get(cofactor.pointee.value.integer) == 1
        }
    }

    /// Whether the seed in ECParameters is absent or the one from which the standard made the curve.
    private static func seedIsKnown(_ parameters: UnsafePointer<ASN1_STRING>, of curve: NamedCurve) -> Bool {
        guard let group = unsafe EC_GROUP_new_by_curve_name(curve.nid) else { return false }
        defer { unsafe EC_GROUP_free(group) }
        let known = unsafe Array(
            UnsafeBufferPointer(start: EC_GROUP_get0_seed(group), count: EC_GROUP_get_seed_len(group)))
        return unsafe withFields(of: parameters) { fields in
            guard let third = unsafe OPENSSL_sk_value(fields, 2) else { return false }
            let coefficients = unsafe third.assumingMemoryBound(to: ASN1_TYPE.self)
            guard unsafe ASN1_TYPE_get(coefficients) == V_ASN1_SEQUENCE else { return false }
            return unsafe withFields(of: coefficients.pointee.value.sequence) { fields in
                guard unsafe OPENSSL_sk_num(fields) == 3, let last = unsafe OPENSSL_sk_value(fields, 2) else {
                    return unsafe OPENSSL_sk_num(fields) == 2
                }
                let seed = unsafe last.assumingMemoryBound(to: ASN1_TYPE.self)
                guard unsafe ASN1_TYPE_get(seed) == V_ASN1_BIT_STRING, !known.isEmpty else { return false }
                return unsafe Array(contentOf: seed.pointee.value.bit_string) == known
            }
        }
    }

    /// Calls `judge` with the elements of a SEQUENCE, a stack of ASN1_TYPE; false when it is none.
    private static func withFields(
        of sequence: UnsafePointer<ASN1_STRING>?, _ judge: (OpaquePointer) -> Bool
    ) -> Bool {
        var cursor = unsafe ASN1_STRING_get0_data(sequence)
        guard let fields = unsafe d2i_ASN1_SEQUENCE_ANY(nil, &cursor, Int(ASN1_STRING_length(sequence))) else {
            CryptoError.drainedQueue()
            return false
        }
        defer {
            while let field = unsafe OPENSSL_sk_pop(fields) {
                unsafe ASN1_TYPE_free(field.assumingMemoryBound(to: ASN1_TYPE.self))
            }
            unsafe OPENSSL_sk_free(fields)
        }
        return unsafe judge(fields)
    }

    private static func checkedModulusBits(_ key: OpaquePointer) throws(CryptoError) -> Int {
        let modulus = try unsafe number("n", of: key)
        let exponent = try unsafe number("e", of: key)
        guard (1024...8192).contains(modulus.bitCount), unsafe BN_is_odd(modulus.pointer) == 1 else {
            throw .invalidKey("an RSA modulus of \(modulus.bitCount) bits")
        }
        guard unsafe BN_is_odd(exponent.pointer) == 1, unsafe BN_is_one(exponent.pointer) == 0, exponent.bitCount <= 64
        else { throw .invalidKey("an RSA public exponent that is even, 1, or above 64 bits") }
        return modulus.bitCount
    }

    private static func number(_ name: String, of key: OpaquePointer) throws(CryptoError) -> BigNumber {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(key, name, &number) == 1, let number = unsafe number else {
            throw .fromQueue("EVP_PKEY_get_bn_param")
        }
        return unsafe BigNumber(owning: number)
    }

    private static func number(of object: OpaquePointer?) -> Int32 { unsafe OBJ_obj2nid(object) }

    private static func name(of nid: Int32) -> String {
        guard let name = unsafe OBJ_nid2sn(nid) else { return "without a name" }
        return unsafe String(cString: name)
    }
}
