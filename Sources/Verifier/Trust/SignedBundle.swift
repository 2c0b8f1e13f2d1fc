import Document

/// PKCS#7 files as far as they matter here: told apart, and unsigned bundles opened (RFC 5652, 5.1: no signers).
enum SignedBundle {
    private static let signedData = ObjectIdentifier([1, 2, 840, 113549, 1, 7, 2])

    /// Whether the bytes begin as a ContentInfo that holds a SignedData.
    static func isSignedData(_ bytes: [UInt8]) -> Bool {
        var cursor = TLVCursor(bytes.span)
        guard let outer = try? cursor.next(.sequence) else { return false }
        var inside = cursor.inside(outer)
        return (try? inside.nextObjectIdentifier()) == signedData
    }

    /// The certificates of a bundle without content and without signers; nil when it has either.
    static func unsignedCertificates(_ bytes: [UInt8]) throws(TrustStoreError) -> [[UInt8]]? {
        do throws(DocumentError) {
            return try certificates(bytes)
        } catch {
            throw .malformed(reason: "\(error)")
        }
    }

    private static func certificates(_ bytes: [UInt8]) throws(DocumentError) -> [[UInt8]]? {
        var cursor = TLVCursor(bytes.span)
        var info = cursor.inside(try cursor.next(.sequence))
        try cursor.expectEnd()
        _ = try info.nextObjectIdentifier()
        var explicit = info.inside(try info.next(0xA0))
        var fields = explicit.inside(try explicit.next(.sequence))
        _ = try fields.next(.integer)
        _ = try fields.next(.set)
        var content = fields.inside(try fields.next(.sequence))
        _ = try content.nextObjectIdentifier()
        guard content.isAtEnd, let element = try fields.nextIfPresent(0xA0) else { return nil }
        _ = try fields.nextIfPresent(0xA1)
        guard try fields.next(.set).content.isEmpty else { return nil }
        var set = fields.inside(element)
        var certificates: [[UInt8]] = []
        while !set.isAtEnd { certificates.append(set.copy(try set.next().range)) }
        return certificates
    }
}
