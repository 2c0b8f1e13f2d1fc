/// DG15: the chip's public key for active authentication, signed by the State (Doc 9303-10, 4.7.15).
public struct DataGroup15: Hashable, Sendable {
    /// The SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), encoded.
    public let subjectPublicKeyInfo: [UInt8]

    /// - Parameter bytes: The file from its outer tag 6F on, and nothing behind it.
    /// - Throws: `DocumentError` when the file is malformed.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        var file = TLVCursor(bytes)
        var content = file.inside(try file.next(0x6F))
        try file.expectEnd()
        subjectPublicKeyInfo = try content.nextSubjectPublicKeyInfo()
        try content.expectEnd()
    }
}
