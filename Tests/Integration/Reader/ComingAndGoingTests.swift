import CardReader
import Document
import Foundation
import Simulator
import Synchronization
import Testing

extension ThroughPCSC {
    @Suite("Cards in two readers, coming and going")
    struct ComingAndGoing {
        /// `make endurance` sets a thousand cycles and ten restarts. In a process of its own, because it has a pcscd of its
        /// own, and because descriptors are counted.
        @Test(
            "are each noticed and read while pcscd ends and starts again, and leave no descriptor and no memory behind",
            .enabled(if: OwnVirtualReaders.isPossible, "no second pcscd can be started here"))
        func cycles() async throws {
            let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
                let numbers = ProcessInfo.processInfo.environment
                let cycles = numbers["CCCD_ENDURANCE_CYCLES"].flatMap { Int($0) } ?? 16
                let restarts = numbers["CCCD_ENDURANCE_RESTARTS"].flatMap { Int($0) } ?? 2
                try EnduranceRun(cycles: cycles, restarts: restarts).run()
            }
            // The figures, or what went wrong.
            FileHandle.standardError.write(Data(result?.standardErrorContent ?? []))
        }
    }
}

/// So many cards laid on, read and taken away in two readers at once, while pcscd is restarted on the way.
private final class EnduranceRun: Sendable {
    private let cycles: Int
    private let restarts: Int
    private let readers: OwnVirtualReaders
    private let card: PersonalisedCard
    private let monitor = ReaderMonitor()
    private let desk = Desk()
    private let done = Mutex(0)
    private let retries = Mutex(0)
    /// Whether the next read that comes to anything has pcscd restarted.
    private let restartsInRead = Mutex(false)

    init(cycles: Int, restarts: Int) throws {
        self.cycles = cycles
        self.restarts = restarts
        readers = try OwnVirtualReaders()
        card = try TestState.shared.card(.good)
    }

    func run() throws {
        let start = ContinuousClock.now
        let group = DispatchGroup()
        let failures = Mutex<[String]>([])
        inThread(group) { [self] in monitor.follow { desk.note($0) } }
        let names = try desk.wait(seconds: 30, "the readers") { $0.readers.count == 2 ? $0.readers.sorted() : nil }
        // What is made once and kept is there after some cycles.
        let warmUp = max(4, cycles / 10)
        try cycle(names, count: warmUp, failures)
        let before = try ProcessState.settled(downTo: 0, patience: 1)

        let restarter = DispatchGroup()
        inThread(restarter) { [self] in
            for number in 1...max(1, restarts) where restarts > 0 {
                let goal = warmUp + number * cycles / (restarts + 1)
                while done.withLock({ $0 }) < goal {
                    guard failures.withLock({ $0.isEmpty }) else { return }
                    Thread.sleep(forTimeInterval: 0.05)
                }
                if number.isMultiple(of: 2) {
                    // At any moment of a cycle.
                    Thread.sleep(forTimeInterval: Double.random(in: 0...0.7))
                    readers.restart()
                } else {
                    restartsInRead.withLock { $0 = true }
                }
            }
        }
        try cycle(names, count: cycles, failures)
        restarter.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(done.withLock { $0 } == warmUp + cycles)
        // Each restart is told once, after the first coming of pcscd.
        let told = try desk.wait(seconds: 30, "pcscd") { $0.servicesCame > restarts ? $0.servicesCame : nil }
        #expect(told == restarts + 1)

        let after = try ProcessState.settled(downTo: before.descriptors)
        #expect(after.descriptors <= before.descriptors)
        if !ProcessState.isUnderSanitizer { #expect(after.residentBytes < before.residentBytes + 4 << 20) }
        monitor.stop()
        group.wait()
        let seconds = Int(start.duration(to: .now).components.seconds)
        let line =
            "\(warmUp) + \(cycles) cycles in two readers, pcscd restarted \(restarts) times, \(seconds) s; "
            + "\(retries.withLock { $0 }) reads went on or began anew; descriptors \(before.descriptors) → "
            + "\(after.descriptors), resident \(before.residentBytes >> 10) → \(after.residentBytes >> 10) KiB\n"
        FileHandle.standardError.write(Data(line.utf8))
    }

    /// Divides `count` cycles over the readers, each with a thread of its own.
    private func cycle(_ names: [String], count: Int, _ failures: borrowing Mutex<[String]>) throws {
        let group = DispatchGroup()
        let found = Mutex<[String]>([])
        for (index, name) in names.enumerated() {
            let share = count / names.count + (index < count % names.count ? 1 : 0)
            inThread(group) { [self] in
                do {
                    for _ in 0..<share where found.withLock({ $0.isEmpty }) {
                        try oneCycle(in: name, port: readers.ports[index])
                        done.withLock { $0 += 1 }
                    }
                } catch {
                    found.withLock { $0.append("\(name): \(error)") }
                }
            }
        }
        group.wait()
        failures.withLock { $0 += found.withLock { $0 } }
    }

    /// Lays the card on, waits until the monitor tells, reads, takes it away, and waits until the monitor tells.
    private func oneCycle(in reader: String, port: UInt16) throws {
        let arrivals = desk.arrivals(in: reader)
        let hand = Hand(VirtualCard(card), port: port)
        try hand.layOn()
        defer { hand.takeAway() }
        _ = try desk.wait(seconds: 60, "the card in \(reader)") {
            $0.arrivals[reader, default: 0] > arrivals ? () : nil
        }
        let request = ReadRequest(key: .personalNumber(Citizen.demo.personalNumber), timeLimit: .seconds(60))
        var attempts = 0
        while true {
            do {
                let read = try PersistentRead(reader: reader, patience: .seconds(20)).run(
                    request, progress: { [self] in restartIfDue($0) },
                    interrupted: { [self] _ in retries.withLock { $0 += 1 } })
                guard read.image == card.image else { throw EnduranceFailure("another image was read") }
                break
            } catch let error as CardReaderError {
                // pcscd may end just before the card is connected to.
                attempts += 1
                guard attempts < 40, error.isForAMoment else { throw error }
                retries.withLock { $0 += 1 }
                Thread.sleep(forTimeInterval: 0.25)
            }
        }
        hand.takeAway()
        _ = try desk.wait(seconds: 60, "the empty \(reader)") { $0.cards.contains(reader) ? nil : () }
    }

    /// Restarts pcscd in the middle of a read.
    private func restartIfDue(_ progress: ReadProgress) {
        guard progress.file == .dg13 else { return }
        let isDue = restartsInRead.withLock { isDue in
            defer { isDue = false }
            return isDue
        }
        guard isDue else { return }
        readers.restart()
        // Until pcscd is gone: the rest of the read would take less.
        Thread.sleep(forTimeInterval: 0.3)
    }

    private func inThread(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
        group.enter()
        Thread.detachNewThread {
            body()
            group.leave()
        }
    }
}

extension OwnVirtualReaders: @unchecked Sendable {}

private struct EnduranceFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension CardReaderError {
    /// Whether the card could not be connected to because pcscd or the card is just coming.
    fileprivate var isForAMoment: Bool {
        switch self {
        case .serviceUnavailable, .readerUnavailable, .noReader, .noCard, .cardMute: true
        default: false
        }
    }
}

/// What the monitor told so far.
private final class Desk: Sendable {
    struct State {
        var servicesCame = 0
        var readers: Set<String> = []
        var cards: Set<String> = []
        var arrivals: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func note(_ change: ReaderChange) {
        state.withLock { state in
            switch change {
            case .serviceCame: state.servicesCame += 1
            case .serviceWent: break
            case .readerCame(let name): state.readers.insert(name)
            case .readerWent(let name): state.readers.remove(name)
            case .cardCame(let reader, _):
                state.cards.insert(reader)
                state.arrivals[reader, default: 0] += 1
            case .cardWent(let reader): state.cards.remove(reader)
            }
        }
    }

    func arrivals(in reader: String) -> Int { state.withLock { $0.arrivals[reader, default: 0] } }

    func wait<Value: Sendable>(seconds: Int, _ what: String, until value: @Sendable (State) -> Value?) throws -> Value {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if let value = state.withLock({ value($0) }) { return value }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw EnduranceFailure("waited \(seconds) s for \(what) in vain")
    }
}

/// Holds a card in a reader, and lays it on again where pcscd let it go.
private final class Hand: Sendable {
    private let chip: VirtualCard
    private let port: UInt16
    private let connection = Mutex<VirtualReaderConnection?>(nil)
    private let isHolding = Mutex(true)

    init(_ chip: VirtualCard, port: UInt16) {
        self.chip = chip
        self.port = port
    }

    func layOn() throws {
        let next = VirtualReaderConnection(to: .init(port: port), chip: chip, patience: .seconds(30))
        connection.withLock { $0 = next }
        try next.start { [self] ending in
            guard case .failed = ending, isHolding.withLock({ $0 }) else { return }
            Thread.detachNewThread { [self] in try? layOn() }
        }
    }

    func takeAway() {
        isHolding.withLock { $0 = false }
        connection.withLock { connection in
            defer { connection = nil }
            return connection
        }?.stop()
    }
}
