import Document

/// Writes the card's machine readable zone: TD1, three lines of thirty characters (Doc 9303-5, 4.2).
struct MachineReadableZoneWriter {
    /// The date that stands in the zone of a card without expiry.
    static let noExpiry = "991231"

    /// The three lines, without line breaks.
    let text: String
    /// Document number, birth date and expiry date, each with its check digit: what access keys are made of.
    let information: String

    init(_ citizen: Citizen) {
        let number = Self.checked(citizen.personalNumber.documentNumber)
        let birth = Self.checked(citizen.birthDate.mrzText)
        let expiry = Self.checked(citizen.expiryDate?.mrzText ?? Self.noExpiry)
        // The card fills the optional data with the whole personal number and a check digit of its own over it.
        let optional = citizen.personalNumber.text + "<<" + Self.checkDigit(citizen.personalNumber.text)
        let composite = Self.checkDigit(number + optional + birth + expiry + Self.filled("", 11))
        let sex =
            switch citizen.sex {
            case .male: "M"
            case .female: "F"
            case .unspecified: "<"
            }
        text =
            "IDVNM" + number + optional
            + birth + sex + expiry + "VNM" + Self.filled("", 11) + composite
            + Self.filled(Self.name(citizen.fullName), 30)
        information = number + birth + expiry
    }

    /// Family name, `<<`, the other names (Doc 9303-3, 4.6), without diacritics.
    static func name(_ fullName: String) -> String {
        let parts = fullName.split(separator: " ").map { latin(String($0)) }
        let family = parts.prefix(1).joined()
        let given = parts.dropFirst().joined(separator: "<")
        return given.isEmpty ? family : family + "<<" + given
    }

    /// The letters A to Z that stand for Vietnamese ones; what has none is left out.
    static func latin(_ text: String) -> String {
        String(
            text.uppercased().compactMap { character -> Character? in
                if character.isASCII { return character.isLetter ? character : nil }
                return plainLetters.first { $0.value.contains(character) }?.key
            })
    }

    /// The check digit of Doc 9303-3, 4.9: weights 7, 3, 1.
    static func checkDigit(_ text: String) -> String {
        let weights = [7, 3, 1]
        let sum = text.utf8.enumerated().reduce(0) { sum, element in
            let value =
                switch element.element {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(element.element) - 48
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(element.element) - 55
                default: 0
                }
            return sum + value * weights[element.offset % 3]
        }
        return String(sum % 10)
    }

    private static func checked(_ field: String) -> String { field + checkDigit(field) }

    private static func filled(_ text: String, _ count: Int) -> String {
        String(text.prefix(count)) + String(repeating: "<", count: max(0, count - text.count))
    }

    private static let plainLetters: [Character: String] = [
        "A": "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ", "D": "Đ", "E": "ÈÉẺẼẸÊỀẾỂỄỆ", "I": "ÌÍỈĨỊ",
        "O": "ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ", "U": "ÙÚỦŨỤƯỪỨỬỮỰ", "Y": "ỲÝỶỸỴ",
    ]
}
