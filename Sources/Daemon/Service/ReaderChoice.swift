import CardReader

/// Which readers are used, and which of them a request means.
struct ReaderChoice: Sendable {
    /// Patterns of names, `*` for any text; empty for every reader.
    var patterns: [String]

    /// The readers of `all` that are used.
    func used(of all: [DeskReader]) -> [DeskReader] {
        patterns.isEmpty ? all : all.filter { reader in patterns.contains { Self.matches(reader.name, $0) } }
    }

    /// The reader that a request means: the one that it names, or the only one that holds a card.
    /// - Throws: `Problem`: `unknownReader`, `noReader`, `noCard`, `severalCards`.
    func reader(named name: String?, of used: [DeskReader]) throws(Problem) -> String {
        if let name {
            guard used.contains(where: { $0.name == name }) else {
                var problem = Problem(.unknownReader, "There is no such reader; choose one of those listed.")
                problem.pointer = "/reader"
                problem.readers = used.map(\.name)
                throw problem
            }
            return name
        }
        guard !used.isEmpty else { throw Problem(CardReaderError.noReader) }
        let holding = used.filter(\.isCardPresent)
        guard let first = holding.first else {
            var problem = Problem(.noCard, "No reader holds a card: lay one on.")
            problem.readers = used.map(\.name)
            throw problem
        }
        guard holding.count == 1 else {
            var problem = Problem(.severalCards, "Several readers hold a card: name one of them as reader.")
            problem.readers = holding.map(\.name)
            throw problem
        }
        return first.name
    }

    /// Whether `text` is as `pattern` says, letter by letter, `*` standing for any text.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return text == pattern }
        guard text.hasPrefix(first) else { return false }
        var rest = text.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.firstRange(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
