/// What a caller wants in a receipt; the member `receipt` of a check-in.
struct ReceiptRequest: Sendable, Decodable {
    private enum Keys: String, CodingKey { case attributes, nonce, audience }

    /// What is stated of the holder, and nothing else.
    var attributes: [AnswerField]
    /// The reader's own text, by which he knows that the receipt was made for him and now.
    var nonce: String?
    /// For whom the receipt is.
    var audience: String?

    init(from decoder: any Decoder) throws {
        let keys = try decoder.strictContainer(keyedBy: Keys.self)
        guard let names = try keys.optional(.attributes, as: [String].self) else {
            throw keys.unacceptable(.attributes, "it is missing: name what the receipt is to state of the holder")
        }
        attributes = try names.map { name in
            guard let field = AnswerField(rawValue: name), field.isText else {
                let all = AnswerField.allCases.filter(\.isText).map(\.rawValue).joined(separator: ", ")
                throw keys.unacceptable(.attributes, "each must be one of \(all)")
            }
            return field
        }
        nonce = try keys.optionalText(.nonce, limit: 256)
        audience = try keys.optionalText(.audience, limit: 256)
    }
}

extension AnswerField {
    /// Whether it is a text of the holder's, which a receipt can state.
    var isText: Bool { self != .portrait && self != .insurance }
}
