/// The elementary files of a chip with the ICAO application (Doc 9303-10, 3.11, 4.6 and 4.7).
public enum ElementaryFile: String, Hashable, Sendable, CaseIterable {
    /// The index of the data groups.
    case com = "COM"
    /// The document security object: the signed hashes of the data groups.
    case sod = "SOD"
    /// The machine readable zone (Doc 9303-10, 4.7.1).
    case dg1 = "DG1"
    /// The portrait (Doc 9303-10, 4.7.2).
    case dg2 = "DG2"
    /// Fingerprints, for terminals with rights to them (Doc 9303-10, 4.7.3).
    case dg3 = "DG3"
    /// Irises, for terminals with rights to them (Doc 9303-10, 4.7.4).
    case dg4 = "DG4"
    /// The portrait as it is shown on the document (Doc 9303-10, 4.7.5).
    case dg5 = "DG5"
    /// Reserved (Doc 9303-10, 4.7.6).
    case dg6 = "DG6"
    /// The signature or usual mark as it is shown on the document (Doc 9303-10, 4.7.7).
    case dg7 = "DG7"
    /// Data features of the document (Doc 9303-10, 4.7.8).
    case dg8 = "DG8"
    /// Structure features of the document (Doc 9303-10, 4.7.9).
    case dg9 = "DG9"
    /// Substance features of the document (Doc 9303-10, 4.7.10).
    case dg10 = "DG10"
    /// Further personal details (Doc 9303-10, 4.7.11).
    case dg11 = "DG11"
    /// Further details of the document (Doc 9303-10, 4.7.12).
    case dg12 = "DG12"
    /// What the State that issues chose: on a Vietnamese card the holder's data with diacritics (Doc 9303-10, 4.7.13).
    case dg13 = "DG13"
    /// What the chip needs for access and chip authentication, signed (Doc 9303-10, 4.7.14).
    case dg14 = "DG14"
    /// The public key of active authentication (Doc 9303-10, 4.7.15).
    case dg15 = "DG15"
    /// Persons to notify (Doc 9303-10, 4.7.16).
    case dg16 = "DG16"
    /// The protocols that the chip offers before access, in the master file (Doc 9303-11, 9.2.11).
    case cardAccess = "CardAccess"
    /// The signed form of the same, in the master file (Doc 9303-11, 9.2.11).
    case cardSecurity = "CardSecurity"

    /// The file whose name on disk is `fileName`, such as `EF_DG1.bin`; nil when no file has that name.
    public init?(fileName: String) {
        guard fileName.hasSuffix(".bin") else { return nil }
        self.init(name: String(fileName.dropLast(4)))
    }

    /// The file called `name`, such as `EF_DG1`; nil when no file is called so.
    public init?(name: String) {
        guard name.hasPrefix("EF_") else { return nil }
        self.init(rawValue: String(name.dropFirst(3)))
    }

    /// The file whose outer tag is `tag`; nil when it is none of EF.COM, EF.SOD and the data groups.
    public init?(tag: Tag) {
        guard let file = Self.byTag[tag] else { return nil }
        self = file
    }

    /// The data group of that number; nil outside 1 to 16.
    public static func dataGroup(_ number: Int) -> ElementaryFile? { Self(rawValue: "DG\(number)") }

    /// The name in JSON and in messages, such as `EF_DG1`.
    public var name: String { "EF_" + rawValue }

    /// The name on disk, such as `EF_DG1.bin`.
    public var fileName: String { name + ".bin" }

    /// The outer tag (Doc 9303-10, 4.6 and 4.7); nil for EF.CardAccess and EF.CardSecurity, which have universal tags.
    public var tag: Tag? {
        switch self {
        case .com: 0x60
        case .sod: 0x77
        case .dg1: 0x61
        case .dg2: 0x75
        case .dg3: 0x63
        case .dg4: 0x76
        case .dg5: 0x65
        case .dg6: 0x66
        case .dg7: 0x67
        case .dg8: 0x68
        case .dg9: 0x69
        case .dg10: 0x6A
        case .dg11: 0x6B
        case .dg12: 0x6C
        case .dg13: 0x6D
        case .dg14: 0x6E
        case .dg15: 0x6F
        case .dg16: 0x70
        case .cardAccess, .cardSecurity: nil
        }
    }

    /// The file identifier, which SELECT takes (Doc 9303-10, 3.11, 4.6 and 4.7). EF.SOD and EF.CardSecurity share one: the former is
    /// in the ICAO application, the latter in the master file.
    public var fileIdentifier: UInt16 { 0x0100 | UInt16(shortFileIdentifier) }

    /// The short file identifier, which READ BINARY takes: 01 to 1E.
    public var shortFileIdentifier: UInt8 {
        switch self {
        case .com: 0x1E
        case .sod, .cardSecurity: 0x1D
        case .cardAccess: 0x1C
        default: UInt8(truncatingIfNeeded: dataGroupNumber ?? 0)
        }
    }

    /// The number of the data group, 1 to 16; nil for the other files.
    public var dataGroupNumber: Int? { rawValue.hasPrefix("DG") ? Int(rawValue.dropFirst(2)) : nil }

    private static let byTag: [Tag: ElementaryFile] = {
        var files: [Tag: ElementaryFile] = [:]
        for file in allCases {
            if let tag = file.tag { files[tag] = file }
        }
        return files
    }()
}

extension ElementaryFile: CustomStringConvertible {
    /// The name as Doc 9303 writes it: `EF.DG1`.
    public var description: String { "EF." + rawValue }
}
