/// EF.SOD (Doc 9303-10, 4.6.2): a SignedData around an LDSSecurityObject, in its outer tag 77.
public struct SecurityObject: Sendable {
    /// A deviation from DER that real documents show and that takes nothing from what the signature proves.
    public enum Tolerance: String, Hashable, Sendable, CaseIterable {
        /// A length outside the signed parts takes more bytes than it needs.
        case nonMinimalLength
        /// Bytes follow behind the outer tag.
        case trailingBytes
        /// The signed attributes do not stand in the order of a DER SET OF.
        case unsortedAttributes
    }

    /// The file as it was read.
    public let bytes: [UInt8]
    /// The signed data.
    public let signedData: SignedData
    /// The list of hashes; nil when the content is of another type than an LDSSecurityObject.
    public let lds: LDSSecurityObject?
    /// Deviations from DER that were accepted.
    public let tolerances: Set<Tolerance>

    /// The largest EF.SOD that is read, in bytes: an elementary file of a card has no more.
    public static let maximumByteCount = 65_536 + 8

    /// - Parameter file: EF.SOD with its outer tag.
    /// - Throws: `DocumentError` with the place of the first fault.
    public init(_ file: [UInt8]) throws(DocumentError) {
        guard file.count <= Self.maximumByteCount else {
            throw .invalidValue(field: "EF.SOD", reason: "\(file.count) bytes are too many")
        }
        var tolerances: Set<Tolerance> = []
        let parts: (SignedData, LDSSecurityObject?, Int)
        do throws(DocumentError) {
            parts = try Self.parse(file, rules: .der)
        } catch .nonMinimalLength {
            parts = try Self.parse(file, rules: .ber)
            tolerances.insert(.nonMinimalLength)
        }
        (signedData, lds) = (parts.0, parts.1)
        if parts.2 < file.count { tolerances.insert(.trailingBytes) }
        if signedData.signers.contains(where: { $0.signedAttributes?.isSorted == false }) {
            tolerances.insert(.unsortedAttributes)
        }
        bytes = file
        self.tolerances = tolerances
    }

    private static func parse(
        _ file: [UInt8], rules: EncodingRules
    ) throws(DocumentError) -> (SignedData, LDSSecurityObject?, end: Int) {
        var cursor = TLVCursor(file.span, rules: rules)
        let outer = try cursor.next(0x77)
        var inside = cursor.inside(outer)
        let signedData = try SignedData(from: &inside)
        try inside.expectEnd()
        guard let content = signedData.content else { throw .missing(field: "encapsulated content") }
        guard signedData.contentType == LDSSecurityObject.contentType else {
            return (signedData, nil, outer.range.upperBound)
        }
        var contentCursor = cursor.within(content).strict()
        let lds = try LDSSecurityObject(from: &contentCursor)
        try contentCursor.expectEnd()
        return (signedData, lds, outer.range.upperBound)
    }
}
