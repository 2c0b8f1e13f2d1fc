/// Counts the requests of each caller, so that none takes more than its share.
///
/// A token bucket per caller: it fills evenly and holds ten seconds' worth, so that a burst after a silence is answered.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: ContinuousClock.Instant
    }

    /// Callers are few; what is beyond this number is somebody's attempt to fill the memory.
    private static let bucketLimit = 4096

    private let buckets = Guarded<[CallerIdentity: Bucket]>([:])

    /// Takes one request into account.
    /// - Returns: nil when it may be answered, else in how many seconds the next one may.
    func delay(
        before caller: CallerIdentity, requestsPerMinute: Int, now: ContinuousClock.Instant = .now
    ) -> Int? {
        let perSecond = Double(requestsPerMinute) / 60
        let capacity = max(1, perSecond * 10)
        return buckets.withLock { buckets in
            if buckets.count >= Self.bucketLimit, buckets[caller] == nil { buckets.removeAll() }
            var bucket = buckets[caller] ?? Bucket(tokens: capacity, filledAt: now)
            let seconds = max(0, (now - bucket.filledAt) / .seconds(1))
            bucket.tokens = min(capacity, bucket.tokens + seconds * perSecond)
            bucket.filledAt = now
            defer { buckets[caller] = bucket }
            guard bucket.tokens < 1 else {
                bucket.tokens -= 1
                return nil
            }
            return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
        }
    }
}

/// Whom requests are counted for, and who is named in the audit log.
enum CallerIdentity: Hashable, Sendable {
    /// A user of this machine.
    case user(UInt32)
    /// The holder of a configured token.
    case token(String)
}
