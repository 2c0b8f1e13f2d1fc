/// DG1: the machine readable zone (Doc 9303-10, 4.7.1).
public struct DataGroup1: Hashable, Sendable {
    /// The zone.
    public let mrz: MachineReadableZone

    /// The characters of the zone as they stand in the file, without line breaks.
    public var text: String { mrz.text }

    /// - Parameter bytes: The file from its outer tag 61 on, and nothing behind it.
    /// - Throws: `DocumentError` when the file is malformed; wrong check digits are not thrown but told in the zone.
    public init(_ bytes: Span<UInt8>) throws(DocumentError) {
        var file = TLVCursor(bytes)
        var content = file.inside(try file.next(0x61))
        try file.expectEnd()
        let zone = try content.next(0x5F1F)
        try content.expectEnd()
        guard zone.content.count <= 90 else {
            throw .invalidValue(field: "machine readable zone", reason: "it has more than 90 characters")
        }
        // A byte that is no ASCII becomes a character that no zone has.
        mrz = try MachineReadableZone(String(decoding: content.copy(zone.content), as: UTF8.self))
    }
}
