/// The document was not reported lost, as far as the registry knows.
struct DocumentLoss: Check {
    static let id = CheckIdentifier.documentLost

    static func evaluate(_ examination: Examination) -> Finding {
        switch examination.evidence.lossReport {
        case .notAsked: .notPerformed(.notAsked)
        case .none: .passed
        case .reported: .failed(.reportedLost)
        }
    }
}
