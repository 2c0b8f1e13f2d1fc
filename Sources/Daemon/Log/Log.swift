/// The daemon's log: one line an event, on standard error.
///
/// An event is a fixed text, and its fields are of the kinds below: there is no way to log a free text, so that
/// personal data does not get in by mistake.
public struct Log: Sendable {
    /// How grave an event is; the raw values are those of syslog(3).
    public enum Level: Int, Comparable, CaseIterable, Sendable {
        /// Something needs a person's attention.
        case error = 3
        /// Something went wrong and was dealt with.
        case warning = 4
        /// Something that happens rarely: start, stop.
        case notice = 5
        /// A check-in and the like.
        case info = 6
        /// Every request.
        case debug = 7

        /// More grave is less, as in syslog.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// The level's name in the configuration.
        public var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .notice: "notice"
            case .info: "info"
            case .debug: "debug"
            }
        }
    }

    /// One fact of an event.
    struct Field: Sendable {
        fileprivate var name: StaticString
        fileprivate var value: String

        static func socket(_ path: String) -> Field { Field(name: "socket", value: path) }
        static func version(_ text: String) -> Field { Field(name: "version", value: text) }
        /// The template of the route, never the path as it came.
        static func route(_ route: String) -> Field { Field(name: "route", value: route) }
        static func status(_ status: Int) -> Field { Field(name: "status", value: String(status)) }
        static func problem(_ kind: Problem.Kind) -> Field { Field(name: "problem", value: kind.rawValue) }
        static func reader(_ name: String) -> Field { Field(name: "reader", value: name) }
        /// A code from a fixed set of ours, such as a verdict's outcome.
        static func code(_ name: StaticString, _ code: String) -> Field { Field(name: name, value: code) }
        static func count(_ name: StaticString, _ count: Int) -> Field { Field(name: name, value: String(count)) }
        static func milliseconds(_ duration: Duration) -> Field {
            let (seconds, attoseconds) = duration.components
            return Field(name: "ms", value: String(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        }
        /// User and process, as `1000:4711`.
        static func caller(_ caller: Caller) -> Field {
            Field(name: "caller", value: caller.process.map { "\($0.uid):\($0.pid)" } ?? "loopback")
        }
        /// A key of the configuration, one of ours.
        static func configurationKey(_ name: String) -> Field { Field(name: "key", value: name) }
        /// The text of an error of ours that speaks of configuration, files or devices, never of a request or a card.
        static func cause(_ text: String) -> Field { Field(name: "cause", value: text) }
    }

    /// What is written; may be changed while the daemon runs.
    let threshold: LogThreshold
    private let isPrefixed: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - level: The least grave level that is written.
    ///   - isPrefixed: Whether each line begins with its level as `<6>`, which journald understands (sd-daemon(3)).
    ///   - write: Takes one line with its line end.
    init(level: Level, isPrefixed: Bool, write: @escaping @Sendable (String) -> Void) {
        threshold = LogThreshold(level)
        self.isPrefixed = isPrefixed
        self.write = write
    }

    /// The log on standard error.
    /// - Parameter isPrefixed: nil to prefix the lines unless standard error is a terminal.
    public static func standardError(level: Level, isPrefixed: Bool? = nil) -> Log {
        Log(level: level, isPrefixed: isPrefixed ?? !SystemCalls.isTerminal(2)) { SystemCalls.write($0, to: 2) }
    }

    func error(_ event: StaticString, _ fields: Field...) { write(.error, event, fields) }
    func warning(_ event: StaticString, _ fields: Field...) { write(.warning, event, fields) }
    func notice(_ event: StaticString, _ fields: Field...) { write(.notice, event, fields) }
    func info(_ event: StaticString, _ fields: Field...) { write(.info, event, fields) }
    func debug(_ event: StaticString, _ fields: Field...) { write(.debug, event, fields) }

    private func write(_ eventLevel: Level, _ event: StaticString, _ fields: [Field]) {
        guard threshold.includes(eventLevel) else { return }
        var line = isPrefixed ? "<\(eventLevel.rawValue)>" : "\(eventLevel.name): "
        line += "\(event)"
        for field in fields { line += " \(field.name)=\(Self.quotedIfNeeded(field.value))" }
        write(line + "\n")
    }

    /// What could end a line, or make it look otherwise than it is.
    private static let unprintable: Set<Unicode.GeneralCategory> =
        [.control, .format, .lineSeparator, .paragraphSeparator]

    /// The value as it is where that is unmistakable, else in double quotes; never with a line end.
    private static func quotedIfNeeded(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "+", "@", "{", "}": true
            default: false
            }
        }
        if isPlain, !value.isEmpty { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where unprintable.contains(scalar.properties.generalCategory): quoted += "\u{FFFD}"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
