import Crypto

/// The pages that users of this machine opened in their browsers: each has a token that lets it do what its user may.
///
/// A user asks for a ticket over the Unix socket, where the kernel says who he is, and opens the page with it; the page
/// exchanges it for a token. A ticket is good once and for a minute, since programs' arguments, among them the address that a
/// browser is started with, can be seen by everybody on the machine. All of it is in memory alone: a daemon that was started
/// anew knows no page.
final class PageSessions: Sendable {
    /// Who opened a page, and what it may do: a role, whose rights are those of the configuration when it asks.
    struct Holder: Equatable, Sendable {
        var identity: CallerIdentity
        var role: Role
    }

    private struct Pass {
        var holder: Holder
        var expiresAt: ContinuousClock.Instant
    }

    private struct State {
        var tickets: [[UInt8]: Pass] = [:]
        var sessions: [[UInt8]: Pass] = [:]
    }

    /// How long a ticket is good.
    static let ticketLifetime = Duration.seconds(60)
    /// How long a page may go on: a working day.
    static let sessionLifetime = Duration.seconds(14 * 3600)
    /// More pages than one machine has.
    private static let capacity = 256

    private let state = Guarded(State())

    /// A ticket for a page that may do what `holder` may.
    /// - Throws: `Problem`: `internalError` when there are no random bytes.
    func ticket(for holder: Holder, now: ContinuousClock.Instant = .now) throws(Problem) -> String {
        try add(Pass(holder: holder, expiresAt: now + Self.ticketLifetime), to: \.tickets, now)
    }

    /// The token for a ticket, which is good no more; nil for one that is not good.
    func exchange(
        _ ticket: String, now: ContinuousClock.Instant = .now
    ) throws(Problem) -> (token: String, holder: Holder)? {
        guard let hash = Self.hash(ticket), let pass = state.withLock({ $0.tickets.removeValue(forKey: hash) }),
            pass.expiresAt > now
        else { return nil }
        let session = Pass(holder: pass.holder, expiresAt: now + Self.sessionLifetime)
        return (try add(session, to: \.sessions, now), pass.holder)
    }

    /// Who has this token; nil when it is no page's.
    func holder(ofToken token: some StringProtocol, now: ContinuousClock.Instant = .now) -> Holder? {
        guard let hash = Self.hash(String(token)), let pass = state.withLock({ $0.sessions[hash] }),
            pass.expiresAt > now
        else { return nil }
        return pass.holder
    }

    private func add(
        _ pass: Pass, to passes: WritableKeyPath<State, [[UInt8]: Pass]> & Sendable, _ now: ContinuousClock.Instant
    ) throws(Problem) -> String {
        guard let random = try? SecretBytes(randomCount: 32) else {
            throw Problem(.internalError, "There are no random bytes.")
        }
        let text = Base64URL.text(random.bytes)
        guard let hash = Self.hash(text) else { throw Problem(.internalError, "A token could not be hashed.") }
        state.withLock { state in
            state[keyPath: passes] = state[keyPath: passes].filter { $0.value.expiresAt > now }
            while state[keyPath: passes].count >= Self.capacity,
                let oldest = state[keyPath: passes].min(by: { $0.value.expiresAt < $1.value.expiresAt })
            { state[keyPath: passes][oldest.key] = nil }
            state[keyPath: passes][hash] = pass
        }
        return text
    }

    /// What a text is looked up by: its hash, so that how long that takes tells nothing of those that are good.
    private static func hash(_ text: String) -> [UInt8]? {
        text.utf8.count <= 256 ? try? Digest.hash(Array(text.utf8), with: .sha256) : nil
    }
}
