/// The LDSSecurityObject (Doc 9303-10, 4.6.2.3): the hashes of the data groups, which EF.SOD signs.
public struct LDSSecurityObject: Hashable, Sendable {
    /// id-icao-mrtd-security-ldsSecurityObject.
    public static let contentType = ObjectIdentifier([2, 23, 136, 1, 1, 1])

    /// 0, or 1 when the LDS and Unicode versions stand within.
    public let version: Int
    /// The hash function of every hash.
    public let hashAlgorithm: AlgorithmIdentifier
    /// The hashes by number of the data group, 1 to 16.
    public let hashes: [Int: [UInt8]]
    /// The LDS version as four digits, in version 1.
    public let ldsVersion: String?
    /// The Unicode version as six digits, in version 1.
    public let unicodeVersion: String?

    /// Reads the next element of `cursor`, which must be an LDSSecurityObject.
    ///
    /// - Throws: `invalidValue` also when a data group is listed twice: which of the two hashes holds is nobody's to choose.
    public init(from cursor: inout TLVCursor) throws(DocumentError) {
        var fields = cursor.inside(try cursor.next(.sequence))
        version = try fields.nextSmallInteger("LDSSecurityObject version")
        guard version <= 1 else { throw .unsupported(field: "LDSSecurityObject version", value: "\(version)") }
        hashAlgorithm = try AlgorithmIdentifier(from: &fields)
        hashes = try Self.hashes(in: &fields)
        if version == 1 {
            var versions = fields.inside(try fields.next(.sequence))
            ldsVersion = try Self.printable(&versions)
            unicodeVersion = try Self.printable(&versions)
            try versions.expectEnd()
        } else {
            ldsVersion = nil
            unicodeVersion = nil
        }
        try fields.expectEnd()
    }

    private static func hashes(in fields: inout TLVCursor) throws(DocumentError) -> [Int: [UInt8]] {
        var list = fields.inside(try fields.next(.sequence))
        var hashes: [Int: [UInt8]] = [:]
        while !list.isAtEnd {
            var entry = list.inside(try list.next(.sequence))
            let number = try entry.nextSmallInteger("dataGroupNumber")
            guard (1...16).contains(number) else {
                throw .invalidValue(field: "dataGroupNumber", reason: "\(number) is not 1 to 16")
            }
            let hash = entry.copy(try entry.next(.octetString).content)
            try entry.expectEnd()
            guard hashes.updateValue(hash, forKey: number) == nil else {
                throw .invalidValue(field: "dataGroupHashValues", reason: "data group \(number) is listed twice")
            }
        }
        guard !hashes.isEmpty else { throw .missing(field: "dataGroupHashValues") }
        return hashes
    }

    private static func printable(_ cursor: inout TLVCursor) throws(DocumentError) -> String {
        let content = try cursor.next(.printableString).content
        guard content.count <= 16 else { throw .invalidValue(field: "ldsVersionInfo", reason: "too long") }
        return String(decoding: cursor.copy(content), as: UTF8.self)
    }
}
