import CardReader

/// Tells followers how readers and cards come and go.
final class ReaderEvents: Sendable {
    private struct State {
        var known: [DeskReader] = []
        var fault: String?
    }

    private let feed: EventFeed
    private let state = Guarded(State())
    private let choice: Guarded<ReaderChoice>

    init(feed: EventFeed, choice: ReaderChoice) {
        self.feed = feed
        self.choice = Guarded(choice)
    }

    /// Uses other readers from now on.
    func use(_ choice: ReaderChoice) { self.choice.withLock { $0 = choice } }

    /// What a new follower is told first.
    var greeting: ReadersEvent { ReadersEvent(readers: state.withLock { $0.known }) }

    /// The readers are so now, or cannot be listed.
    func take(_ result: Result<[DeskReader], CardReaderError>) {
        switch result {
        case .success(let all):
            let now = choice.withLock { $0 }.used(of: all)
            let before = state.withLock { state in
                defer { state = State(known: now, fault: nil) }
                return state.known
            }
            tell(before, now)
        case .failure(let error):
            let kind = Problem(error).kind.rawValue
            let (isNews, before) = state.withLock { state in
                defer { state = State(known: [], fault: kind) }
                return (state.fault != kind, state.known)
            }
            tell(before, [])
            if isNews { feed.publish(ReadersUnavailableEvent(problem: kind)) }
        }
    }

    private func tell(_ before: [DeskReader], _ now: [DeskReader]) {
        for reader in before where !now.contains(where: { $0.name == reader.name }) {
            if reader.isCardPresent { feed.publish(CardRemovedEvent(reader: reader.name)) }
            feed.publish(ReaderRemovedEvent(reader: reader.name))
        }
        for reader in now {
            let former = before.first { $0.name == reader.name }
            if former == nil { feed.publish(ReaderAddedEvent(reader: reader.name)) }
            switch (former?.isCardPresent ?? false, reader.isCardPresent) {
            case (false, true):
                feed.publish(CardInsertedEvent(reader: reader.name, cardMute: reader.isCardMute))
            case (true, false): feed.publish(CardRemovedEvent(reader: reader.name))
            default: break
            }
        }
    }
}
