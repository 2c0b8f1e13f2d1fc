/// What a language has to say for verdicts. Each language is an enumeration of tables; the switches in them are exhaustive,
/// so that the compiler names what a new outcome, check, reason or advice still lacks.
///
/// Sentences come without their full stop: particulars may follow them in parentheses.
protocol VerdictWording {
    /// The answer as one plain sentence.
    static func sentence(_ outcome: Outcome) -> String
    /// A remark on validity as a sentence.
    static func sentence(_ remark: ValidityRemark) -> String
    /// What a check is called.
    static func name(_ check: CheckIdentifier) -> String
    /// Why a check came to its result.
    static func sentence(_ check: CheckIdentifier, _ reason: CheckReason) -> String
    /// What to do.
    static func sentence(_ advice: Advice) -> String
    /// The heading before the holder or the signer.
    static func heading(_ part: VerdictPart) -> String
    /// A word that checks use in their details; nil for one that stands for itself, such as `DG2`.
    static func word(_ word: String) -> String?
    /// A day given as `YYYY-MM-DD`.
    static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> String
}

/// The parts of a verdict's head.
enum VerdictPart {
    case holder
    case notProven
    case personalNumber
    case born
    case signer
    case trustedThrough
    case notTrusted
    case unknownAlgorithm
    case technicalDetail
}
