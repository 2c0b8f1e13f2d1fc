import Registry
import Testing

@testable import Daemon

/// An audit log whose clock is what the test says.
private final class LogWithClock {
    private static let day = 86_400
    private static let retentionDays = 30

    let folder = TestFolder()
    private let terminal: Terminal
    private let store: AuditStore
    private var retention: AuditRetention
    private let beginning = ContinuousClock.now
    /// How much time has truly passed, in seconds.
    private var passed = 0
    /// How far the clock is ahead, in seconds.
    private var ahead = 0

    init() throws {
        terminal = try Terminal(
            keyPath: folder.file("terminal.key"), certificatePath: folder.file("terminal.crt"), name: "test")
        store = try AuditStore(path: folder.file("audit.sqlite"), terminal: terminal)
        retention = AuditRetention(days: Self.retentionDays, at: Self.moment(0), beginning)
    }

    private static func moment(_ seconds: Int) -> Timestamp { Timestamp(secondsSince1970: 1_700_000_000 + seconds) }
    private var clock: Timestamp { Self.moment(passed + ahead) }
    private var monotonic: ContinuousClock.Instant { beginning + .seconds(passed) }

    /// Something is recorded every so many hours, and the daemon looks for old records each time.
    func work(hours: Int, every interval: Int = 1) throws {
        for _ in 0..<hours / interval {
            try store.append(checkInAt: clock)
            rest(hours: interval)
            try look()
        }
    }

    /// Time passes and nothing happens.
    func rest(hours: Int) { passed += hours * 3600 }

    @discardableResult
    func look() throws -> AuditRetention.Outcome {
        try retention.removeOld(from: store, limit: 10_000, at: clock, monotonic)
    }

    func setClock(daysAhead: Int) { ahead = daysAhead * Self.day }

    func startAnew() { retention = AuditRetention(days: Self.retentionDays, at: clock, monotonic) }

    /// How old the oldest record truly is, in days.
    func age() throws -> Double {
        let oldest = try #require(try store.oldestMoment())
        return Double(Self.moment(passed).secondsSince1970 - oldest.secondsSince1970) / Double(Self.day)
    }

    func isWhole() throws -> Bool {
        try AuditVerification(AuditReader(path: folder.file("audit.sqlite"))).findings.isEmpty
    }
}

extension AuditStore {
    fileprivate func append(checkInAt moment: Timestamp) throws {
        var event = AuditEvent(.checkIn)
        event.at = moment.secondsSince1970 * 1000
        try append(AuditBatch([event.body]), at: moment.description, keepsHead: false)
    }
}

@Suite("Retention of audit records")
struct AuditRetentionTests {
    @Test("where the daemon runs on, records go when their days are over")
    func runningOn() throws {
        let log = try LogWithClock()
        try log.work(hours: 40 * 24, every: 6)
        #expect(try (29.7...30.1).contains(log.age()))
        #expect(try log.isWhole())
    }

    @Test("where the daemon runs and nothing happens, records go all the same, but for the last")
    func idle() throws {
        let log = try LogWithClock()
        try log.work(hours: 48)
        log.rest(hours: 40 * 24)
        #expect(try log.look().removed == 47)
    }

    @Test("where the machine is switched off every night, records go a day later")
    func switchedOff() throws {
        let log = try LogWithClock()
        for _ in 0..<45 {
            log.startAnew()
            try log.look()
            try log.work(hours: 8)
            log.rest(hours: 16)
        }
        #expect(try (30.5...32).contains(log.age()))
        #expect(try log.isWhole())
    }

    @Test(
        "a clock that is put ahead removes nothing for a day, however often the daemon starts and whatever it records",
        arguments: [2, 25, 40, 4000], [false, true])
    func ahead(days: Int, isAtStart: Bool) throws {
        let log = try LogWithClock()
        try log.work(hours: 29 * 24, every: 12)
        log.setClock(daysAhead: days)
        if isAtStart { log.startAnew() }
        for hour in 0..<23 {
            if isAtStart, hour % 5 == 4 { log.startAnew() }
            try log.work(hours: 1)
        }
        #expect(try log.age() >= 29.9)
        // Set right again, it goes on as ever: the records of that day, and those behind them, wait for their own time.
        log.setClock(daysAhead: 0)
        log.startAnew()
        try log.work(hours: 24)
        #expect(try (29.9...31.5).contains(log.age()))
        #expect(try log.isWhole())
    }

    @Test("a clock that has been the same for a day is believed, and until then it is told that records stay")
    func believed() throws {
        let log = try LogWithClock()
        try log.work(hours: 10 * 24, every: 6)
        #expect(try !log.look().isPutOff)
        log.setClock(daysAhead: 60)
        #expect(try log.look() == AuditRetention.Outcome(removed: 0, isPutOff: true))
        log.rest(hours: 23)
        #expect(try log.look() == AuditRetention.Outcome(removed: 0, isPutOff: true))
        log.rest(hours: 1)
        #expect(try log.look() == AuditRetention.Outcome(removed: 39, isPutOff: false))
    }

    @Test("a clock that is behind removes nothing")
    func behind() throws {
        let log = try LogWithClock()
        try log.work(hours: 29 * 24, every: 12)
        log.setClock(daysAhead: -15_000)
        log.startAnew()
        try log.work(hours: 30)
        #expect(try log.age() > 30)
    }

    @Test(
        "the daemon counts from a record that is a day old, and says when it keeps what seems to be old",
        arguments: [([100, 90, 2], 1, false), ([100, 90, 80], 3, true)])
    func daemon(ages: [Int], kept: Int, isTold: Bool) throws {
        let daemon = try TestDaemon(isStarted: false) { $0.audit.retentionDays = 30 }
        do {
            let terminal = try Terminal(
                keyPath: daemon.folder.file("terminal.key"), certificatePath: daemon.folder.file("terminal.crt"),
                name: "test")
            let store = try AuditStore(path: daemon.audit, terminal: terminal)
            for days in ages {
                let moment = Timestamp(secondsSince1970: Timestamp.now.secondsSince1970 - days * 86_400)
                try store.append(checkInAt: moment)
            }
        }
        try daemon.daemon.start()
        daemon.daemon.stop()
        #expect(try daemon.records(of: "check-in").count == kept)
        let notice = "<5>old audit records are kept until the clock has been the same for a day"
        #expect(daemon.log.text.contains(notice) == isTold)
        #expect(try AuditVerification(AuditReader(path: daemon.audit)).findings == [])
    }
}
