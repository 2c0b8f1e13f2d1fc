/// One option that a command takes.
struct Option: Sendable {
    /// How it is written, `--json`.
    let name: String
    /// What its value is called in the help; nil when it takes none.
    let value: String?
    /// What it does.
    let help: String
    var isRepeatable = false
}

/// What the user typed wrong.
struct UsageError: Error, CustomStringConvertible {
    let description: String
}

/// A command line taken apart by the options that a command takes.
struct Arguments {
    /// What is no option, in order.
    let positional: [String]
    private let flags: Set<String>
    private let values: [String: [String]]

    /// - Throws: `UsageError` for an option that is unknown, has no value, or stands twice.
    init(_ words: [String], options: [Option]) throws(UsageError) {
        var positional: [String] = []
        var flags: Set<String> = []
        var values: [String: [String]] = [:]
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                positional.append(word)
                continue
            }
            if word == "--" {
                positional += rest
                break
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = options.first(where: { $0.name == parts[0] }) else {
                throw UsageError(description: "unknown option \(parts[0])")
            }
            guard option.value != nil else {
                guard parts.count == 1 else { throw UsageError(description: "\(option.name) takes no value") }
                flags.insert(option.name)
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                throw UsageError(description: "\(option.name) needs a value")
            }
            guard option.isRepeatable || values[option.name] == nil else {
                throw UsageError(description: "\(option.name) stands twice")
            }
            values[option.name, default: []].append(value)
        }
        self.positional = positional
        self.flags = flags
        self.values = values
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }
    func value(_ name: String) -> String? { values[name]?.first }
    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The value as a whole number in `range`, or nil when the option was not given.
    func number(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(description: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Exactly the positional arguments that `names` lists.
    func positional(_ names: String...) throws(UsageError) -> [String] {
        guard positional.count == names.count else {
            let wanted = names.isEmpty ? "no arguments" : names.joined(separator: " ")
            throw UsageError(description: "expected \(wanted), got \(positional.count) arguments")
        }
        return positional
    }
}
