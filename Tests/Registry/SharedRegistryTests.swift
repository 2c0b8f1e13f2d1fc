import Foundation
import TestSupport
import Testing

@testable import Registry

extension OnPostgreSQL {
    @Suite("A server and its copy")
    struct Sharing {
        private let number = "001090012345"
        private let day = Day(year: 2026, month: 11, day: 23) ?? .todayInVietnam

        private func shared(_ url: String, _ place: Place, answerLimit: Duration = .seconds(2)) throws -> SharedRegistry
        {
            SharedRegistry(
                try PostgreSQLAddress(url), copy: place.path, answerLimit: answerLimit,
                breaker: CircuitBreaker(threshold: 1, firstPause: .milliseconds(1), longestPause: .milliseconds(1)))
        }

        /// Whether the source answers, soon enough: on a busy machine a server that is back may still be slow.
        private func isAnswered(by source: String, _ registry: SharedRegistry) throws -> Bool {
            for _ in 0..<100 {
                let decision = try registry.decide(.init(personalNumber: number, on: day))
                if decision.source == source { return (decision.copyAge == nil) == (source == "postgresql") }
                Thread.sleep(forTimeInterval: 0.1)
            }
            return false
        }

        @Test("stopped and started: every question is answered, and told from where")
        func stopped() throws {
            let server = try PostgreSQLServer()
            let (_, url) = try OnPostgreSQL.fixture(server)
            let place = try Place()
            defer { withExtendedLifetime(place) {} }
            let registry = try shared(url, place)
            #expect(try registry.refreshCopy().isWhole)
            #expect(try registry.decide(.init(personalNumber: number, on: day)).source == "postgresql")
            server.stop()
            for expected in DecisionCase.all {
                let decision = try registry.decide(expected.question())
                expected.check(decision, source: "copy", notes: ["fromCopy"])
                #expect(decision.copyAge != nil)
            }
            #expect(try registry.isLost(identityCardOf: "001089000021"))
            let status = try registry.status()
            #expect((status.source, status.rows) == ("copy", Fixture.insuredCount))
            #expect(status.copyAge != nil)
            #expect(throws: RegistryError.self) { try registry.reportLost(LostCard(identityCardOf: number)) }
            #expect(throws: RegistryError.self) { try registry.refreshCopy() }
            try server.start()
            #expect(try isAnswered(by: "postgresql", registry))
        }

        @Test("a server that stands still, and one whose table is locked, are not waited for")
        func slow() throws {
            let server = try PostgreSQLServer()
            let (_, url) = try OnPostgreSQL.fixture(server)
            let place = try Place()
            defer { withExtendedLifetime(place) {} }
            let registry = try shared(url, place, answerLimit: .seconds(1))
            try registry.refreshCopy()
            #expect(try isAnswered(by: "postgresql", registry))
            try server.pause()
            #expect(try registry.decide(.init(personalNumber: number, on: day)).source == "copy")
            try server.resume()
            #expect(try isAnswered(by: "postgresql", registry))
            let locker = try PostgreSQLConnection(PostgreSQLAddress(url), answerLimit: .seconds(10))
            try locker.execute("BEGIN; LOCK TABLE cccd.insured IN ACCESS EXCLUSIVE MODE")
            #expect(try registry.decide(.init(personalNumber: number, on: day)).source == "copy")
            try locker.execute("ROLLBACK")
            #expect(try isAnswered(by: "postgresql", registry))
        }

        @Test("no question fails while the server is stopped, started, loaded into and made to stand still")
        func underLoad() throws {
            let server = try PostgreSQLServer()
            let (_, url) = try OnPostgreSQL.fixture(server)
            let place = try Place()
            defer { withExtendedLifetime(place) {} }
            let registry = try shared(url, place, answerLimit: .seconds(1))
            try registry.refreshCopy()
            let (number, day) = (number, day)
            let asking = (0..<4).map { _ in
                AskingThread { () throws(RegistryError) in
                    try registry.decide(.init(personalNumber: number, on: day))
                }
            }
            for _ in 0..<2 {
                server.stop()
                Thread.sleep(forTimeInterval: 0.2)
                try server.start()
                try Fixture.load(into: .server(PostgreSQLAddress(url)))
                try server.pause()
                Thread.sleep(forTimeInterval: 0.2)
                try server.resume()
            }
            Thread.sleep(forTimeInterval: 0.5)
            for thread in asking {
                let (answers, errors) = thread.end()
                #expect(errors == [])
                #expect(Set(answers.map(\.code)) == ["valid"])
                #expect(answers.contains { $0.source == "copy" } && answers.contains { $0.source == "postgresql" })
            }
        }

        @Test("without a copy a restart is not noticed, and a stop is told")
        func reconnect() throws {
            let server = try PostgreSQLServer()
            let (registry, _) = try OnPostgreSQL.fixture(server)
            #expect(try registry.decide(.init(personalNumber: number)).source == "postgresql")
            server.stop()
            #expect {
                try registry.decide(.init(personalNumber: number))
            } throws: { error in
                if case RegistryError.serverUnavailable = error { true } else { false }
            }
            try server.start()
            #expect(try registry.decide(.init(personalNumber: number)).source == "postgresql")
            server.stop()
            try server.start()
            #expect(try registry.decide(.init(personalNumber: number)).source == "postgresql")
        }

        @Test("a refresh takes over what changed, lost cards included, and not the rest")
        func refresh() throws {
            let (registry, url) = try OnPostgreSQL.fixture()
            let place = try Place()
            defer { withExtendedLifetime(place) {} }
            let shared = try shared(url, place)
            #expect(try shared.refreshCopy() == CopyRefresh(isWhole: true, records: Fixture.insuredCount, lostCards: 3))
            #expect(try shared.refreshCopy() == CopyRefresh(isWhole: false, records: 0, lostCards: 0))
            try registry.reportLost(LostCard(identityCardOf: number))
            try registry.reportFound(identityCardOf: "001089000021")
            #expect(try shared.refreshCopy() == CopyRefresh(isWhole: false, records: 0, lostCards: 2))
            let copy = try InsuranceRegistry(path: place.path)
            #expect(try copy.isLost(identityCardOf: number))
            #expect(try !copy.isLost(identityCardOf: "001089000021"))
            // A full load of the same data changes nothing for a copy, and one with another line that line.
            try Fixture.load(into: .server(registry.address))
            #expect(try shared.refreshCopy().records == 0)
            let line = "\n001199000001,,Bùi Thị Mới,01/01/1999,Nữ,GD,4,01/01/2024,31/12/2035,,,,,,\n"
            _ = try RegistryImport(source: .bytes(Fixture.bytes("insured.csv") + Array(line.utf8)), format: .csv)
                .run(into: .server(registry.address))
            #expect(try shared.refreshCopy() == CopyRefresh(isWhole: false, records: 1, lostCards: 0))
            #expect(try copy.status().rows == Fixture.insuredCount + 1)
        }

        @Test("a registry of this machine's own is never taken for a copy")
        func notACopy() throws {
            let (_, url) = try OnPostgreSQL.fixture()
            let (own, place) = try Fixture.registry()
            #expect(throws: RegistryError.alreadyExists(path: place.path)) { try shared(url, place).refreshCopy() }
            #expect(try own.status().rows == Fixture.insuredCount)
        }

        @Test("the copy of one server's registry is made anew from another's")
        func otherServer() throws {
            let place = try Place()
            defer { withExtendedLifetime(place) {} }
            try shared(OnPostgreSQL.fixture().url, place).refreshCopy()
            #expect(try shared(OnPostgreSQL.fixture().url, place).refreshCopy().isWhole)
        }

        @Test("what is wrong with an address is told, and never its password")
        func addresses() throws {
            let server = try PostgreSQLServer.shared
            let secret = "geheim123"
            let none = server.address(of: "nowhere", "&password=\(secret)")
            let empty = try server.database()
            let unreachable = "postgresql://user:\(secret)@/x?host=/nonexistent-\(UUID().uuidString)"
            for (url, isExpected) in [
                (none, { if case .serverRefused = $0 { true } else { false } }),
                (empty, { if case .missing = $0 { true } else { false } }),
                (unreachable, { if case .serverUnavailable = $0 { true } else { false } }),
            ] as [(String, (RegistryError) -> Bool)] {
                let registry = PostgreSQLRegistry(try PostgreSQLAddress(url))
                let result = Result { () throws(RegistryError) in try registry.status() }
                guard case .failure(let error) = result else {
                    Issue.record("a status came from nowhere")
                    continue
                }
                #expect(isExpected(error), "\(error)")
                #expect(!"\(error)".contains(secret))
                #expect(!"\(registry.address)".contains(secret))
                #expect(!String(reflecting: registry.address).contains(secret))
            }
            for text in ["", "postgresql://x/%zz", "http://x/y", "sqlite:"] {
                #expect(throws: RegistryError.self) { try RegistryLocation(text) }
            }
            #expect(try RegistryLocation("sqlite:///a/b") == .file("/a/b"))
            #expect(try RegistryLocation("a:b.sqlite") == .file("a:b.sqlite"))
        }

        @Test("a server's registry of another version is told, and not touched")
        func otherVersion() throws {
            let (registry, url) = try OnPostgreSQL.fixture()
            try PostgreSQLServer.shared.run("UPDATE cccd.state SET version = 9", in: url)
            let expected = RegistryError.otherVersion(path: registry.address.description, found: 9, expected: 1)
            #expect(throws: expected) { try PostgreSQLRegistry(registry.address).status() }
            #expect(throws: expected) { try Fixture.load(into: .server(registry.address)) }
        }
    }
}

/// A thread that asks the same question until it is told to end; the threads that tests run on are few.
final class AskingThread: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOver = false
    private var hasEnded = false
    private var answers: [EligibilityDecision] = []
    private var errors: [RegistryError] = []

    init(_ ask: @escaping @Sendable () throws(RegistryError) -> EligibilityDecision) {
        Thread.detachNewThread { [self] in
            while !condition.withLock({ isOver }) {
                let answer = Result(catching: ask)
                condition.withLock {
                    switch answer {
                    // Of many answers that say the same one is enough.
                    case .success(let answer): if answers.last?.source != answer.source { answers.append(answer) }
                    case .failure(let error): errors.append(error)
                    }
                }
            }
            condition.withLock {
                hasEnded = true
                condition.broadcast()
            }
        }
    }

    /// Waits for the last answer.
    func end() -> ([EligibilityDecision], [RegistryError]) {
        condition.withLock {
            isOver = true
            while !hasEnded { condition.wait() }
            return (answers, errors)
        }
    }
}

@Suite("Rows of COPY")
struct CopiedRowTests {
    private func values(_ text: String, columns: Int) throws -> [String?] {
        var row = CopiedRow(columnCount: columns)
        try row.read(Array(text.utf8).span, server: "test")
        return row.values.map { $0.map { String(decoding: row.bytes[$0], as: UTF8.self) } }
    }

    @Test("are taken apart at tabs, with NULL and the backslash as COPY writes them")
    func rows() throws {
        #expect(try values("a\t\\N\t\tb\\\\c\n", columns: 4) == ["a", nil, "", "b\\c"])
    }

    @Test("of another form are refused", arguments: ["a\n", "a\tb\tc\n", "a\\\t\n", "a\tb\\x\n", "a\tb\\", ""])
    func malformed(_ text: String) {
        #expect(throws: RegistryError.self) { try values(text, columns: 2) }
    }
}

@Suite("The circuit breaker")
struct CircuitBreakerTests {
    @Test("opens after failures in a row, lets one through at the end of each longer pause, and closes on an answer")
    func breaker() {
        let breaker = CircuitBreaker(threshold: 2, firstPause: .seconds(10), longestPause: .seconds(30))
        let start = ContinuousClock.now
        func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
        breaker.failed(now: at(0))
        #expect(breaker.mayAsk(now: at(0)))
        breaker.failed(now: at(0))
        #expect(!breaker.mayAsk(now: at(9)))
        #expect(breaker.mayAsk(now: at(10)))
        #expect(!breaker.mayAsk(now: at(10)))
        breaker.failed(now: at(10))
        #expect(!breaker.mayAsk(now: at(29)))
        #expect(breaker.mayAsk(now: at(30)))
        breaker.failed(now: at(30))
        #expect(!breaker.mayAsk(now: at(59)))
        #expect(breaker.mayAsk(now: at(60)))
        breaker.succeeded()
        #expect(breaker.mayAsk(now: at(60)))
        breaker.failed(now: at(60))
        #expect(breaker.mayAsk(now: at(60)))
    }
}
