import Document
import FoundationEssentials

/// The document's date has not passed. Told beside the outcome: an expired genuine card is genuine and expired.
struct DocumentExpiry: Check {
    static let id = CheckIdentifier.documentExpiry

    static func evaluate(_ examination: Examination) -> Finding {
        let files = examination.holder
        if files.neverExpires { return .passed(.noExpiry, nil) }
        guard let expiry = files.expiryDate, let end = expiry.endOfDay else { return .notPerformed(.noData) }
        return examination.evidence.date <= end ? .passed : .failed(.expired)
    }
}
