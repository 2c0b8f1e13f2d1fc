/// EF.SOD (Doc 9303-10, 4.6.2): a SignedData around an LDSSecurityObject, in its outer tag 77.
public struct SecurityObject: Sendable {
    /// A deviation from DER that real documents show and that takes nothing from what the signature proves.
    public enum Tolerance: String, Hashable, Sendable, CaseIterable {
        /// A length outside the signed parts takes more bytes than it needs.
        case nonMinimalLength
        /// A length outside the signed parts is indefinite, or a string comes in segments.
        case indefiniteLength
        /// Bytes follow behind the outer tag.
        case trailingBytes
        /// The signed attributes do not stand in the order of a DER SET OF.
        case unsortedAttributes
        /// A syntax version is not the one that the structure asks for (RFC 5652, 5.1 and 5.3).
        case syntaxVersion
        /// A signer's hash algorithm does not stand among those announced (RFC 5652, 5.1).
        case digestAlgorithmNotAnnounced
    }

    /// The file that places refer to: as it was read, or rewritten with definite lengths.
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
        let parts: Parts
        do throws(DocumentError) {
            parts = try Parts(file, rules: .der)
        } catch {
            (parts, tolerances) = try Self.tolerantParts(file)
        }
        if parts.end < parts.bytes.count { tolerances.insert(.trailingBytes) }
        if parts.signedData.signers.contains(where: { $0.signedAttributes?.isSorted == false }) {
            tolerances.insert(.unsortedAttributes)
        }
        tolerances.formUnion(Self.tolerances(parts.signedData))
        (self.bytes, signedData, lds) = (parts.bytes, parts.signedData, parts.lds)
        self.tolerances = tolerances
    }

    /// What nobody signs, and what RFC 5652 nevertheless says how to write.
    private static func tolerances(_ signedData: SignedData) -> Set<Tolerance> {
        var tolerances: Set<Tolerance> = []
        let versions = signedData.signers.allSatisfy { $0.version == $0.identifier.syntaxVersion }
        if signedData.version != 3 || !versions { tolerances.insert(.syntaxVersion) }
        let announced = signedData.digestAlgorithms.filter(\.hasNoParameters).map(\.algorithm)
        if !signedData.signers.allSatisfy({ announced.contains($0.digestAlgorithm.algorithm) }) {
            tolerances.insert(.digestAlgorithmNotAnnounced)
        }
        return tolerances
    }

    /// Reads what is not DER, as far as it is tolerated.
    private static func tolerantParts(_ file: [UInt8]) throws(DocumentError) -> (Parts, Set<Tolerance>) {
        do throws(DocumentError) {
            return (try Parts(file, rules: .ber), [.nonMinimalLength])
        } catch {
            switch error {
            case .indefiniteLength, .unexpectedTag(0x24, _, _): break
            default: throw error
            }
        }
        let (element, consumed) = try DefiniteLength.rewrite(file)
        var tolerances: Set<Tolerance> = [.indefiniteLength]
        if consumed < file.count { tolerances.insert(.trailingBytes) }
        do throws(DocumentError) {
            return (try Parts(element, rules: .der), tolerances)
        } catch .nonMinimalLength {
            return (try Parts(element, rules: .ber), tolerances.union([.nonMinimalLength]))
        }
    }

    private struct Parts {
        let bytes: [UInt8]
        let signedData: SignedData
        let lds: LDSSecurityObject?
        let end: Int

        init(_ file: [UInt8], rules: EncodingRules) throws(DocumentError) {
            bytes = file
            var cursor = TLVCursor(file.span, rules: rules)
            let outer = try cursor.next(0x77)
            end = outer.range.upperBound
            var inside = cursor.inside(outer)
            signedData = try SignedData(from: &inside)
            try inside.expectEnd()
            guard let content = signedData.content else { throw .missing(field: "encapsulated content") }
            guard signedData.contentType == LDSSecurityObject.contentType else {
                lds = nil
                return
            }
            var contentCursor = cursor.within(content).strict()
            lds = try LDSSecurityObject(from: &contentCursor)
            try contentCursor.expectEnd()
        }
    }
}
