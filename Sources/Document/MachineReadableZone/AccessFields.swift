/// The three fields of the machine readable zone that open a chip by BAC, or by PACE with the MRZ as the password.
public struct AccessFields: Hashable, Sendable {
    /// The document number without fillers behind it, 1 to 22 characters.
    public let documentNumber: String
    /// `YYMMDD`; fillers stand for parts that are not known.
    public let birthDate: String
    /// `YYMMDD`; fillers stand for parts that are not known.
    public let expiryDate: String
    /// The document number, birth date and expiry date, each with its check digit, as the keys are derived from them
    /// (Doc 9303-11, 4.3.2 and 9.7.3): a number shorter than nine characters has fillers behind it, a longer one is
    /// written whole.
    public let mrzInformation: String

    /// - Parameters:
    ///   - documentNumber: As printed or as in the machine readable zone: letters of either case, digits, fillers.
    ///   - birthDate: `YYMMDD`.
    ///   - expiryDate: `YYMMDD`.
    /// - Throws: `DocumentError.invalidValue` naming the field that is something else; it does not repeat the value.
    public init(documentNumber: String, birthDate: String, expiryDate: String) throws(DocumentError) {
        let number = documentNumber.prefix(64).uppercased().withoutFillersBehind
        let padded = number + String(repeating: "<", count: max(0, 9 - number.utf8.count))
        // A TD1 card has nine characters in the number's own field and at most thirteen of the optional data.
        guard (1...22).contains(number.utf8.count), let numberDigit = CheckDigit.digit(over: padded) else {
            throw .invalidValue(field: "document number", reason: "it must be 1 to 22 letters, digits or fillers")
        }
        let birthDigit = try Self.checkDigit(ofDate: birthDate, field: "birth date")
        let expiryDigit = try Self.checkDigit(ofDate: expiryDate, field: "expiry date")
        self.documentNumber = number
        self.birthDate = birthDate
        self.expiryDate = expiryDate
        mrzInformation = "\(padded)\(numberDigit)\(birthDate)\(birthDigit)\(expiryDate)\(expiryDigit)"
    }

    private static func checkDigit(ofDate text: String, field: String) throws(DocumentError) -> Int {
        let isDate = text.utf8.count == 6 && text.utf8.allSatisfy { Digits.isDigit($0) || $0 == UInt8(ascii: "<") }
        guard isDate, let digit = CheckDigit.digit(over: text) else {
            throw .invalidValue(field: field, reason: "it must be six digits, YYMMDD")
        }
        return digit
    }
}
