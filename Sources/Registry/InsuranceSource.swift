/// Something that knows who is insured: an embedded registry, a server's, or the national gateway.
///
/// Calls may block on a disk or a network and come from any thread but the cooperative pool's.
public protocol InsuranceSource: Sendable {
    /// The name under which its answers are given: `registry`, `postgresql`, `copy`, `gateway`.
    var name: String { get }

    /// Decides one question.
    ///
    /// "Not insured" is a decision. An error means that there is none, and that another source may be asked.
    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision

    /// How much the source knows and how old it is.
    func status() throws(RegistryError) -> RegistryStatus
}

/// How much a source knows and how old it is.
public struct RegistryStatus: Equatable, Sendable, Codable {
    /// The source's name.
    public let source: String
    /// Records; nil where the source does not tell.
    public let rows: Int?
    /// When the last load ended; nil when nothing was loaded yet.
    public let loadedAt: Timestamp?
    /// The moment whose truth the data is.
    public let dataAsOf: Timestamp?
    /// How old the source promises its data to be at most, in seconds.
    public let promisedAge: Int?
    /// How old the data is now, in seconds.
    public let age: Int?
    /// Whether the data is older than promised; nil without a promise.
    public let isOlderThanPromised: Bool?
    /// Cards reported lost and not found.
    public let lostCards: Int
    /// How long ago the copy that answered last agreed with its server, in seconds; nil where no copy answered.
    public internal(set) var copyAge: Int?
}

extension RegistryStatus {
    /// The statement whose one row `init(_:source:now:)` takes.
    static let query = """
        SELECT row_count, loaded_at, data_as_of, promised_age, (SELECT count(*) FROM lost_card WHERE found_at IS NULL)
        FROM state
        """

    /// A source that tells nothing about its data.
    init(gateway name: String) {
        source = name
        (rows, loadedAt, dataAsOf, promisedAge, age, isOlderThanPromised) = (nil, nil, nil, nil, nil, nil)
        lostCards = 0
    }

    init(_ row: borrowing some RecordRow & ~Copyable, source: String, now: Timestamp) {
        self.source = source
        rows = row.integer(0) ?? 0
        loadedAt = row.integer(1).map(Timestamp.init(secondsSince1970:))
        dataAsOf = row.integer(2).map(Timestamp.init(secondsSince1970:))
        promisedAge = row.integer(3).map(RegistryImport.boundedAge)
        let age = dataAsOf.map { max(0, now.secondsSince1970 - $0.secondsSince1970) }
        self.age = age
        let promise = promisedAge
        isOlderThanPromised = age.flatMap { age in promise.map { age > $0 } }
        lostCards = row.integer(4) ?? 0
    }
}

extension RegistryStatus: CustomStringConvertible {
    /// A few sentences for a person.
    public var description: String {
        var lines = [
            "The \(source == "registry" ? "registry" : "source '\(source)'") has \(rows.map(counted) ?? "an unknown number of records")."
        ]
        if let dataAsOf, let age { lines.append("They are true as of \(dataAsOf), \(Duration.text(age)) ago.") }
        if let loadedAt { lines.append("The last load ended at \(loadedAt).") }
        if let promisedAge {
            let verdict = isOlderThanPromised == true ? "they are older than that." : "they are."
            lines.append("The source promises records not older than \(Duration.text(promisedAge)); \(verdict)")
        }
        lines.append(lostCards == 1 ? "1 card is reported lost." : "\(lostCards) cards are reported lost.")
        if let copyAge {
            lines.append(
                "The server did not answer: this is from the copy, which last agreed with it \(Duration.text(copyAge)) ago."
            )
        }
        return lines.joined(separator: "\n")
    }

    private func counted(_ rows: Int) -> String { rows == 1 ? "1 record" : "\(rows) records" }
}

extension Duration {
    /// A number of seconds in its largest whole unit: `3 hours`.
    static func text(_ seconds: Int) -> String {
        let units = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        let (size, name) = units.first { seconds >= $0.0 } ?? (1, "second")
        let count = seconds / size
        return count == 1 ? "1 \(name)" : "\(count) \(name)s"
    }
}
