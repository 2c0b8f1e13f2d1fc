import Crypto
import Document
import FoundationEssentials

/// When a private key may be used (RFC 3280, 4.2.1.4); either end may be open.
struct PrivateKeyUsagePeriod {
    let notBefore: Date?
    let notAfter: Date?

    func contains(_ date: Date) -> Bool {
        notBefore.map { $0 <= date } ?? true && notAfter.map { date <= $0 } ?? true
    }
}

/// Extensions of Doc 9303-12, 7.1 that OpenSSL does not interpret.
extension Certificate {
    /// The critical extensions that nobody here knows, for which the certificate must be refused (RFC 5280, 4.2).
    var unknownCriticalExtensions: [String] {
        extensions.filter { $0.isCritical && !Self.knownExtensions.contains($0.type) }.map(\.type)
    }

    /// The extensions of the profiles in Doc 9303-12, 7.1, tables 4 to 6. Those on names, policies and distribution points
    /// say nothing that would narrow what the key may sign.
    private static let knownExtensions: Set<String> = [
        "2.5.29.14", "2.5.29.15", "2.5.29.16", "2.5.29.17", "2.5.29.18", "2.5.29.19", "2.5.29.31", "2.5.29.32",
        "2.5.29.35", "2.5.29.37", "2.23.136.1.1.6.1", "2.23.136.1.1.6.2",
    ]

    /// The private key usage period; nil when the extension is absent.
    ///
    /// - Throws: `DocumentError` when it is malformed.
    func privateKeyUsagePeriod() throws(DocumentError) -> PrivateKeyUsagePeriod? {
        guard let value = extensions.first(where: { $0.type == "2.5.29.16" })?.value else { return nil }
        var cursor = TLVCursor(value.span)
        var fields = cursor.inside(try cursor.next(.sequence))
        try cursor.expectEnd()
        let notBefore = try Self.time(&fields, tag: 0x80)
        let notAfter = try Self.time(&fields, tag: 0x81)
        try fields.expectEnd()
        return PrivateKeyUsagePeriod(notBefore: notBefore, notAfter: notAfter)
    }

    /// The document type list (Doc 9303-12, 7.1.1.6): the codes that the signer signs; nil when the extension is absent.
    ///
    /// - Throws: `DocumentError` when it is malformed.
    func documentTypes() throws(DocumentError) -> Set<String>? {
        guard let value = extensions.first(where: { $0.type == "2.23.136.1.1.6.2" })?.value else { return nil }
        var cursor = TLVCursor(value.span)
        var fields = cursor.inside(try cursor.next(.sequence))
        try cursor.expectEnd()
        _ = try fields.nextSmallInteger("document type list version")
        var set = fields.inside(try fields.next(.set))
        try fields.expectEnd()
        var types: Set<String> = []
        while !set.isAtEnd {
            let element = try set.next()
            guard element.tag == .printableString || element.tag == .utf8String, element.content.count <= 2 else {
                throw .invalidValue(field: "documentTypeList", reason: "a type is no text of one or two letters")
            }
            types.insert(String(decoding: set.copy(element.content), as: UTF8.self))
        }
        return types
    }

    private static func time(_ fields: inout TLVCursor, tag: Tag) throws(DocumentError) -> Date? {
        guard let element = try fields.nextIfPresent(tag) else { return nil }
        guard let date = ASN1Time.date(String(decoding: fields.copy(element.content), as: UTF8.self)) else {
            throw .invalidValue(field: "privateKeyUsagePeriod", reason: "no GeneralizedTime")
        }
        return date
    }
}
