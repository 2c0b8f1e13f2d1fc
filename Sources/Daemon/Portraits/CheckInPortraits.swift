import Document
import Verifier

/// The portraits of the latest check-ins, as their chips gave them: in memory alone, for the caller who checked the card in,
/// and for a minute at most.
///
/// A portrait may be asked for while it is still being read; whoever asks is told when it is there.
final class CheckInPortraits: Sendable {
    /// A portrait that was read.
    struct Kept: Sendable {
        /// EF.DG2.
        var file: SensitiveBytes
        /// The verdict's outcome, the portrait included.
        var outcome: Outcome
        /// Whose it is, as the audit log has it.
        var subject: String?
        var reader: String
    }

    typealias Told = @Sendable (Result<Kept, Problem>) -> Void

    private enum Progress {
        case reading([Told])
        case read(Result<Kept, Problem>)
    }

    private struct Entry {
        var owner: CallerIdentity
        var reader: String
        var progress: Progress
        var expiresAt: ContinuousClock.Instant?
    }

    /// How long a portrait is kept once it was read.
    static let lifetime = Duration.seconds(60)
    /// More readers than a machine has; the oldest goes first.
    private static let capacity = 32
    /// How many may wait for one portrait.
    private static let waiterLimit = 4

    private let entries = Guarded<[String: Entry]>([:])

    var count: Int { entries.withLock { $0.count } }

    /// A check-in reads a portrait from now on. That of the one before, at the same reader, is forgotten.
    func begin(_ id: String, at reader: String, for owner: CallerIdentity) {
        entries.withLock { entries in
            for (former, entry) in entries where entry.reader == reader && entry.expiresAt != nil {
                entries[former] = nil
            }
            while entries.count >= Self.capacity,
                let oldest = entries.filter({ $0.value.expiresAt != nil }).min(by: {
                    $0.value.expiresAt ?? .now < $1.value.expiresAt ?? .now
                })
            { entries[oldest.key] = nil }
            entries[id] = Entry(owner: owner, reader: reader, progress: .reading([]))
        }
    }

    /// The portrait was read, or why not.
    func end(_ id: String, _ result: Result<Kept, Problem>, now: ContinuousClock.Instant = .now) {
        let waiting = entries.withLock { entries -> [Told] in
            guard case .reading(let waiting) = entries[id]?.progress else { return [] }
            entries[id]?.progress = .read(result)
            entries[id]?.expiresAt = now + Self.lifetime
            return waiting
        }
        for told in waiting { told(result) }
    }

    /// Tells the portrait of a check-in, now or once it was read.
    /// - Returns: false when there is none for this caller, or too many wait for it.
    func ask(_ id: String, by owner: CallerIdentity, told: @escaping Told) -> Bool {
        let (isKnown, result) = entries.withLock { entries -> (Bool, Result<Kept, Problem>?) in
            guard let entry = entries[id], entry.owner == owner else { return (false, nil) }
            switch entry.progress {
            case .read(let result): return (true, result)
            case .reading(let waiting):
                guard waiting.count < Self.waiterLimit else { return (false, nil) }
                entries[id]?.progress = .reading(waiting + [told])
                return (true, nil)
            }
        }
        if let result { told(result) }
        return isKnown
    }

    /// Forgets what was kept long enough.
    func forgetOld(now: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            entries = entries.filter { $0.value.expiresAt.map { $0 > now } ?? true }
        }
    }

    /// Forgets everything; whoever waits is told.
    func forgetAll() {
        let waiting = entries.withLock { entries -> [Told] in
            defer { entries = [:] }
            return entries.values.flatMap { if case .reading(let waiting) = $0.progress { waiting } else { [Told]() } }
        }
        for told in waiting { told(.failure(Problem(.stopping, "The daemon is being stopped."))) }
    }
}

extension CheckInPortraits.Kept {
    /// The portrait of a card that was read whole.
    /// - Throws: `Problem`: `portraitAltered` when it is not the one that was signed, `noPortrait` when there is none.
    init(_ image: CardImage, _ verdict: Verdict, subject: String?, reader: String) throws(Problem) {
        guard let file = image[.dg2] else { throw Problem(.noPortrait, "The chip gave no portrait.") }
        let hashes = verdict.check(.dataGroupsHash)
        if hashes?.result == .failed, case .table(let findings) = hashes?.detail,
            ["differs", "notListed"].contains(findings["DG2"])
        {
            throw Problem(
                .portraitAltered, "The portrait in the chip is not the one that was signed: do not accept the card.")
        }
        let bytes = SensitiveBytes(file)
        self.init(file: bytes, outcome: verdict.outcome, subject: subject, reader: reader)
    }
}
