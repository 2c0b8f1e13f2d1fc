/// DG14: the protocols that the chip supports and the keys for them, signed by the State (Doc 9303-10, 4.7.14).
public struct DataGroup14: Hashable, Sendable {
    /// The protocols and keys.
    public let securityInfos: SecurityInfos

    /// - Parameter bytes: The file from its outer tag 6E on, and nothing behind it.
    /// - Throws: `DocumentError` when the file is malformed.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        var file = TLVCursor(bytes)
        var content = file.inside(try file.next(0x6E))
        try file.expectEnd()
        securityInfos = try SecurityInfos(next: &content)
        try content.expectEnd()
    }
}
