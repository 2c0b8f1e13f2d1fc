import Document
import Synchronization

/// A chip with faults: the virtual card whose files, keys and behaviour they change, behind a link that they change too.
public final class FaultyChip: SimulatedChip {
    /// The answer to reset.
    public let answerToReset: [UInt8]
    private let card: VirtualCard
    private let other: VirtualCard?
    private let faults: [Fault]
    private let pause: @Sendable (Double) -> Void
    private let state = Mutex(State())

    fileprivate struct State {
        var commandCount = 0
        var faultCount = 0
        var byteCount = 0
        var hasLeft = false
        var isSwapped = false
        /// The answer before.
        var lastAnswer: [UInt8] = []
        /// The answer that comes once the command is sent again.
        var heldAnswer: [UInt8]?
        /// The answer that comes one command late.
        var lateAnswer: [UInt8]?
        /// From which command on an endless fault goes on, until the next reset.
        var endless: Fault.Kind?
        var wrongKeys = 0
    }

    /// - Parameters:
    ///   - card: The card whose chip this is.
    ///   - faults: What goes wrong.
    ///   - profile: How the chip behaves where chips differ, besides the faults.
    ///   - other: The card that `swapped` puts in this one's place; nil for one that answers nothing but refusals.
    ///   - randomness: Where nonces and ephemeral keys come from.
    ///   - pause: Lets so many seconds pass; nil for real time. A measurement may add them up instead.
    /// - Throws: `unsupported` for a fault of a file that the card does not have, `crypto`.
    public init(
        _ card: PersonalisedCard, faults: [Fault], profile: ChipProfile = ChipProfile(),
        other: PersonalisedCard? = nil, randomness: any ChipRandomness = SystemRandomness(),
        pause: (@Sendable (Double) -> Void)? = nil
    ) throws(SimulatorError) {
        var card = card
        var profile = profile
        for fault in faults {
            try fault.apply(to: &card)
            fault.apply(to: &profile)
        }
        self.card = VirtualCard(card, profile: profile, randomness: randomness)
        self.other = other.map { VirtualCard($0, randomness: randomness) }
        self.faults = faults
        self.pause = pause ?? { WorkerThread.pause(microseconds: Int(($0 * 1_000_000).rounded(.up))) }
        answerToReset = self.card.answerToReset
    }

    /// Commands since the chip was made.
    public var commandCount: Int { state.withLock { $0.commandCount } }
    /// How often a fault of single commands changed an answer.
    public var faultCount: Int { state.withLock { $0.faultCount } }
    /// Whether the card was taken away; a reset comes when it is laid on again.
    public var hasLeft: Bool { state.withLock { $0.hasLeft } }

    /// Ends the session.
    public func reset() {
        state.withLock { state in
            state.hasLeft = false
            state.endless = nil
            (state.heldAnswer, state.lateAnswer) = (nil, nil)
            state.lastAnswer = []
            state.isSwapped = faults.contains { $0.kind == .swapped && $0.isOpen(at: state.commandCount) }
        }
        card.reset()
        other?.reset()
    }

    /// The answer to one command, as the faults have it.
    public func answer(_ command: [UInt8]) -> [UInt8]? {
        let index = state.withLock { state in
            defer { state.commandCount += 1 }
            return state.commandCount
        }
        let active = faults.filter { $0.occurrence.includes(index) }.map(\.kind)
        let wait = delay(before: command)
        if wait > 0 { pause(wait) }
        guard let answer = answer(command, index: index, active) else { return nil }
        noteKey(command, answer)
        let count = command.count + answer.count
        let isOver = state.withLock { state in
            state.byteCount += count
            return faults.contains {
                if case .tornAtByte(let limit) = $0.kind { state.tears(at: limit, count) } else { false }
            }
        }
        guard !isOver else { return leave() }
        for case .slow(let speed) in faults.map(\.kind) { pause(speed.seconds(byteCount: count)) }
        return answer
    }

    private func answer(_ command: [UInt8], index: Int, _ active: [Fault.Kind]) -> [UInt8]? {
        if active.contains(.torn) { return leave() }
        if active.contains(.mute) { return note(nil) }
        if let endless = endlessAnswer(command, active) { return note(endless) }
        if let held = state.withLock({ $0.takeHeld() }) { return held }
        let answer = chipAnswer(command, index: index, active)
        let result = state.withLock { state in
            defer { state.lastAnswer = answer }
            return state.changed(answer, command, active)
        }
        return result == answer ? result : note(result)
    }

    /// What the card answers, or the other one in its place, misbehaving as it must.
    private func chipAnswer(_ command: [UInt8], index: Int, _ active: [Fault.Kind]) -> [UInt8] {
        let swaps = state.withLock { state in
            let begins = active.contains(.swapped) && !state.isSwapped
            if begins { state.isSwapped = true }
            return state.isSwapped
        }
        if swaps { return note(other?.answer(command) ?? StatusWord.securityStatusNotSatisfied.bytes) ?? [] }
        var misbehaviour = ChipMisbehaviour()
        for fault in faults { fault.apply(to: &misbehaviour, at: index) }
        let (answer, misbehaved) = card.answer(command, misbehaving: misbehaviour)
        return misbehaved ? note(answer) ?? answer : answer
    }

    /// The answers that have no end, from their command to the next reset or, for `61xx`, to another command.
    private func endlessAnswer(_ command: [UInt8], _ active: [Fault.Kind]) -> [UInt8]? {
        state.withLock { state in
            for kind in [Fault.Kind.endlessWrongLength, .endlessMoreData] where active.contains(kind) {
                state.endless = kind
            }
            switch state.endless {
            case .endlessWrongLength: return StatusWord.available(0x10).bytes
            case .endlessMoreData:
                let isStart = active.contains(.endlessMoreData)
                guard isStart || command.dropFirst().first == Instruction.getResponse else {
                    state.endless = nil
                    return nil
                }
                return [0x00] + StatusWord.more(0x10).bytes
            default: return nil
            }
        }
    }

    private func leave() -> [UInt8]? {
        state.withLock { $0.hasLeft = true }
        return note(nil)
    }

    /// Counts a fault that came to pass.
    private func note(_ answer: [UInt8]?) -> [UInt8]? {
        state.withLock { $0.faultCount += 1 }
        return answer
    }

    // MARK: Wrong keys

    /// How long the chip lets wait before it looks at another key, in seconds.
    private func delay(before command: [UInt8]) -> Double {
        let isAccess = [Instruction.externalAuthenticate, Instruction.generalAuthenticate].contains(
            command.dropFirst().first ?? 0)
        let wrongKeys = state.withLock { $0.wrongKeys }
        guard isAccess, wrongKeys > 0 else { return 0 }
        return faults.reduce(0) { sum, fault in
            guard case .delayAfterWrongKey(let milliseconds) = fault.kind else { return sum }
            return sum + Double(milliseconds * min(wrongKeys, 1000)) / 1000
        }
    }

    private func noteKey(_ command: [UInt8], _ answer: [UInt8]) {
        let isLast = command.first == 0x00
        let status = answer.suffix(2)
        switch command.dropFirst().first {
        case Instruction.externalAuthenticate, Instruction.generalAuthenticate:
            state.withLock { state in
                if status.first == 0x63 { state.wrongKeys += 1 }
                if isLast, status == [0x90, 0x00] { state.wrongKeys = 0 }
            }
        default: break
        }
    }
}

extension FaultyChip.State {
    /// Whether the byte of that number is among the `count` that pass now.
    fileprivate func tears(at limit: Int, _ count: Int) -> Bool { (byteCount - count..<byteCount).contains(limit) }

    /// An answer kept back for this command.
    fileprivate mutating func takeHeld() -> [UInt8]? {
        defer { heldAnswer = nil }
        return heldAnswer
    }

    /// What becomes of an answer on its way.
    fileprivate mutating func changed(_ answer: [UInt8], _ command: [UInt8], _ active: [Fault.Kind]) -> [UInt8] {
        if let late = lateAnswer {
            lateAnswer = nil
            return late
        }
        let data = answer.dropLast(2)
        for kind in active {
            switch kind {
            case .truncated where data.count > 1: return Array(data.prefix(data.count / 2) + answer.suffix(2))
            case .replayed where lastAnswer.count >= 2: return lastAnswer
            case .late where lastAnswer.count >= 2:
                lateAnswer = answer
                return lastAnswer
            case .wrongLength where (1...256).contains(data.count) && CommandAPDU(command)?.expectedCount != data.count:
                heldAnswer = answer
                return StatusWord.available(data.count).bytes
            default: continue
            }
        }
        return answer
    }
}

extension Fault {
    /// Whether the fault goes on for good and has begun.
    fileprivate func isOpen(at index: Int) -> Bool {
        if case .from(let start) = occurrence { index >= start } else { false }
    }
}
