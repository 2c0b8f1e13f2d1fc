import Crypto
import FoundationEssentials
import Glibc
import Registry
import Testing

@testable import Daemon

@Suite("Page")
struct PageTests {
    /// A daemon with a loopback port, and what a browser asks there.
    private final class Scene {
        let daemon: TestDaemon
        let port: UInt16

        init(configure: (inout Configuration) -> Void = { _ in }) throws {
            let probe = try ListeningSocket.bindLoopback(port: 0)
            let free = try #require(SystemCalls.boundPort(probe.descriptor))
            port = free
            daemon = try TestDaemon(isStarted: false) {
                $0.loopback.port = Int(free)
                configure(&$0)
            }
            withExtendedLifetime(probe) {}
        }

        func start() throws -> Scene {
            try daemon.daemon.start()
            return self
        }

        func ask(
            _ line: String, _ headers: [String] = [], body: String? = nil, host: String? = nil
        ) throws -> TestClient.Answer {
            let client = try TestClient(port: port)
            let length = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
            let fields = headers.map { $0 + "\r\n" }.joined()
            client.send(
                "\(line) HTTP/1.1\r\nHost: \(host ?? "localhost:\(port)")\r\n\(fields)\(length)\r\n\(body ?? "")")
            return try #require(client.answer(isHead: line.hasPrefix("HEAD")))
        }

        func ticket(_ body: String = "{}") throws -> Reply { try daemon.post("/v1/page-tickets", body) }

        func session(_ ticket: String) throws -> Reply {
            try Reply(
                ask(
                    "POST /v1/page-sessions", ["Origin: http://localhost:\(port)"],
                    body: "{\"ticket\": \"\(ticket)\"}"))
        }
    }

    @Test("the page and its files come without a token, are never kept, and may run nothing but themselves")
    func files() throws {
        let scene = try Scene().start()
        for file in PageFile.allCases {
            let answer = try scene.ask("GET \(file.path)")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == file.mediaType)
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["referrer-policy"] == "no-referrer")
            let policy = try #require(answer.headers["content-security-policy"])
            for directive in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                "img-src 'self' blob:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
            ] { #expect(policy.split(separator: ";").contains { $0.drop { $0 == " " } == directive }, "\(directive)") }
            #expect(!policy.contains("unsafe"))
            let source = try ProjectFile.text("Sources/Daemon/Page/Files/\(file.rawValue)")
            #expect(answer.text == source)
        }
    }

    @Test("the page has nothing inline and nothing from elsewhere, and asks for no file that is not served")
    func nothingInline() throws {
        let page = try ProjectFile.text("Sources/Daemon/Page/Files/index.html")
        #expect(!page.contains("style=") && !page.contains("<style") && !page.contains(" on"))
        let served = Set(PageFile.allCases.map(\.path))
        for file in PageFile.allCases {
            let text = try ProjectFile.text("Sources/Daemon/Page/Files/\(file.rawValue)")
            #expect(!text.replacing("http://www.w3.org/", with: "").contains("http://"), "\(file)")
            #expect(!text.contains("https://") && !text.contains("innerHTML") && !text.contains("localStorage"))
            for part in text.split(separator: "from \"./").dropFirst() where file.rawValue.hasSuffix(".js") {
                #expect(served.contains("/page/\(part.prefix { $0 != "\"" })"), "\(file): \(part.prefix(20))")
            }
        }
    }

    @Test("under another name of this machine, and to a page of another origin, there is no page")
    func rebinding() throws {
        let scene = try Scene().start()
        #expect(try scene.ask("GET /", host: "evil.example:\(scene.port)").status == 421)
        #expect(try scene.ask("GET /", ["Origin: https://evil.example"]).status == 403)
        #expect(
            try scene.ask("POST /v1/page-sessions", ["Origin: https://evil.example"], body: "{\"ticket\": \"x\"}")
                .status == 403)
    }

    @Test("a ticket gives one page a token, which may do what the user may who asked for it, and is named as he is")
    func session() throws {
        let scene = try Scene {
            $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(geteuid())])]
        }.start()
        let opened = try scene.ticket()
        #expect(opened.status == 200)
        let ticket = try #require(opened.json["ticket"].string)
        #expect(opened.json["url"].string == "http://localhost:\(scene.port)/#ticket=\(ticket)")
        let session = try scene.session(ticket)
        #expect(session.status == 200)
        let token = try #require(session.json["token"].string)
        #expect(try scene.session(ticket).status == 401)
        let caller = try Reply(scene.ask("GET /v1/caller", ["Authorization: Bearer \(token)"]))
        #expect(caller.json["role"].string == "terminal")
        #expect(caller.json["caller"].string == "user \(geteuid())")
        #expect(caller.json["page"]["mode"].string == "clinic")
        #expect(try scene.ask("GET /v1/audit", ["Authorization: Bearer \(token)"]).status == 403)
        #expect(try scene.ask("GET /v1/caller", ["Authorization: Bearer \(ticket)"]).status == 401)
        // Its own origin, as browsers send it with a POST.
        let checkIn = try scene.ask(
            "POST /v1/check-in", ["Authorization: Bearer \(token)", "Origin: http://localhost:\(scene.port)"],
            body: "{\"can\": \"012345\"}")
        #expect(checkIn.status == 200)
    }

    @Test("the administrator opens pages of other roles, nobody else does, and no page opens another")
    func roles() throws {
        let admin = try Scene().start()
        let ticket = try #require(try admin.ticket("{\"role\": \"kiosk\"}").json["ticket"].string)
        let session = try admin.session(ticket)
        #expect(session.json["role"].string == "kiosk")
        let token = try #require(session.json["token"].string)
        let caller = try Reply(admin.ask("GET /v1/caller", ["Authorization: Bearer \(token)"]))
        #expect(caller.json["page"]["mode"].string == "identity")
        #expect(
            try admin.ask("POST /v1/page-tickets", ["Authorization: Bearer \(token)"], body: "{}").status == 403)
        let terminal = try Scene {
            $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(geteuid())])]
        }.start()
        #expect(try terminal.ticket("{\"role\": \"admin\"}").status == 403)
    }

    @Test("tickets are good for a minute, tokens for a working day, and neither is endless in number")
    func lifetimes() throws {
        let pages = PageSessions()
        let holder = PageSessions.Holder(identity: .user(1), role: .terminal)
        let start = ContinuousClock.now
        let late = try pages.ticket(for: holder, now: start)
        #expect(try pages.exchange(late, now: start + .seconds(61)) == nil)
        let ticket = try pages.ticket(for: holder, now: start)
        let token = try #require(try pages.exchange(ticket, now: start + .seconds(59))).token
        #expect(pages.holder(ofToken: token, now: start + .seconds(3600)) == holder)
        #expect(pages.holder(ofToken: token, now: start + .seconds(15 * 3600)) == nil)
        var first: String?
        for _ in 0..<300 {
            let ticket = try pages.ticket(for: holder)
            first = first ?? ticket
        }
        #expect(try pages.exchange(first ?? "") == nil)
    }

    @Test("without a port for pages no page is opened, and the reason is told")
    func notServed() throws {
        let reply = try TestDaemon().post("/v1/page-tickets", "{}")
        #expect(reply.status == 409)
        #expect(reply.problem == "page-not-served")
    }

    @Test("the page says everything in both languages: problems, roles' fields, outcomes")
    func texts() throws {
        let source = try ProjectFile.text("Sources/Daemon/Page/Files/texts.js")
        let start = try #require(source.firstRange(of: "TEXTS = ")).upperBound
        let end = try #require(source.firstRange(of: "\n};")).lowerBound
        let table = try JSONDecoder().decode(JSON.self, from: Data((source[start..<end] + "\n}").utf8))
        #expect(table["vi"].keys == table["en"].keys)
        var wanted: [String] = AnswerField.allCases.map { "field.\($0.rawValue)" }
        let unseen: [Problem.Kind] = [
            .malformedRequest, .methodNotAllowed, .lengthRequired, .contentTooLarge, .targetTooLong,
            .unsupportedMediaType, .invalidRequest, .headersTooLarge, .wrongHost, .originNotAllowed, .auditNotKept,
            .pageNotServed,
        ]
        for kind in Problem.Kind.allCases where !unseen.contains(kind) {
            wanted += ["problem.\(kind.rawValue)", "problem.\(kind.rawValue).do"]
        }
        // Every text that the page's files name as a literal.
        for file in PageFile.allCases where file != .texts && file != .icon && file != .style {
            let text = try ProjectFile.text("Sources/Daemon/Page/Files/\(file.rawValue)")
            for part in text.split(separator: "text(\"").dropFirst() {
                wanted.append(String(part.prefix { $0 != "\"" }))
            }
            for part in text.split(separator: "data-text=\"").dropFirst() {
                wanted.append(String(part.prefix { $0 != "\"" }))
            }
        }
        for name in wanted { #expect(table["vi"][name].string?.isEmpty == false, "\(name)") }
    }
}

@Suite("The day's counts")
struct DayCountsTests {
    @Test("check-ins are counted by Vietnam's hours, and forgotten with Vietnam's day")
    func day() {
        // 2026-01-15T16:30:00Z is 23:30 in Vietnam; an hour later it is the next day there.
        let evening = Timestamp(secondsSince1970: 1_768_494_600)
        let night = Timestamp(secondsSince1970: 1_768_494_600 + 3600)
        let metrics = Metrics()
        metrics.countToday("genuine", at: evening)
        metrics.countToday("genuine", at: evening)
        metrics.countToday("problem", at: evening)
        func text(_ now: Timestamp) -> String {
            var text = MetricsText()
            metrics.write(to: &text, now: now)
            return text.text
        }
        #expect(text(evening).contains("cccd_today_check_ins{hour=\"23\",outcome=\"genuine\"} 2\n"))
        #expect(text(evening).contains("cccd_today_check_ins{hour=\"23\",outcome=\"problem\"} 1\n"))
        #expect(!text(night).contains("cccd_today_check_ins{"))
        metrics.countToday("invalid", at: night)
        #expect(text(night).contains("cccd_today_check_ins{hour=\"0\",outcome=\"invalid\"} 1\n"))
        #expect(!text(night).contains("hour=\"23\""))
    }
}
