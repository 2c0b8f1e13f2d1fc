import Registry

/// The check-ins of this day, by the hour and the outcome, for whoever wants to see how the day goes at a desk.
///
/// Days and hours are Vietnam's, which is seven hours ahead of UTC all year.
struct DayCounts: Sendable {
    private struct Key: Hashable {
        var hour: Int
        var outcome: String
    }

    private var day = 0
    private var counts: [Key: Int] = [:]

    private static func dayAndHour(_ now: Timestamp) -> (day: Int, hour: Int) {
        let hours = now.secondsSince1970 / 3600 + 7
        return (hours / 24, hours % 24)
    }

    /// Counts one more; what was counted on another day is forgotten.
    mutating func count(_ outcome: String, at now: Timestamp) {
        let (day, hour) = Self.dayAndHour(now)
        if day != self.day { (self.day, counts) = (day, [:]) }
        counts[Key(hour: hour, outcome: outcome), default: 0] += 1
    }

    /// Writes what was counted on the day of `now`.
    func write(to text: inout MetricsText, now: Timestamp) {
        let name = "cccd_today_check_ins"
        text.begin(name, "gauge", "Check-ins of this day in Vietnam, by hour, and outcome or problem.")
        guard Self.dayAndHour(now).day == day else { return }
        for (key, count) in counts.sorted(by: { ($0.key.hour, $0.key.outcome) < ($1.key.hour, $1.key.outcome) }) {
            text.sample(name, [("hour", "\(key.hour)"), ("outcome", key.outcome)], Double(count))
        }
    }
}
