import Synchronization

/// What the gateway said, in memory alone and for a day at most.
final class AnswerMemory: Sendable {
    /// An answer, and when it was given.
    struct Known {
        let answer: GatewayAnswer
        let learnedAt: Timestamp
        /// Whether it is so new that there is no need to ask again.
        let isFresh: Bool
    }

    private struct Entry {
        let answer: GatewayAnswer
        let learnedAt: Timestamp
    }

    private let entries = Mutex<[NationalGateway.Look: Entry]>([:])
    private let freshSeconds: Int
    private static let limit = 10_000
    private static let longestSeconds = 86_400

    init(freshSeconds: Int) { self.freshSeconds = freshSeconds }

    func answer(to look: NationalGateway.Look, now: Timestamp) -> Known? {
        entries.withLock { entries in
            guard let entry = entries[look] else { return nil }
            let age = now.secondsSince1970 - entry.learnedAt.secondsSince1970
            // An answer is about the day on which it was given.
            guard (0...Self.longestSeconds).contains(age), day(entry.learnedAt) == day(now) else {
                entries[look] = nil
                return nil
            }
            return Known(answer: entry.answer, learnedAt: entry.learnedAt, isFresh: age < freshSeconds)
        }
    }

    func keep(_ answer: GatewayAnswer, to look: NationalGateway.Look, now: Timestamp) {
        entries.withLock { entries in
            if entries.count >= Self.limit {
                let middle = entries.values.map(\.learnedAt).sorted()[entries.count / 2]
                entries = entries.filter { $0.value.learnedAt > middle }
            }
            entries[look] = Entry(answer: answer, learnedAt: now)
        }
    }

    private func day(_ moment: Timestamp) -> Day { Day(secondsSince1970: moment.secondsSince1970 + 7 * 3600) }
}
