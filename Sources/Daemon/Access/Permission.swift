/// What a caller may do: the calls of the API in groups that somebody would want to allow or refuse together.
public enum Permission: String, CaseIterable, Sendable, Codable {
    /// To see whether the daemon is well.
    case health
    /// To list readers.
    case readers
    /// To read a card and have it judged.
    case checkIn = "check-in"
    /// To read a card and have it judged, without its insurance.
    case read
    /// To have a stored card image judged.
    case verify
    /// To be given the files of a card that was read, as the chip gave them. Whoever has them can show the card's data to
    /// others, proven by the State; so he needs all fields of the card besides.
    case cardImage = "card-image"
    /// To be given the portrait of one's check-in as a picture.
    case portrait
    /// To ask the insurance about somebody without his card.
    case insurance
    /// To follow what happens at the readers.
    case events
    /// To be given signed receipts of check-ins, and the key to check them with.
    case receipts
    /// To read what is counted.
    case metrics
    /// To read the audit log.
    case audit
}

/// What a caller may be told about a card's holder.
///
/// The raw values are the members' names in the answer.
public enum AnswerField: String, CaseIterable, Sendable, Codable {
    // The holder.
    case personalNumber, documentNumber, fullName, birthDate, sex, nationality, placeOfOrigin, residence, ethnicity
    case religion, identifyingFeatures, issueDate, expiryDate, fatherName, motherName, spouseName, oldNumber
    /// The picture.
    case portrait
    /// What the insurance pays.
    case insurance

    /// Whether it stands in the files of a card.
    var isOnCard: Bool { self != .insurance }
}
