import Registry

/// Removes the records that are older than so many days, by a clock that can be believed.
///
/// What was removed does not come back, so a clock that was put ahead must not decide at once. It has to have been the
/// same for a day, which shows in one of two ways:
///
/// - The daemon has run for a day in which the clock kept pace with the monotonic one.
/// - Else the days are counted from a record that is a day old by the clock. A clock that was put ahead has written none
///   that old before it has been ahead for a day, however often the daemon was started anew; what it finds was written
///   before, and counting from that removes nothing too early.
struct AuditRetention {
    /// What one look at the log came to.
    struct Outcome: Equatable {
        /// How many records were removed.
        var removed = 0
        /// Whether records that seem to be old enough, and were so a day ago, stay until the clock is believed.
        var isPutOff = false
    }

    private static let day = 86_400
    /// So far apart the two clocks may come, in seconds, before the clock is taken to have been set.
    private static let tolerance = 60

    private let days: Int
    /// Since when both clocks have kept pace.
    private var steadySince: (clock: Timestamp, monotonic: ContinuousClock.Instant)

    init(days: Int, at clock: Timestamp = .now, _ monotonic: ContinuousClock.Instant = .now) {
        self.days = days
        steadySince = (clock, monotonic)
    }

    /// Removes old records, `limit` of them at most.
    mutating func removeOld(
        from store: AuditStore, limit: Int, at clock: Timestamp = .now, _ monotonic: ContinuousClock.Instant = .now
    ) throws(AuditError) -> Outcome {
        let aDayAgo = clock - Self.day
        let isSteady = keepsPace(clock, monotonic)
        var outcome = Outcome()
        if let believed = isSteady ? clock : try store.moment(notAfter: aDayAgo) {
            outcome.removed = try store.removeRecords(before: believed - days * Self.day, limit: limit, at: clock)
        }
        if !isSteady, outcome.removed == 0, let oldest = try store.oldestMoment() {
            outcome.isPutOff = oldest < aDayAgo - days * Self.day
        }
        return outcome
    }

    /// Whether the clock has kept pace with the monotonic one for a day.
    private mutating func keepsPace(_ clock: Timestamp, _ monotonic: ContinuousClock.Instant) -> Bool {
        let seconds = Int(clamping: (monotonic - steadySince.monotonic).components.seconds)
        let shown = clock.secondsSince1970 - steadySince.clock.secondsSince1970
        guard abs(shown - seconds) <= Self.tolerance else {
            steadySince = (clock, monotonic)
            return false
        }
        return seconds >= Self.day
    }
}

extension Timestamp {
    fileprivate static func - (moment: Timestamp, seconds: Int) -> Timestamp {
        Timestamp(secondsSince1970: moment.secondsSince1970 - seconds)
    }
}
