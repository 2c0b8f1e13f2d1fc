import Verifier

/// A holder with what the caller may be told of him, and nothing else.
struct DisclosedHolder: Encodable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let holder: Holder
    let fields: Set<AnswerField>

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(holder.isProven, forKey: Key("isProven"))
        for field in AnswerField.allCases where fields.contains(field) {
            try container.encodeIfPresent(holder[field], forKey: Key(field.rawValue))
        }
    }

    /// What the card says and the caller is not told.
    var withheld: [AnswerField] { AnswerField.allCases.filter { !fields.contains($0) && holder[$0] != nil } }
}

extension Holder {
    /// The text of a field; nil for what is not text of the holder's.
    subscript(field: AnswerField) -> String? {
        switch field {
        case .personalNumber: personalNumber
        case .documentNumber: documentNumber
        case .fullName: fullName
        case .birthDate: birthDate
        case .sex: sex
        case .nationality: nationality
        case .placeOfOrigin: placeOfOrigin
        case .residence: residence
        case .ethnicity: ethnicity
        case .religion: religion
        case .identifyingFeatures: identifyingFeatures
        case .issueDate: issueDate
        case .expiryDate: expiryDate
        case .fatherName: fatherName
        case .motherName: motherName
        case .spouseName: spouseName
        case .oldNumber: oldNumber
        case .portrait, .insurance: nil
        }
    }
}
