import Document

/// Whose document it is, as far as the files that were read tell.
public struct Holder: Equatable, Codable, Sendable {
    /// Whether every field stands in a data group whose hash a trusted signer vouches for.
    public let isProven: Bool
    /// The twelve digits of the personal number.
    public let personalNumber: String?
    /// The nine characters of the MRZ's document number.
    public let documentNumber: String?
    /// The full name, with diacritics where DG13 gives them.
    public let fullName: String?
    /// `YYYY-MM-DD`; shorter when a part is not known.
    public let birthDate: String?
    /// `male` or `female`.
    public let sex: String?
    /// As DG13 or the MRZ writes it.
    public let nationality: String?
    /// As DG13 writes it.
    public let placeOfOrigin: String?
    /// As DG13 writes it.
    public let residence: String?
    /// As DG13 writes it.
    public let ethnicity: String?
    /// As DG13 writes it.
    public let religion: String?
    /// As DG13 writes it.
    public let identifyingFeatures: String?
    /// `YYYY-MM-DD`.
    public let issueDate: String?
    /// `YYYY-MM-DD`; nil when the document does not expire.
    public let expiryDate: String?
    /// As DG13 writes it.
    public let fatherName: String?
    /// As DG13 writes it.
    public let motherName: String?
    /// As DG13 writes it.
    public let spouseName: String?
    /// The number of an older identity card.
    public let oldNumber: String?
}
