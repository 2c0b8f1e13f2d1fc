import Registry
import Synchronization

/// What is counted while the daemon runs: how often, and how long; never whom.
final class Metrics: Sendable {
    /// A counter's name, and the values of its labels in the order of `Metric.labels`.
    private struct Key: Hashable {
        var metric: Metric
        var labels: [String]
    }

    /// How often something happened; may be kept by whoever counts it often.
    final class Counter: Sendable {
        private let count = Atomic(0)

        var value: Int { count.load(ordering: .relaxed) }

        func increment() { count.wrappingAdd(1, ordering: .relaxed) }
    }

    /// How often something lasted at most so long.
    final class Histogram: Sendable {
        fileprivate struct State {
            /// How often it lasted longer than the bound before and at most this one.
            var buckets: [Int]
            var count = 0
            var sum = 0.0
        }

        fileprivate let bounds: [Double]
        fileprivate let state: Guarded<State>

        fileprivate init(bounds: [Double]) {
            self.bounds = bounds
            state = Guarded(State(buckets: bounds.map { _ in 0 }))
        }

        func add(_ duration: Duration) {
            let (whole, attoseconds) = duration.components
            add(seconds: Double(whole) + Double(attoseconds) * 1e-18)
        }

        func add(nanoseconds: Int) { add(seconds: Double(nanoseconds) * 1e-9) }

        private func add(seconds: Double) {
            let bucket = bounds.firstIndex { seconds <= $0 }
            state.withLock { state in
                if let bucket { state.buckets[bucket] += 1 }
                state.count += 1
                state.sum += seconds
            }
        }
    }

    private struct State {
        var counters: [Key: Counter] = [:]
        var histograms: [Metric: Histogram] = [:]
        var day = DayCounts()
    }

    /// What is counted.
    enum Metric: String, CaseIterable {
        case requests = "cccd_http_requests_total"
        case checkIns = "cccd_check_ins_total"
        case checkInProblems = "cccd_check_in_problems_total"
        case reads = "cccd_reads_total"
        case readProblems = "cccd_read_problems_total"
        case verifications = "cccd_verifications_total"
        case verificationProblems = "cccd_verification_problems_total"
        case failedChecks = "cccd_failed_checks_total"
        case insurance = "cccd_insurance_answers_total"
        case refusals = "cccd_refusals_total"
        case checkInDuration = "cccd_check_in_duration_seconds"
        case waitDuration = "cccd_check_in_wait_seconds"
        case readDuration = "cccd_read_duration_seconds"
        case verificationDuration = "cccd_verification_duration_seconds"
        case insuranceDuration = "cccd_insurance_duration_seconds"

        /// The label's names.
        var labels: [String] {
            switch self {
            case .requests: ["route", "status"]
            case .checkIns, .reads, .verifications: ["outcome"]
            case .checkInProblems, .readProblems, .verificationProblems, .refusals: ["problem"]
            case .failedChecks: ["check"]
            case .insurance: ["code"]
            case .checkInDuration, .waitDuration, .readDuration, .verificationDuration, .insuranceDuration: []
            }
        }

        /// What it says, for people.
        var help: String {
            switch self {
            case .requests: "Requests answered, by route and status."
            case .checkIns: "Check-ins answered with a verdict, by its outcome."
            case .checkInProblems: "Check-ins answered with a problem, by its type."
            case .reads: "Reads answered with a verdict, by its outcome."
            case .readProblems: "Reads answered with a problem, by its type."
            case .verifications: "Card images judged, by the verdict's outcome."
            case .verificationProblems: "Verifications answered with a problem, by its type."
            case .failedChecks: "Checks of verdicts that failed."
            case .insurance: "Answers of the insurance, by code, at check-ins and without a card."
            case .refusals: "Requests refused for who sent them, by the problem's type."
            case .checkInDuration: "Seconds from the request to the answer of a check-in that has a verdict."
            case .waitDuration: "Seconds that a check-in or a read waited for its reader."
            case .readDuration: "Seconds that reading a card took."
            case .verificationDuration: "Seconds from the request to the answer of a verification that has a verdict."
            case .insuranceDuration: "Seconds that a decision of the insurance took."
            }
        }

        /// The upper bounds of a histogram's buckets in seconds; nil for a counter.
        var bounds: [Double]? {
            switch self {
            case .checkInDuration, .waitDuration, .readDuration: [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 20, 30]
            case .verificationDuration: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10]
            case .insuranceDuration: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1, 10]
            default: nil
            }
        }
    }

    private let state = Guarded(State())

    /// Counts one more.
    func count(_ metric: Metric, _ labels: String...) {
        counter(Key(metric: metric, labels: labels)).increment()
    }

    /// Where one more is counted.
    func counter(_ metric: Metric, _ labels: String...) -> Counter { counter(Key(metric: metric, labels: labels)) }

    private func counter(_ key: Key) -> Counter {
        state.withLock { state in
            if let known = state.counters[key] { return known }
            let counter = Counter()
            state.counters[key] = counter
            return counter
        }
    }

    /// Where durations are added; for a metric that has bounds.
    func histogram(_ metric: Metric) -> Histogram {
        state.withLock { state in
            if let known = state.histograms[metric] { return known }
            let histogram = Histogram(bounds: metric.bounds ?? [])
            state.histograms[metric] = histogram
            return histogram
        }
    }

    /// Counts a check-in of this hour, by its outcome, or `problem`.
    func countToday(_ outcome: String, at now: Timestamp = .now) {
        state.withLock { $0.day.count(outcome, at: now) }
    }

    /// Counts something that lasted.
    func observe(_ metric: Metric, _ duration: Duration) {
        histogram(metric).add(duration)
    }

    /// Writes all of it.
    func write(to text: inout MetricsText, now: Timestamp = .now) {
        let (counters, day) = state.withLock { ($0.counters, $0.day) }
        day.write(to: &text, now: now)
        for metric in Metric.allCases {
            if let bounds = metric.bounds {
                text.begin(metric.rawValue, "histogram", metric.help)
                let histogram = histogram(metric).state.withLock { $0 }
                var count = 0
                for (bound, further) in zip(bounds, histogram.buckets) {
                    count += further
                    text.sample("\(metric.rawValue)_bucket", [("le", "\(bound)")], Double(count))
                }
                text.sample("\(metric.rawValue)_bucket", [("le", "+Inf")], Double(histogram.count))
                text.sample("\(metric.rawValue)_sum", [], histogram.sum)
                text.sample("\(metric.rawValue)_count", [], Double(histogram.count))
            } else {
                text.begin(metric.rawValue, "counter", metric.help)
                let own = counters.filter { $0.key.metric == metric }
                for (key, counter) in own.sorted(by: { $0.key.labels.lexicographicallyPrecedes($1.key.labels) }) {
                    text.sample(metric.rawValue, Array(zip(metric.labels, key.labels)), Double(counter.value))
                }
            }
        }
    }
}

/// Metrics in Prometheus' text format, version 0.0.4.
struct MetricsText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
        }
        let whole = Int(exactly: value)
        text += " \(whole.map(String.init) ?? "\(value)")\n"
    }

    /// One value that may go up and down; nothing when it is not known.
    mutating func gauge(_ name: String, _ help: String, _ value: Double?, _ labels: [(String, String)] = []) {
        guard let value else { return }
        begin(name, "gauge", help)
        sample(name, labels, value)
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
