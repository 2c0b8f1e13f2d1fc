import FoundationEssentials

/// What happens at this terminal, for whoever follows it: the last events are kept, so that a follower who was away for a
/// moment misses none.
///
/// Publishing never waits for a follower. One who is too slow is told that he missed something, and goes on from there.
final class EventFeed: Sendable {
    /// One event as it is sent (HTML Standard, 9.2.6).
    struct Event: Sendable {
        fileprivate(set) var number: UInt64
        var text: [UInt8]
    }

    private struct State {
        /// The kept events, the oldest at `oldest` in a ring.
        var ring: [Event] = []
        var oldest = 0
        var nextNumber: UInt64 = 1
        var followers: [ObjectIdentifier: Follower] = [:]
    }

    private struct Follower {
        weak var stream: EventStream?
    }

    private let capacity: Int
    /// Tells the events of this run of the daemon from those of another.
    private let run: String
    private let state = Guarded(State())

    /// - Parameter capacity: How many events are kept.
    init(capacity: Int = 4096) {
        self.capacity = capacity
        run = String(UInt32.random(in: .min ... .max), radix: 36)
    }

    var followerCount: Int { state.withLock { $0.followers.count } }

    /// The number of the last event.
    var lastNumber: UInt64 { state.withLock { $0.nextNumber - 1 } }

    /// Tells everybody who follows.
    /// - Parameter call: What the event is about; its name stands before the event's.
    func publish(_ event: some FeedEvent, about call: CardCall? = nil) {
        let data = Self.json(event)
        let name = (call.map { "\($0.rawValue)." } ?? "") + type(of: event).name
        let streams = state.withLock { state in
            let number = state.nextNumber
            state.nextNumber += 1
            let event = Event(number: number, text: Self.text(id: id(of: number), name: name, data: data))
            if state.ring.count < capacity {
                state.ring.append(event)
            } else {
                state.ring[state.oldest] = event
                state.oldest = (state.oldest + 1) % capacity
            }
            return state.followers.values.compactMap(\.stream)
        }
        for stream in streams { stream.wake() }
    }

    /// Follows the feed from what a follower has seen on, or from now on.
    /// - Parameters:
    ///   - lastEventID: The id of the last event that he has seen; nil when he is new.
    ///   - greeting: What he is told first.
    func follow(after lastEventID: String?, greeting: some FeedEvent) -> EventStream {
        let last = lastNumber
        let seen = lastEventID.flatMap { id in number(of: id).flatMap { $0 <= last ? $0 : nil } }
        // Where he goes on when he has seen nothing of this run: that he missed something is told to him who was there.
        let start = seen ?? last
        var first = Self.text(id: id(of: start), name: type(of: greeting).name, data: Self.json(greeting))
        if lastEventID != nil, seen == nil { first += missed(at: start) }
        let stream = EventStream(self, after: start, first: first)
        state.withLock { $0.followers[ObjectIdentifier(stream)] = Follower(stream: stream) }
        return stream
    }

    func unfollow(_ stream: EventStream) {
        state.withLock { _ = $0.followers.removeValue(forKey: ObjectIdentifier(stream)) }
    }

    /// Sends every follower something, to find those out who are not there any more.
    func breatheAll() {
        for stream in state.withLock({ $0.followers.values.compactMap(\.stream) }) { stream.breathe() }
    }

    /// Ends every follower's stream.
    func endAll() {
        for stream in state.withLock({ $0.followers.values.compactMap(\.stream) }) { stream.end() }
    }

    /// The events behind `number`, as many as fit `limit` bytes but one at least, and the last one's number.
    func events(after number: UInt64, limit: Int) -> (text: [UInt8], last: UInt64) {
        state.withLock { state in
            guard let oldest = state.ring.isEmpty ? nil : state.ring[state.oldest] else { return ([], number) }
            var text: [UInt8] = []
            var last = number
            if oldest.number > number + 1 {
                last = oldest.number - 1
                text = missed(at: last)
            }
            var offset = Int(clamping: last + 1 - oldest.number)
            while offset < state.ring.count {
                let event = state.ring[(state.oldest + offset) % state.ring.count]
                guard text.isEmpty || text.count + event.text.count <= limit else { break }
                text += event.text
                last = event.number
                offset += 1
            }
            return (text, last)
        }
    }

    private func id(of number: UInt64) -> String { "\(run)-\(number)" }

    private func number(of id: String) -> UInt64? {
        guard id.hasPrefix("\(run)-") else { return nil }
        return UInt64(id.dropFirst(run.count + 1))
    }

    private func missed(at number: UInt64) -> [UInt8] {
        Self.text(id: id(of: number), name: "missed", data: Array("{}".utf8))
    }

    private static func text(id: String, name: String, data: [UInt8]) -> [UInt8] {
        Array("id: \(id)\nevent: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
    }

    private static func json(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { [UInt8]($0) } ?? Array("{}".utf8)
    }
}

/// Something that happened, as followers are told: no personal data, since all of them are told the same.
protocol FeedEvent: Encodable, Sendable {
    /// The event's name.
    static var name: String { get }
}
