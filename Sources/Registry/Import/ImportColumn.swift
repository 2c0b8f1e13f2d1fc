/// A column of the files that a registry is loaded from.
///
/// A header names columns by these names, the national gateway's, or those of hospital exports; upper and lower case,
/// spaces and underscores make no difference, and columns may stand in any order.
public enum ImportColumn: Int, CaseIterable, Sendable {
    /// The 12-digit personal number.
    case personalNumber
    /// Card number: 15 characters, or its last ten digits.
    case cardNumber
    /// The ten-digit social insurance number, where there is no card number.
    case socialInsuranceNumber
    /// Full name with diacritics.
    case fullName
    /// Day of birth; month or year alone where no more is known.
    case birthDate
    /// `male` or `female`, `Nam` or `Nữ`, 1 or 2.
    case sex
    /// Group of insured, two letters, where the card number has none.
    case group
    /// Benefit level 1 to 5, where the card number has none.
    case level
    /// First day on which the card is good.
    case validFrom
    /// Last day on which the card is good; empty for a card without end.
    case validTo
    /// Code of the registered primary facility, five characters.
    case facilityCode
    /// Name of the registered primary facility.
    case facilityName
    /// K1, K2 or K3 for the regions of the law; empty elsewhere.
    case areaCode
    /// The day on which five continuous years are reached.
    case fiveYearsFrom
    /// Personal number of a parent, for a child that has no card of its own.
    case parentPersonalNumber
    /// Empty or 000 for a card in force, or the gateway's code of why it is not: 110, 120 to 124.
    case status
    /// The day on which the source last changed the record.
    case updatedOn
    /// In a load of changes: `put` (also when empty) or `delete`.
    case operation

    /// The name by which a header calls it and reports tell it.
    public var name: String { String(describing: self) }

    /// The column that a header means by `name`.
    init?(named name: String) {
        let key = name.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" }
        guard let column = Self.byName[key] else { return nil }
        self = column
    }

    /// Further names by which a header may call it.
    public var otherNames: [String] {
        switch self {
        case .personalNumber: ["soCCCD", "cccd", "soDinhDanh", "maDinhDanh", "soCanCuoc"]
        case .cardNumber: ["maThe", "maTheBHYT", "soTheBHYT"]
        case .socialInsuranceNumber: ["maSoBHXH", "soBHXH"]
        case .fullName: ["hoTen"]
        case .birthDate: ["ngaySinh"]
        case .sex: ["gioiTinh"]
        case .group: ["maDoiTuong"]
        case .level: ["mucHuong"]
        case .validFrom: ["gtTheTu", "tuNgay"]
        case .validTo: ["gtTheDen", "denNgay"]
        case .facilityCode: ["maDKBD"]
        case .facilityName: ["tenDKBD"]
        case .areaCode: ["maKV"]
        case .fiveYearsFrom: ["ngayDu5Nam", "thoiDiemDu5Nam"]
        case .parentPersonalNumber: ["cccdChaMe", "soCCCDChaMe"]
        case .status: ["maKetQua", "trangThai"]
        case .updatedOn: ["ngayCapNhat"]
        case .operation: ["thaoTac"]
        }
    }

    private static let byName: [String: ImportColumn] = {
        var table: [String: ImportColumn] = [:]
        for column in allCases {
            for name in [column.name] + column.otherNames { table[name.lowercased()] = column }
        }
        return table
    }()
}

/// Where each column stands in a file, as its header tells.
struct ColumnLayout {
    /// By the column's index: the field's index, or nil.
    let fieldOfColumn: [Int?]
    /// Names in the header that no column has.
    let ignored: [String]

    /// - Throws: `invalidHeader` when a column is named twice, or one is missing without which no line can be good.
    init(header: [String]) throws(RegistryError) {
        var fields = [Int?](repeating: nil, count: ImportColumn.allCases.count)
        var ignored: [String] = []
        for (index, name) in header.enumerated() {
            guard let column = ImportColumn(named: name) else {
                ignored.append(String(name.prefix(64)))
                continue
            }
            guard fields[column.rawValue] == nil else {
                throw .invalidHeader(reason: "it names \(column.name) twice")
            }
            fields[column.rawValue] = index
        }
        for column in [ImportColumn.fullName, .birthDate, .validFrom, .validTo] where fields[column.rawValue] == nil {
            let names = ([column.name] + column.otherNames).joined(separator: ", ")
            throw .invalidHeader(reason: "it names no column \(column.name) (any of \(names))")
        }
        let identities = [ImportColumn.personalNumber, .cardNumber, .socialInsuranceNumber]
        guard identities.contains(where: { fields[$0.rawValue] != nil }) else {
            throw .invalidHeader(reason: "it names neither personalNumber nor cardNumber nor socialInsuranceNumber")
        }
        fieldOfColumn = fields
        self.ignored = ignored
    }
}
