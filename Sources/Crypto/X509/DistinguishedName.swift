import COpenSSL

/// An X.500 name (RFC 5280, 4.1.2.4), compared as X.520 says and not by its bytes: values are equal when they are the
/// same text after case and repeated spaces are folded, whichever string type carries them.
public struct DistinguishedName: Hashable, Sendable {
    /// One attribute of a relative distinguished name.
    public struct Attribute: Hashable, Comparable, Sendable {
        /// The attribute type in dotted decimal.
        public let type: String
        /// The value, case and spaces folded.
        public let value: String

        /// Orders by type, then value; used to compare sets.
        public static func < (a: Attribute, b: Attribute) -> Bool { (a.type, a.value) < (b.type, b.value) }
    }

    /// The relative distinguished names in the order of the encoding, the attributes of each sorted.
    public let relativeNames: [[Attribute]]
    /// For people (RFC 2253 with readable UTF-8); takes no part in comparison.
    public let text: String

    /// Whether both hold the same relative names, in whatever order. Some States' signer identifiers list the issuer's
    /// name in another order than the certificate does.
    public func hasSameAttributes(as other: DistinguishedName) -> Bool {
        relativeNames == other.relativeNames
            || relativeNames.map(\.description).sorted() == other.relativeNames.map(\.description).sorted()
    }

    /// The first value of the country attribute (2.5.4.6) in lower case, or nil.
    public var country: String? {
        relativeNames.joined().first { $0.type == "2.5.4.6" }?.value
    }

    /// Whether both hold the same relative names in the same order.
    public static func == (a: DistinguishedName, b: DistinguishedName) -> Bool { a.relativeNames == b.relativeNames }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(relativeNames) }

    /// - Parameter der: A Name (RFC 5280) in DER, with nothing behind it.
    /// - Throws: `CryptoError.invalidCertificate` when it is none.
    public init(der: [UInt8]) throws(CryptoError) {
        let name = unsafe decoded(der, { unsafe d2i_X509_NAME(nil, $0, $1) }, free: { unsafe X509_NAME_free($0) })
        guard let name = unsafe name else {
            CryptoError.drainedQueue()
            throw .invalidCertificate("the bytes are no distinguished name")
        }
        defer { unsafe X509_NAME_free(name) }
        unsafe self.init(name)
    }

    init(_ name: OpaquePointer?) {
        var names: [[Attribute]] = []
        var lastSet: Int32 = -1
        for index in 0..<(unsafe X509_NAME_entry_count(name)) {
            guard let entry = unsafe X509_NAME_get_entry(name, index) else { continue }
            let attribute = Attribute(
                type: unsafe dottedDecimal(X509_NAME_ENTRY_get_object(entry)),
                value: unsafe Self.folded(X509_NAME_ENTRY_get_data(entry)))
            if case let set = unsafe X509_NAME_ENTRY_set(entry), set != lastSet {
                names.append([])
                lastSet = set
            }
            names[names.count - 1].append(attribute)
        }
        relativeNames = names.map { $0.sorted() }
        text = unsafe Self.printed(name)
    }

    private static func folded(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> String {
        var utf8: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&utf8, string)
        CryptoError.drainedQueue()
        guard count >= 0, let utf8 = unsafe utf8 else {
            let bytes = unsafe [UInt8](contentOf: string)
            return "#" + bytes.map { String($0, radix: 16) }.joined(separator: ",")
        }
        defer { unsafe CRYPTO_free(utf8, nil, 0) }
        let text = unsafe String(decoding: UnsafeBufferPointer(start: utf8, count: Int(count)), as: UTF8.self)
        return text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func printed(_ name: OpaquePointer?) -> String {
        guard let output = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(output) }
        let flags = UInt(CCCD_NAME_FLAGS)
        guard unsafe X509_NAME_print_ex(output, name, 0, flags) >= 0 else { return "" }
        var text = [UInt8](repeating: 0, count: 4096)
        let count = unsafe BIO_read(output, &text, Int32(text.count))
        return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
    }
}
