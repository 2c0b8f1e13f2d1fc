import FoundationEssentials
import Glibc
import Testing

@testable import Daemon

@Suite("Roles and permissions")
struct AccessTests {
    /// A daemon where the tests' own user has a role, with a change to what it may do.
    private func daemon(_ role: Role, _ change: (inout Rights) -> Void = { _ in }) throws -> TestDaemon {
        var rights = Rights(role)
        change(&rights)
        return try TestDaemon {
            $0.access.grants = [Configuration.Grant(role: role, users: [.number(geteuid())])]
            $0.access.roles = [role: rights]
        }
    }

    private func policy(_ access: Configuration.Access) throws -> AccessPolicy { try AccessPolicy(access) }

    @Test("the first grant that names the user or one of his groups gives the role")
    func grants() throws {
        var access = Configuration.Access()
        access.grants = [
            Configuration.Grant(role: .auditor, users: [.number(4001)]),
            Configuration.Grant(role: .batch, groups: [.number(5001)]),
            Configuration.Grant(role: .kiosk, users: [.number(4002)], groups: [.number(5002)]),
        ]
        let policy = try policy(access)
        func role(_ uid: UInt32, _ gid: UInt32 = 1, _ groups: [UInt32] = []) -> Role? {
            policy.role(of: PeerCredentials(pid: 7, uid: uid, gid: gid, groups: groups))
        }
        #expect(role(4001, 5001) == .auditor)
        #expect(role(4002, 5001) == .batch)
        #expect(role(4002) == .kiosk)
        #expect(role(4003, 5002) == .kiosk)
        #expect(role(4003, 9, [8, 5001]) == .batch)
        #expect(role(4003) == .terminal)
        #expect(role(0) == .admin)
        #expect(role(geteuid()) == .admin)
    }

    @Test("a grant may lower what root may do, and strangers may have no role at all")
    func strangers() throws {
        var access = Configuration.Access()
        access.grants = [Configuration.Grant(role: .auditor, users: [.name("root")])]
        access.others = nil
        let policy = try policy(access)
        #expect(policy.role(of: PeerCredentials(pid: 1, uid: 0, gid: 0)) == .auditor)
        #expect(policy.role(of: PeerCredentials(pid: 1, uid: 4001, gid: 4001)) == nil)
    }

    @Test("a user or a group that this machine does not know is refused by its key")
    func unknownNames() {
        for (grant, key) in [
            (Configuration.Grant(role: .batch, users: [.name("nobody-of-this-name")]), "users"),
            (Configuration.Grant(role: .batch, groups: [.name("no-group-of-this-name")]), "groups"),
        ] {
            var access = Configuration.Access()
            access.grants = [grant]
            #expect {
                try AccessPolicy(access)
            } throws: { error in
                if case DaemonError.invalidValue("access.grants[0].\(key)", _) = error { true } else { false }
            }
        }
    }

    @Test("a call that the role may not make is refused before its body is read, by the name of the permission")
    func permissions() throws {
        let daemon = try daemon(.auditor)
        #expect(try daemon.get("/v1/health").status == 200)
        for (line, permission) in [
            ("GET /v1/readers", "readers"), ("POST /v1/check-in", "check-in"), ("POST /v1/insurance", "insurance"),
        ] {
            let answer = try #require(
                try TestClient.request(daemon.path, line, body: line.hasPrefix("POST") ? "no JSON" : nil))
            let reply = try Reply(answer)
            #expect(reply.status == 403)
            #expect(reply.problem == "permission-missing")
            #expect(reply.json["permission"].string == permission)
        }
        #expect(daemon.desk.requests.isEmpty)
    }

    @Test("somebody without a role gets nothing, not even told what there is")
    func noRole() throws {
        let daemon = try TestDaemon {
            $0.access.grants = [Configuration.Grant(role: .auditor, users: [.number(geteuid())])]
            $0.access.roles = [.auditor: .none]
        }
        #expect(try daemon.get("/v1/health").problem == "permission-missing")
        #expect(try daemon.get("/v1/anything").problem == "not-found")
    }

    @Test("a clinic is not told faith, family and marks, and is told that they were withheld")
    func fields() throws {
        let judge = try ScriptedJudge(more: #", "fatherName": "Trịnh Văn Cha", "religion": "Không""#)
        let daemon = try TestDaemon(judge: judge) {
            $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(geteuid())])]
        }
        let reply = try daemon.checkIn()
        #expect(reply.status == 200)
        #expect(reply.json["holder"]["fullName"].string == InventedPerson.fullName)
        #expect(reply.json["holder"]["fatherName"].isNull)
        #expect(reply.json["withheld"] == .list([.string("religion"), .string("fatherName")]))
        #expect(!reply.text.contains("Trịnh Văn Cha"))
        #expect(reply.json["insurance"]["eligible"] == .bool(true))

        let officer = try TestDaemon(judge: judge) {
            $0.access.grants = [Configuration.Grant(role: .kiosk, users: [.number(geteuid())])]
        }
        let whole = try officer.checkIn()
        #expect(whole.json["holder"]["fatherName"].string == "Trịnh Văn Cha")
        #expect(whole.json["withheld"].isNull)
        #expect(whole.json["insurance"].isNull)
        #expect(officer.insurance?.questions.isEmpty == true)
    }

    @Test("a portrait that the role may not see is refused before the card is read")
    func portrait() throws {
        let daemon = try daemon(.terminal) { $0.fields.remove(.portrait) }
        let reply = try daemon.checkIn("{\"can\": \"012345\", \"portrait\": true}")
        #expect(reply.status == 403)
        #expect(reply.json["permission"].string == "field:portrait")
        #expect(daemon.desk.requests.isEmpty)
        #expect(try daemon.checkIn("{\"can\": \"012345\"}").status == 200)
    }

    @Test("who asks more than its share is told when to ask again, and others are not held up")
    func rateLimit() throws {
        let daemon = try daemon(.terminal) { $0.requestsPerMinute = 12 }
        var statuses: [Int] = []
        var last: Reply?
        for _ in 0..<4 {
            let reply = try daemon.get("/v1/health")
            statuses.append(reply.status)
            last = reply
        }
        #expect(statuses.prefix(2) == [200, 200])
        #expect(statuses.last == 429)
        #expect(last?.problem == "rate-limited")
        #expect(last?.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0)
    }

    @Test("a bucket holds ten seconds' worth, fills evenly, and each caller has its own")
    func bucket() {
        let limiter = RateLimiter()
        let start = ContinuousClock.now
        let one = CallerIdentity.user(1)
        for _ in 0..<10 { #expect(limiter.delay(before: one, requestsPerMinute: 60, now: start) == nil) }
        #expect(limiter.delay(before: one, requestsPerMinute: 60, now: start) == 1)
        #expect(limiter.delay(before: .user(2), requestsPerMinute: 60, now: start) == nil)
        #expect(limiter.delay(before: .token("1"), requestsPerMinute: 60, now: start) == nil)
        let later = start + .seconds(3)
        for _ in 0..<3 { #expect(limiter.delay(before: one, requestsPerMinute: 60, now: later) == nil) }
        #expect(limiter.delay(before: one, requestsPerMinute: 60, now: later) == 1)
        #expect(limiter.delay(before: one, requestsPerMinute: 1, now: later) == 60)
    }

    @Test("the configuration of roles is taken over, and what it leaves out stays")
    func configuration() throws {
        let text = """
            {access: {others: "none", grants: [{role: "terminal", users: ["root", 1000], groups: ["daemon"]}],
              roles: {terminal: {permissions: ["check-in"], requestsPerMinute: 0}, kiosk: {fields: ["fullName"]}}}}
            """
        let access = try Configuration(json5: Data(text.utf8)).access
        #expect(access.others == nil)
        #expect(
            access.grants == [
                Configuration.Grant(role: .terminal, users: [.name("root"), .number(1000)], groups: [.name("daemon")])
            ])
        #expect(access.roles[.terminal]?.permissions == [.checkIn])
        #expect(access.roles[.terminal]?.fields == Rights(.terminal).fields)
        #expect(access.roles[.terminal]?.requestsPerMinute == nil)
        #expect(access.roles[.kiosk]?.fields == [.fullName])
        #expect(access.roles[.kiosk]?.permissions == Rights(.kiosk).permissions)
    }

    @Test(
        "a role, a permission or a field that there is none of is refused by its place",
        arguments: [
            ("{others: 'king'}", "access.others"), ("{grants: [{users: ['root']}]}", "access.grants[0].role"),
            ("{grants: [{role: 'king'}]}", "access.grants[0].role"),
            ("{grants: [{role: 'batch', users: ['']}]}", "access.grants[0].users[0]"),
            ("{roles: {kiosk: {permissions: ['fly']}}}", "access.roles.kiosk.permissions"),
            ("{roles: {kiosk: {fields: ['dna']}}}", "access.roles.kiosk.fields"),
            ("{roles: {kiosk: {requestsPerMinute: -1}}}", "access.roles.kiosk.requestsPerMinute"),
        ])
    func faultyConfiguration(text: String, key: String) {
        #expect {
            try Configuration(json5: Data("{access: \(text)}".utf8))
        } throws: { error in
            if case DaemonError.invalidValue(key, _) = error { true } else { false }
        }
        #expect(throws: DaemonError.unknownKey("access.roles.king")) {
            try Configuration(json5: Data("{access: {roles: {king: {}}}}".utf8))
        }
    }

    @Test("docs/configuration.md says what each role may do by itself")
    func documented() throws {
        let text = try ProjectFile.text("docs/configuration.md")
        for role in Role.allCases {
            let rights = Rights(role)
            let permissions = Permission.allCases.filter(rights.permissions.contains).map { "`\($0.rawValue)`" }
            let fields = AnswerField.allCases.filter { !rights.fields.contains($0) }.map { "`\($0.rawValue)`" }
            let withheld =
                rights.fields.isEmpty ? "all" : fields.isEmpty ? "none" : fields.joined(separator: ", ")
            let rate = rights.requestsPerMinute.map(String.init) ?? "any"
            let row = "| `\(role.rawValue)` | \(permissions.joined(separator: ", ")) | \(withheld) | \(rate) |"
            #expect(text.contains(row), "\(row)")
        }
    }
}
