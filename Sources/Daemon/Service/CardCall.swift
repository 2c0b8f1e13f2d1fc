/// The calls that are answered with a verdict on a card.
///
/// The raw value begins the names of their events.
enum CardCall: String, Sendable {
    case checkIn = "check-in"
    case read
    case verify
}

extension CardCall {
    /// As what the audit log keeps it.
    var auditEvent: AuditEvent.Kind {
        switch self {
        case .checkIn: .checkIn
        case .read: .read
        case .verify: .verify
        }
    }

    /// Whether its card is in a reader, which those may want to know who follow the events.
    var usesReader: Bool { self != .verify }

    /// Where its answers are counted, by the verdict's outcome.
    var answerMetric: Metrics.Metric {
        switch self {
        case .checkIn: .checkIns
        case .read: .reads
        case .verify: .verifications
        }
    }

    /// Where its problems are counted.
    var problemMetric: Metrics.Metric {
        switch self {
        case .checkIn: .checkInProblems
        case .read: .readProblems
        case .verify: .verificationProblems
        }
    }

    /// Where it is kept how long its answers took; nil where the read takes nearly all of the time.
    var durationMetric: Metrics.Metric? {
        switch self {
        case .checkIn: .checkInDuration
        case .read: nil
        case .verify: .verificationDuration
        }
    }

    /// What the log says when it has its answer, and when it has a problem in place of one.
    var logTexts: (answered: StaticString, notAnswered: StaticString) {
        switch self {
        case .checkIn: ("check-in answered", "check-in not answered")
        case .read: ("read answered", "read not answered")
        case .verify: ("verification answered", "verification not answered")
        }
    }
}

/// The answer of such a call.
protocol CardAnswer: Encodable, SendableMetatype {
    /// What was found about the card.
    var verdict: Judgement { get }
    /// How the card was read; nil when it was not in a reader.
    var readFacts: ReadFacts? { get }
}
