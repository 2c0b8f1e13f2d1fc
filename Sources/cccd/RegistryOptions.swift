import Registry

/// The options that say which registry is meant.
enum RegistryOptions {
    static let registry = Option(
        name: "--registry", value: "URL",
        help: "The registry: an SQLite file, or postgresql://… (a password belongs in ~/.pgpass, not here).")
    static let copy = Option(
        name: "--copy", value: "FILE",
        help: "This machine's copy of a server's registry, which answers when it does not."
    )
    static let json = Option(name: "--json", value: nil, help: "Print one JSON object.")
    static let personalNumber = Option(
        name: "--personal-number", value: "DIGITS", help: "The 12-digit personal number.")
    static let cardNumber = Option(
        name: "--card-number", value: "NUMBER",
        help: "The insurance card's number: 15 characters, or its last ten digits."
    )

    /// Where the registry is.
    static func location(_ arguments: Arguments) throws -> RegistryLocation {
        guard let text = arguments.value(registry.name) else { throw UsageError(description: "--registry is missing") }
        return try RegistryLocation(text)
    }

    /// The registry that is there.
    static func open(_ arguments: Arguments, readOnly: Bool = false) throws -> any InsuranceStore {
        try location(arguments).open(copy: arguments.value(copy.name), readOnly: readOnly)
    }

    /// The day that `option` names, or nil when it was not given.
    static func day(_ option: String, _ arguments: Arguments) throws -> Day? {
        guard let text = arguments.value(option) else { return nil }
        guard let day = Day(iso: text) else { throw UsageError(description: "\(option) must be a day as YYYY-MM-DD") }
        return day
    }

    /// The word that `option` names, one of a fixed list, or nil when it was not given.
    static func word<Word: RawRepresentable & CaseIterable>(
        _ option: String, _ arguments: Arguments, as type: Word.Type = Word.self
    ) throws -> Word? where Word.RawValue == String {
        guard let text = arguments.value(option) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError(description: "\(option) must be one of \(words)")
        }
        return word
    }
}
