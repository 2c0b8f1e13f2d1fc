import COpenSSL
import FoundationEssentials

/// An X.509 certificate (RFC 5280) as it was read: nothing about it is proven.
@safe public final class Certificate: @unchecked Sendable {
    /// The DER encoding.
    public let der: [UInt8]
    /// Whose key it certifies.
    public let subject: DistinguishedName
    /// Who says so.
    public let issuer: DistinguishedName
    /// The serial number in upper-case hexadecimal, with a sign when negative.
    public let serialNumber: String
    /// The content bytes of the serial number's DER encoding.
    public let serialNumberContent: [UInt8]
    /// The first moment of its validity.
    public let notBefore: Date
    /// The last moment of its validity.
    public let notAfter: Date
    /// The encoding of the key, not yet judged; see `publicKey()`.
    public let subjectPublicKeyInfo: [UInt8]
    /// The extensions in the order of the certificate.
    public let extensions: [Extension]
    let pointer: OpaquePointer

    /// One extension, its value not interpreted.
    public struct Extension: Hashable, Sendable {
        /// The type in dotted decimal.
        public let type: String
        /// Whether whoever does not know it must refuse the certificate.
        public let isCritical: Bool
        /// The content of the octet string: DER.
        public let value: [UInt8]
    }

    /// - Parameter der: One certificate with nothing behind it.
    /// - Throws: `CryptoError.invalidCertificate` when it is none.
    public init(der: [UInt8]) throws(CryptoError) {
        let certificate = unsafe decoded(der, { unsafe d2i_X509(nil, $0, $1) }, free: { unsafe X509_free($0) })
        let detail = CryptoError.drainedQueue()
        guard let certificate = unsafe certificate else {
            throw .invalidCertificate(detail.isEmpty ? "bytes follow behind the certificate" : detail)
        }
        guard let notBefore = unsafe Date(X509_get0_notBefore(certificate)),
            let notAfter = unsafe Date(X509_get0_notAfter(certificate))
        else {
            unsafe X509_free(certificate)
            throw .invalidCertificate("its validity is no pair of dates")
        }
        do throws(CryptoError) {
            // A serial number is far shorter than 128 bytes, so two bytes of tag and length precede its content.
            serialNumberContent = Array(
                try unsafe encoded("serial number") {
                    unsafe i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), $0)
                }.dropFirst(2))
            subjectPublicKeyInfo = try unsafe encoded("SubjectPublicKeyInfo") {
                unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0)
            }
        } catch {
            unsafe X509_free(certificate)
            throw error
        }
        self.der = der
        self.notBefore = notBefore
        self.notAfter = notAfter
        subject = unsafe DistinguishedName(X509_get_subject_name(certificate))
        issuer = unsafe DistinguishedName(X509_get_issuer_name(certificate))
        serialNumber = unsafe Self.hexadecimal(X509_get0_serialNumber(certificate))
        extensions = unsafe Self.extensions(of: certificate)
        // Makes OpenSSL interpret and keep the extensions now, while this certificate is seen by one thread.
        unsafe X509_get_extension_flags(certificate)
        CryptoError.drainedQueue()
        unsafe pointer = certificate
    }

    deinit { unsafe X509_free(pointer) }

    /// The key, judged as `PublicKey` does.
    public func publicKey() throws(CryptoError) -> PublicKey {
        try PublicKey(subjectPublicKeyInfo: subjectPublicKeyInfo)
    }

    /// Whether the signature on this certificate is by `key`. Says nothing of names, dates or usage.
    public func isSigned(by key: PublicKey) -> Bool {
        let status = unsafe X509_verify(pointer, key.pointer)
        CryptoError.drainedQueue()
        return status == 1
    }

    /// Whether subject and issuer are the same name.
    public var isSelfIssued: Bool { subject == issuer }

    /// Reads all certificates of a file: one in DER, or any number in PEM.
    ///
    /// - Throws: `CryptoError.invalidCertificate` when it holds none, or one is malformed.
    public static func all(in file: [UInt8]) throws(CryptoError) -> [Certificate] {
        guard let text = String(validating: file, as: UTF8.self), text.contains("-----BEGIN ") else {
            return [try Certificate(der: file)]
        }
        guard let input = unsafe BIO_new_mem_buf(file, Int32(clamping: file.count)) else {
            throw .fromQueue("BIO_new_mem_buf")
        }
        defer { unsafe BIO_free(input) }
        var certificates: [Certificate] = []
        while let certificate = unsafe PEM_read_bio_X509(input, nil, nil, nil) {
            defer { unsafe X509_free(certificate) }
            let der = try unsafe encoded("certificate") { unsafe i2d_X509(certificate, $0) }
            certificates.append(try Certificate(der: der))
        }
        let last = ERR_peek_last_error()
        CryptoError.drainedQueue()
        // The end of the input is told as "no start line"; anything else is a broken certificate.
        guard ERR_GET_REASON(last) == PEM_R_NO_START_LINE, !certificates.isEmpty else {
            throw .invalidCertificate("certificate \(certificates.count + 1) of the PEM file cannot be read")
        }
        return certificates
    }

    private static func hexadecimal(_ serial: UnsafePointer<ASN1_INTEGER>?) -> String {
        guard let number = unsafe ASN1_INTEGER_to_BN(serial, nil) else { return "" }
        defer { unsafe BN_free(number) }
        guard let text = unsafe BN_bn2hex(number) else { return "" }
        defer { unsafe CRYPTO_free(text, nil, 0) }
        return unsafe String(cString: text)
    }

    private static func extensions(of certificate: OpaquePointer) -> [Extension] {
        (0..<(unsafe X509_get_ext_count(certificate))).compactMap { index in
            guard let entry = unsafe X509_get_ext(certificate, index) else { return nil }
            return Extension(
                type: unsafe dottedDecimal(X509_EXTENSION_get_object(entry)),
                isCritical: unsafe X509_EXTENSION_get_critical(entry) == 1,
                value: unsafe Array(contentOf: X509_EXTENSION_get_data(entry)))
        }
    }
}
