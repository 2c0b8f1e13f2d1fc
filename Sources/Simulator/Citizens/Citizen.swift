import Document

/// An invented person with everything that a card says about its holder (the fields of DG13).
public struct Citizen: Equatable, Sendable {
    /// The personal number.
    public var personalNumber: PersonalNumber
    /// Family name, middle names, given name, with diacritics.
    public var fullName: String
    /// The birth date.
    public var birthDate: CalendarDate
    /// The sex.
    public var sex: Sex
    /// The nationality.
    public var nationality: String
    /// The ethnicity.
    public var ethnicity: String
    /// The religion; `Không` for none.
    public var religion: String
    /// The place of origin (quê quán).
    public var placeOfOrigin: String
    /// The place of residence (nơi thường trú).
    public var residence: String
    /// Identifying features (đặc điểm nhận dạng).
    public var identifyingFeatures: String
    /// The day on which the card was issued.
    public var issueDate: CalendarDate
    /// The last day of the card's validity; nil for none (`Không thời hạn`).
    public var expiryDate: CalendarDate?
    /// The father's name, or empty.
    public var fatherName: String
    /// The mother's name, or empty.
    public var motherName: String
    /// The spouse's name; nil when single.
    public var spouseName: String?
    /// The number of an older identity card (CMND), nine digits; nil for none.
    public var oldNumber: String?
    /// The chip's or card's serial number, sixteen hexadecimal characters; nil for none.
    public var chipSerial: String?

    /// The person of the demonstrations: Nguyễn Văn Minh, a man born in Hà Nội in 1990.
    public static let demo = Citizen(
        personalNumber: .constant("001090012345"), fullName: "Nguyễn Văn Minh", birthDate: .constant(1990, 3, 15),
        sex: .male, nationality: "Việt Nam", ethnicity: "Kinh", religion: "Không",
        placeOfOrigin: "Phường Hoa Sen, Quận Sao Mai, Hà Nội",
        residence: "Số 12 phố Ánh Dương, Phường Hoa Sen, Quận Sao Mai, Hà Nội",
        identifyingFeatures: "Nốt ruồi cách 1 cm trên đuôi mắt trái", issueDate: .constant(2021, 4, 20),
        expiryDate: .constant(2030, 3, 15), fatherName: "Nguyễn Văn Bình", motherName: "Trần Thị Hạnh",
        spouseName: nil, oldNumber: "012345678", chipSerial: "6A1F03C27E9B5D48")

    /// The text of the QR code printed on the card.
    public var qrText: String {
        [
            personalNumber.text, oldNumber ?? "", fullName, Self.compact(birthDate), sexText, residence,
            Self.compact(issueDate),
        ].joined(separator: "|")
    }

    /// The sex as the card prints it.
    var sexText: String {
        switch sex {
        case .male: "Nam"
        case .female: "Nữ"
        case .unspecified: ""
        }
    }

    /// `dd/mm/yyyy`, as the card prints dates.
    static func printed(_ date: CalendarDate) -> String {
        [decimal(date.day, digits: 2), decimal(date.month, digits: 2), decimal(date.year, digits: 4)]
            .joined(separator: "/")
    }

    /// `ddmmyyyy`, as the QR code has dates.
    private static func compact(_ date: CalendarDate) -> String { printed(date).filter { $0 != "/" } }
}

extension PersonalNumber {
    /// A number written in this source code, which must be one.
    static func constant(_ text: String) -> PersonalNumber {
        guard let number = try? PersonalNumber(text) else { preconditionFailure("\(text) is no personal number") }
        return number
    }
}
