import CardReader
import Dispatch
import Document
import FoundationEssentials
import Glibc
import Testing

@testable import Daemon

/// A follower of `GET /v1/events`, one event after the other.
private final class Follower {
    struct Event {
        var id: String
        var name: String
        var data: JSON
    }

    let client: TestClient
    let head: String
    private var body = ""

    init(_ daemon: TestDaemon, lastEventID: String? = nil) throws {
        client = try TestClient(daemon.path)
        let header = lastEventID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        client.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\(header)\r\n")
        head = try #require(client.line(until: "\r\n\r\n"))
    }

    /// The next event; nil when the stream has ended.
    func next() throws -> Event? {
        while true {
            if let end = body.firstRange(of: "\n\n") {
                let lines = body[..<end.lowerBound].split(separator: "\n")
                body.removeSubrange(..<end.upperBound)
                func value(_ name: String) -> String? {
                    lines.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
                }
                guard let id = value("id"), let name = value("event"), let data = value("data") else { continue }
                return Event(
                    id: id, name: name, data: try JSONDecoder().decode(JSON.self, from: Data(data.utf8)))
            }
            guard let size = client.line(until: "\r\n").flatMap({ Int($0, radix: 16) }), size > 0,
                let piece = client.bytes(size + 2)
            else { return nil }
            body += String(decoding: piece.dropLast(2), as: UTF8.self)
        }
    }

    /// The next event of this name; those before it are passed over.
    func next(_ name: String) throws -> Event {
        while let event = try next() { if event.name == name { return event } }
        throw NoAnswer()
    }

    /// All events up to and with the next one of this name.
    func all(to name: String) throws -> [Event] {
        var events: [Event] = []
        while let event = try next() {
            events.append(event)
            if event.name == name { return events }
        }
        throw NoAnswer()
    }
}

@Suite("Events")
struct EventTests {
    @Test("a follower is told the readers as they are, and then how readers and cards come and go")
    func readers() throws {
        let daemon = try TestDaemon()
        let tell = try #require(daemon.desk.watcher.withLock { $0 })
        tell(.success([.empty("A")]))
        let follower = try Follower(daemon)
        #expect(follower.head.lowercased().contains("content-type: text/event-stream"))
        let greeting = try #require(try follower.next())
        #expect(greeting.name == "readers")
        #expect(greeting.data["readers"][0]["name"].string == "A")
        tell(.success([.holding("A"), .empty("B")]))
        tell(.success([.holding("A"), .empty("B")]))
        tell(.success([.holding("B")]))
        tell(.failure(.serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D))))
        tell(.failure(.serviceUnavailable(code: PCSCCode(rawValue: 0x8010_001D))))
        tell(.success([]))
        tell(.success([.empty("C")]))
        let events =
            try follower.all(to: "reader.added") + follower.all(to: "readers.unavailable")
            + follower.all(to: "reader.added")
        #expect(
            events.map { "\($0.name) \($0.data["reader"].string ?? $0.data["problem"].string ?? "")" } == [
                "card.inserted A", "reader.added B", "card.removed A", "reader.removed A", "card.inserted B",
                "card.removed B", "reader.removed B", "readers.unavailable service-unavailable", "reader.added C",
            ])
    }

    @Test("a read is followed like a check-in, by events of its own name, and a verification has none")
    func read() throws {
        let daemon = try TestDaemon()
        daemon.desk.telling.withLock {
            $0 = { observer in
                observer.progressed(DeskProgress(file: "EF_DG13", fileBytes: 400, fileSize: 400, bytes: 1100))
                observer.beforePortrait(.scripted)
            }
        }
        let follower = try Follower(daemon)
        #expect(try daemon.post("/v1/verify", #"{"cardImage": {"EF_SOD": "dwA="}}"#).status == 200)
        let reply = try daemon.read(#"{"can": "012345", "portrait": true}"#)
        let events = try follower.all(to: "read.finished").filter { $0.name != "readers" }
        #expect(
            events.map(\.name) == [
                "read.started", "read.progress", "read.check", "read.verdict", "read.verdict", "read.finished",
            ])
        #expect(events.allSatisfy { $0.data["id"].string == reply.headers["audit-id"] })
        #expect(events[3].data["portraitFollows"] == .bool(true))
        #expect(events[4].data["portraitFollows"] == .bool(false))
    }

    @Test("a check-in is followed from its start over bytes and checks to its end, the verdict before the portrait")
    func checkIn() throws {
        let daemon = try TestDaemon()
        daemon.desk.telling.withLock {
            $0 = { observer in
                observer.progressed(DeskProgress(file: "EF_DG13", fileBytes: 200, fileSize: 400, bytes: 900))
                observer.progressed(DeskProgress(file: "EF_DG13", fileBytes: 300, fileSize: 400, bytes: 1000))
                observer.progressed(DeskProgress(file: "EF_DG13", fileBytes: 400, fileSize: 400, bytes: 1100))
                observer.waits(2, true)
                observer.isInterrupted(.cardRemoved(code: PCSCCode(rawValue: 0x8010_0069)), 1100)
                observer.beforePortrait(.scripted)
                observer.progressed(DeskProgress(file: "EF_DG2", fileBytes: 200, fileSize: 9000, bytes: 1300))
            }
        }
        let follower = try Follower(daemon)
        let number = InventedPerson.personalNumber
        let reply = try daemon.checkIn("{\"personalNumber\": \"\(number)\", \"portrait\": true}")
        let events = try follower.all(to: "check-in.finished").filter { $0.name != "readers" }
        #expect(
            events.map(\.name) == [
                "check-in.started", "check-in.progress", "check-in.progress", "check-in.waiting",
                "check-in.interrupted", "check-in.check",
                "check-in.verdict", "check-in.progress", "check-in.verdict", "check-in.finished",
            ])
        #expect(events.allSatisfy { $0.data["id"].string == reply.headers["audit-id"] })
        #expect(events.allSatisfy { $0.data["reader"].string == "Reader A" })
        #expect(events[1].data["fileBytes"] == .number(200))
        #expect(events[2].data["fileBytes"] == .number(400))
        #expect(events[3].data["followsWrongKey"] == .bool(true))
        #expect(events[4].data["problem"].string == "card-removed")
        #expect(events[5].data["check"].string == "sod.signature")
        #expect(events[6].data["portraitFollows"] == .bool(true))
        #expect(events[8].data["portraitFollows"] == .bool(false))
        #expect(events[8].data["outcome"].string == "genuine")
        for value in InventedPerson.values { #expect(!events.contains { "\($0)".contains(value) }, "\(value)") }
    }

    @Test("a check-in that fails ends with its problem")
    func problem() throws {
        let daemon = try TestDaemon(
            desk: ScriptedDesk { _, _, _ throws(CardReaderError) in
                throw .cardRemoved(code: PCSCCode(rawValue: 0x8010_0069))
            })
        let follower = try Follower(daemon)
        _ = try daemon.checkIn()
        #expect(try follower.next("check-in.finished").data["problem"].string == "card-removed")
    }

    @Test("who comes back with the id of the last event that he has seen misses none")
    func resume() throws {
        let daemon = try TestDaemon()
        let tell = try #require(daemon.desk.watcher.withLock { $0 })
        let seen: String
        do {
            let follower = try Follower(daemon)
            tell(.success([.empty("A")]))
            seen = try follower.next("reader.added").id
        }
        tell(.success([.empty("A"), .empty("B")]))
        tell(.success([.empty("A"), .empty("B"), .empty("C")]))
        let again = try Follower(daemon, lastEventID: seen)
        let greeting = try #require(try again.next())
        #expect(greeting.id == seen)
        #expect(try again.next("reader.added").data["reader"].string == "B")
        #expect(try again.next("reader.added").data["reader"].string == "C")
    }

    @Test(
        "who comes back with an id of another run, or with none of ours, is told that he missed something",
        arguments: ["other-1", "1", "-", "", "\u{1F600}"])
    func foreignID(id: String) throws {
        let follower = try Follower(try TestDaemon(), lastEventID: id)
        #expect(try follower.next()?.name == "readers")
        #expect(try follower.next()?.name == "missed")
    }

    @Test("whoever is too slow for the kept events is told that he missed some, and gets the rest")
    func overflow() {
        let feed = EventFeed(capacity: 10)
        let stream = feed.follow(after: nil, greeting: ReadersEvent(readers: []))
        for number in 0..<25 { feed.publish(ReaderAddedEvent(reader: "R\(number)")) }
        var text = ""
        while case .bytes(let bytes) = stream.next(64) { text += String(decoding: bytes, as: UTF8.self) }
        #expect(text.contains("event: readers\n"))
        #expect(text.contains("event: missed\n"))
        for number in 0..<15 { #expect(!text.contains("\"R\(number)\"")) }
        for number in 15..<25 { #expect(text.contains("\"R\(number)\"")) }
    }

    @Test("a stream that has nothing to tell wakes its reader once there is something")
    func waking() {
        let feed = EventFeed()
        let stream = feed.follow(after: nil, greeting: ReadersEvent(readers: []))
        guard case .bytes = stream.next(1000), case .nothingYet = stream.next(1000) else {
            Issue.record("the greeting comes first, then nothing")
            return
        }
        let wakes = Guarded(0)
        stream.whenReady { wakes.withLock { $0 += 1 } }
        #expect(wakes.withLock { $0 } == 0)
        feed.publish(ReaderAddedEvent(reader: "A"))
        feed.publish(ReaderAddedEvent(reader: "B"))
        #expect(wakes.withLock { $0 } == 1)
        stream.whenReady { wakes.withLock { $0 += 1 } }
        #expect(wakes.withLock { $0 } == 2)
        guard case .bytes = stream.next(1000) else {
            Issue.record("there are two events")
            return
        }
        feed.breatheAll()
        #expect({ if case .bytes(let bytes) = stream.next(1000) { bytes == Array(":\n\n".utf8) } else { false } }())
    }

    @Test("a follower who does not read holds up nobody, and one who goes away is forgotten")
    func slowFollower() throws {
        let daemon = try TestDaemon()
        let tell = try #require(daemon.desk.watcher.withLock { $0 })
        let silent = try Follower(daemon)
        var good: Follower? = try Follower(daemon)
        for number in 0..<3000 {
            tell(.success([.empty(String(repeating: "x", count: 200) + "\(number)")]))
        }
        tell(.success([.empty("last")]))
        #expect(try daemon.get("/v1/health").status == 200)
        var last: String?
        while last != "last" { last = try good?.next()?.data["reader"].string }
        good = nil
        let feed = try #require(daemon.daemon.running.withLock { $0 }).feed
        let deadline = ContinuousClock.now + .seconds(30)
        while feed.followerCount > 1, ContinuousClock.now < deadline { usleep(1000) }
        #expect(feed.followerCount == 1)
        #expect(try silent.next()?.name == "readers")
    }

    @Test("the daemon's end ends the streams, and is not held up by them")
    func stop() throws {
        let daemon = try TestDaemon()
        let follower = try Follower(daemon)
        #expect(try follower.next()?.name == "readers")
        daemon.daemon.stop()
        #expect(try follower.next() == nil)
    }
}

extension TestClient {
    /// What was received up to `end`, which is taken away with it.
    func line(until end: String) -> String? {
        let mark = Array(end.utf8)
        while true {
            if let start = received.firstRange(of: mark) {
                defer { received.removeSubrange(..<start.upperBound) }
                return String(decoding: received[..<start.lowerBound], as: UTF8.self)
            }
            if !receive() { return nil }
        }
    }

    /// The next bytes that were received.
    func bytes(_ count: Int) -> [UInt8]? {
        while received.count < count { if !receive() { return nil } }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }
}

@Suite("Queue at a reader")
struct QueueTests {
    /// Lanes with what happens to each job, in order.
    private final class Scene: Sendable {
        let lanes: ReaderLanes
        let happened = Guarded<[String]>([])
        let mayEnd = DispatchSemaphore(value: 0)
        let hasEnded = DispatchSemaphore(value: 0)

        init(capacity: Int) { lanes = ReaderLanes(capacity: capacity) }

        func note(_ text: String) { happened.withLock { $0.append(text) } }

        func submit(
            _ name: String, to reader: String = "A", mayWait: Bool = true, _ cancellation: Cancellation = Cancellation()
        ) -> Bool {
            lanes.submit(
                to: reader, mayWait: mayWait,
                ReaderLanes.Job(
                    cancellation: cancellation, moved: { [self] in note("\(name) at \($0)") },
                    cancelled: { [self] in note("\(name) gone") },
                    run: { [self] in
                        mayEnd.wait()
                        note("\(name) done")
                        hasEnded.signal()
                    }))
        }

        func finish(_ count: Int) {
            for _ in 0..<count {
                mayEnd.signal()
                hasEnded.wait()
            }
        }
    }

    @Test("reads wait in order, each with its place, and move up")
    func order() {
        let scene = Scene(capacity: 2)
        #expect(scene.submit("1"))
        #expect(scene.submit("2"))
        #expect(scene.submit("3"))
        #expect(!scene.submit("4"))
        #expect(!scene.submit("5", mayWait: false))
        #expect(scene.lanes.load(of: "A") == (true, 2))
        #expect(scene.lanes.load(of: "B") == (false, 0))
        scene.finish(3)
        #expect(scene.happened.withLock { $0 } == ["2 at 1", "3 at 2", "1 done", "3 at 1", "2 done", "3 done"])
    }

    @Test("who goes away leaves the line at once: those behind move up, and there is room again")
    func leaving() {
        let scene = Scene(capacity: 3)
        let second = Cancellation()
        #expect(scene.submit("1"))
        #expect(scene.submit("2", second))
        #expect(scene.submit("3"))
        #expect(scene.submit("4"))
        second.cancel()
        #expect(scene.submit("5"))
        scene.finish(4)
        #expect(
            scene.happened.withLock { $0.prefix(7) } == [
                "2 at 1", "3 at 2", "4 at 3", "2 gone", "3 at 1", "4 at 2", "5 at 3",
            ])
        #expect(
            scene.happened.withLock { $0.filter { $0.hasSuffix("done") } } == ["1 done", "3 done", "4 done", "5 done"])
    }

    @Test("readers do not wait for each other")
    func readers() {
        let scene = Scene(capacity: 0)
        #expect(scene.submit("1", to: "A"))
        #expect(scene.submit("2", to: "B"))
        #expect(!scene.submit("3", to: "A"))
        scene.finish(2)
        #expect(scene.happened.withLock { Set($0) } == ["1 done", "2 done"])
    }

    @Test("a check-in that does not want to wait is answered reader-busy at once, and readers tell how busy they are")
    func busy() throws {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let daemon = try TestDaemon(
            desk: ScriptedDesk { _, _, _ in
                hasBegun.signal()
                mayEnd.wait()
                return .scripted
            })
        let path = daemon.path
        let answered = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            DispatchQueue.global().async {
                _ = try? TestClient.request(path, "POST /v1/check-in", body: "{\"can\": \"012345\"}")
                answered.signal()
            }
        }
        hasBegun.wait()
        while try daemon.get("/v1/readers").json["readers"][0]["waiting"] != .number(1) { usleep(1000) }
        let reply = try daemon.checkIn("{\"can\": \"012345\", \"wait\": false}")
        #expect(reply.problem == "reader-busy")
        #expect(reply.headers["retry-after"] != nil)
        #expect(try daemon.get("/v1/readers").json["readers"][0]["busy"] == .bool(true))
        for _ in 0..<2 { mayEnd.signal() }
        for _ in 0..<2 { answered.wait() }
        // The reader is given back a moment after the answer.
        var isBusy = true
        for _ in 0..<1000 where isBusy {
            isBusy = try daemon.get("/v1/readers").json["readers"][0]["busy"] != .bool(false)
        }
        #expect(!isBusy)
    }
}
