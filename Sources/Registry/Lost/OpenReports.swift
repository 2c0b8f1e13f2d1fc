/// The numbers of the identity cards that are reported lost and not found: there are few, and asking for one at every
/// question costs a third of a decision.
struct OpenReports {
    /// Above so many, the registry is asked each time.
    private static let limit = 65_536
    /// Gives one number more than are kept.
    static let query = """
        SELECT number FROM lost_card WHERE kind = '\(LostCard.Kind.identityCard.rawValue)' AND found_at IS NULL
            LIMIT \(limit + 1)
        """

    /// Nil when there are too many.
    private var numbers: Set<String>?

    /// Of which nothing is known.
    init() {}

    /// - Parameter statement: Of `query`.
    init(_ statement: borrowing Statement) throws(RegistryError) {
        defer { statement.reset() }
        var found: Set<String> = []
        while try statement.step() {
            if let number = statement.text(0) { found.insert(number) }
        }
        numbers = found.count > Self.limit ? nil : found
    }

    /// Whether there may be an open report of that number.
    func mayHave(_ number: String) -> Bool {
        guard let numbers else { return true }
        return !numbers.isEmpty && numbers.contains(number)
    }
}
