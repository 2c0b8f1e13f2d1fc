import COpenSSL
import FoundationEssentials

/// A certificate revocation list (RFC 5280, 5) as it was read: nothing about it is proven.
@safe public final class RevocationList: @unchecked Sendable {
    /// The DER encoding.
    public let der: [UInt8]
    /// Who says so.
    public let issuer: DistinguishedName
    /// When it was issued.
    public let thisUpdate: Date
    /// When the next is due; nil when it does not say.
    public let nextUpdate: Date?
    /// How many certificates it revokes.
    public let entryCount: Int
    private let pointer: OpaquePointer

    /// - Parameter der: One revocation list with nothing behind it.
    /// - Throws: `CryptoError.invalidCertificate` when it is none, or one that speaks only of changes or of a part.
    public init(der: [UInt8]) throws(CryptoError) {
        let list = unsafe decoded(der, { unsafe d2i_X509_CRL(nil, $0, $1) }, free: { unsafe X509_CRL_free($0) })
        let detail = CryptoError.drainedQueue()
        guard let list = unsafe list else {
            throw .invalidCertificate("the bytes are no revocation list: \(detail)")
        }
        guard let thisUpdate = unsafe Date(X509_CRL_get0_lastUpdate(list)) else {
            unsafe X509_CRL_free(list)
            throw .invalidCertificate("the revocation list has no date of issue")
        }
        // A list of changes, or of a part of the certificates, must not be taken for the whole.
        for extension_ in [NID_delta_crl, NID_issuing_distribution_point]
        where unsafe X509_CRL_get_ext_by_NID(list, extension_, -1) >= 0 {
            unsafe X509_CRL_free(list)
            throw .unsupported("a revocation list of changes or of a part")
        }
        // RFC 5280, 5.2: whoever does not know a critical extension must not use the list.
        for index in 0..<(unsafe X509_CRL_get_ext_count(list)) {
            guard let entry = unsafe X509_CRL_get_ext(list, index), unsafe X509_EXTENSION_get_critical(entry) == 1
            else { continue }
            let type = unsafe OBJ_obj2nid(X509_EXTENSION_get_object(entry))
            guard type != NID_crl_number, type != NID_authority_key_identifier else { continue }
            unsafe X509_CRL_free(list)
            throw .unsupported("a revocation list with an unknown critical extension")
        }
        self.der = der
        self.thisUpdate = thisUpdate
        nextUpdate = unsafe Date(X509_CRL_get0_nextUpdate(list))
        issuer = unsafe DistinguishedName(X509_CRL_get_issuer(list))
        entryCount = max(0, Int(unsafe OPENSSL_sk_num(X509_CRL_get_REVOKED(list))))
        unsafe X509_CRL_sort(list)
        unsafe pointer = list
    }

    deinit { unsafe X509_CRL_free(pointer) }

    /// Whether the signature on this list is by `key`.
    public func isSigned(by key: PublicKey) -> Bool {
        let status = unsafe X509_CRL_verify(pointer, key.pointer)
        CryptoError.drainedQueue()
        return status == 1
    }

    /// Whether `certificate` stands on the list. Says nothing of whether the list speaks for its issuer.
    public func revokes(_ certificate: Certificate) -> Bool {
        var entry: OpaquePointer?
        // 2 is "removed from the list", which a whole list does not hold; anything but 0 is taken for revoked.
        return unsafe X509_CRL_get0_by_serial(pointer, &entry, X509_get_serialNumber(certificate.pointer)) != 0
    }

    /// Whether a certificate with this serial number, the content of an INTEGER, stands on the list.
    public func revokes(serialNumber content: [UInt8]) -> Bool {
        let der = [0x02, UInt8(truncatingIfNeeded: content.count)] + content
        // What is no number, or longer than any serial number is, is not known to be on no list.
        guard content.count < 0x80,
            let number = unsafe decoded(
                der, { unsafe OpaquePointer(d2i_ASN1_INTEGER(nil, $0, $1)) },
                free: { unsafe ASN1_INTEGER_free(UnsafeMutablePointer($0)) })
        else { return true }
        let serialNumber = unsafe UnsafeMutablePointer<ASN1_INTEGER>(number)
        defer { unsafe ASN1_INTEGER_free(serialNumber) }
        var entry: OpaquePointer?
        return unsafe X509_CRL_get0_by_serial(pointer, &entry, serialNumber) != 0
    }
}

extension Date {
    /// The moment that an ASN.1 time names; nil when there is none.
    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        var parts = unsafe tm()
        // OpenSSL takes "no time" for "now".
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        self.init(timeIntervalSince1970: Double(unsafe timegm(&parts)))
    }
}
