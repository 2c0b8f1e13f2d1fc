import CardReader
import Document
import FoundationEssentials
import Glibc
import Registry
import Testing

@testable import Daemon

/// The parts of JSON Schema (draft 2020-12) that the document uses; an object may have no members but those described.
private struct Schema {
    let document: JSON

    /// What in `value` is not as the schema wants it.
    func faults(_ value: JSON, _ schema: JSON, at path: String = "") -> [String] {
        if let name = schema["$ref"].string {
            return faults(value, document["components"]["schemas"][String(name.dropFirst(21))], at: path)
        }
        var faults: [String] = []
        if let words = schema["enum"].list, !words.contains(value) { faults.append("\(path): not one of the words") }
        switch (schema["type"], value) {
        case (.string("object"), .object(let members)):
            let known = schema["properties"]
            for (name, member) in members {
                if known == .null {
                    if !schema["additionalProperties"].isNull {
                        faults += self.faults(member, schema["additionalProperties"], at: "\(path)/\(name)")
                    }
                    continue
                }
                if known[name].isNull {
                    faults.append("\(path)/\(name): is not described")
                } else {
                    faults += self.faults(member, known[name], at: "\(path)/\(name)")
                }
            }
            for name in schema["required"].list ?? [] where members[name.string ?? ""] == nil {
                faults.append("\(path): has no \(name.string ?? "")")
            }
        case (.string("array"), .list(let items)):
            for (index, item) in items.enumerated() {
                faults += self.faults(item, schema["items"], at: "\(path)/\(index)")
            }
        case (.string("string"), .string), (.string("boolean"), .bool), (.string("number"), .number),
            (.list, _), (.null, _):
            break
        case (.string("integer"), .number(let number)):
            if number != number.rounded() { faults.append("\(path): is not whole") }
        case (let type, _): faults.append("\(path): is not \(type)")
        }
        return faults
    }
}

extension JSON {
    var list: [JSON]? { if case .list(let list) = self { list } else { nil } }
}

@Suite("OpenAPI document")
struct OpenAPITests {
    private func document() throws -> JSON {
        let reply = try TestDaemon().get("/v1/openapi.json")
        #expect(reply.status == 200)
        return reply.json
    }

    private func routes() throws -> [Route] {
        let folder = TestFolder()
        var configuration = Configuration()
        configuration.state.folder = folder.path
        configuration.audit.enabled = false
        let services = DaemonServices(desk: ScriptedDesk(), judge: try ScriptedJudge(), insurance: nil)
        let log = LogRecorder().log()
        let running = try RunningState(configuration: configuration, log: log)
        defer { running.end() }
        return try API(
            services: services, configuration: configuration, version: "1", running: running, log: log
        ).router.routes
    }

    @Test("the document has every call of the router with every status and its permission, and no other")
    func calls() throws {
        let document = try document()
        #expect(document["openapi"].string == "3.1.0")
        let routes = try routes()
        var described: Set<String> = []
        for path in document["paths"].keys {
            for method in document["paths"][path].keys { described.insert("\(method.uppercased()) \(path)") }
        }
        #expect(described == Set(routes.map { "\($0.method) \($0.template)" }))
        for route in routes {
            let operation = document["paths"][route.template][route.method.lowercased()]
            let statuses = Set(operation["responses"].keys.compactMap { Int($0) })
            #expect(statuses == route.statuses, "\(route.method) \(route.template)")
            if let permission = route.permission {
                #expect(operation["description"].string == "Needs the permission `\(permission.rawValue)`.")
            }
            #expect((route.body == .json) == !operation["requestBody"].isNull)
        }
    }

    @Test("docs/clients.md has every call in every language")
    func clients() throws {
        let parts = try ProjectFile.text("docs/clients.md").split(separator: "\n## ").dropFirst()
        #expect(parts.map { String($0.prefix { $0 != "\n" }) } == ["curl", "Python", "C#", "JavaScript"])
        for part in parts {
            for route in try routes() {
                #expect(part.contains(route.template), "\(part.prefix(10)): \(route.template)")
            }
        }
    }

    @Test("every kind of problem is in the document, under its status")
    func problems() throws {
        let document = try document()
        let types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].list ?? []
        #expect(Set(types.compactMap(\.string)) == Set(Problem.Kind.allCases.map(\.type)))
        for kind in Problem.Kind.allCases where kind != .notFound && kind != .methodNotAllowed {
            let text = document["components"]["responses"]["\(kind.status)"]["description"].string
            #expect(text?.contains("`\(kind.rawValue)`") == true, "\(kind)")
        }
    }

    @Test("every reference leads somewhere, and nothing that is described is left unused")
    func references() throws {
        let text = try TestDaemon().get("/v1/openapi.json").text
        let document = try document()
        for kind in ["schemas", "responses"] {
            for name in document["components"][kind].keys {
                #expect(text.contains("\"#/components/\(kind)/\(name)\""), "\(name) is not used")
            }
        }
        for part in text.split(separator: "\"$ref\": \"#/components/").dropFirst() {
            let names = part.prefix { $0 != "\"" }.split(separator: "/").map(String.init)
            #expect(!document["components"][names[0]][names[1]].isNull, "\(names)")
        }
    }

    @Test("members of requests and words of answers are those of the code")
    func words() throws {
        let schemas = try document()["components"]["schemas"]
        func words(_ value: JSON) -> Set<String> { Set((value["enum"].list ?? []).compactMap(\.string)) }
        let fields = Set(AnswerField.allCases.filter(\.isText).map(\.rawValue))
        #expect(words(schemas["HolderField"]) == fields)
        let dataGroups = Set((1...16).map { "DG\($0)" })
        #expect(words(schemas["ReadRequest"]["properties"]["files"]["items"]) == dataGroups)
        #expect(schemas["CardImage"]["properties"].keys == Set(ElementaryFile.allCases.map(\.name)))
        #expect(schemas["Holder"]["properties"].keys == fields.union(["isProven"]))
        // A member that the call does not know is refused by name: so each of these is known.
        let daemon = try TestDaemon()
        for (call, schema) in [
            ("/v1/check-in", "CheckInRequest"), ("/v1/insurance", "InsuranceRequest"),
            ("/v1/read", "ReadRequest"), ("/v1/verify", "VerifyRequest"),
            ("/v1/page-tickets", "PageTicketRequest"), ("/v1/page-sessions", "PageSessionRequest"),
        ] {
            for member in schemas[schema]["properties"].keys {
                let reply = try daemon.post(call, "{\"\(member)\": null}")
                #expect(reply.status == 422)
                #expect(reply.json["detail"].string?.contains("does not know") != true, "\(member)")
            }
            let unknown = try daemon.post(call, "{\"strange\": null}")
            #expect(unknown.json["detail"].string?.contains("does not know") == true)
        }
    }

    @Test("what the daemon answers is as the document describes it")
    func answers() throws {
        let document = try document()
        let schema = Schema(document: document)
        let judge = try ScriptedJudge(more: #", "fatherName": "Trịnh Văn Cha", "oldNumber": "012345678""#)
        let daemon = try TestDaemon(judge: judge)
        let number = InventedPerson.personalNumber
        func check(_ reply: Reply, _ name: String) {
            let faults = schema.faults(reply.json, ["$ref": .string("#/components/schemas/\(name)")])
            #expect(faults == [], "\(name): \(faults)")
        }
        let order =
            "{\"personalNumber\": \"\(number)\", \"receipt\": {\"attributes\": [\"fullName\"]}, \"texts\": [\"vi\", \"en\"]}"
        check(try daemon.checkIn(order), "CheckInAnswer")
        check(try daemon.post("/v1/insurance", "{\"personalNumber\": \"\(number)\"}"), "InsuranceDecision")
        check(try daemon.get("/v1/readers"), "Readers")
        check(try daemon.get("/v1/health"), "Health")
        check(try daemon.get("/v1/audit?limit=2"), "AuditPage")
        check(try daemon.get("/v1/receipts/key"), "ReceiptKey")
        check(try daemon.get("/v1/caller"), "Caller")
        for reply in [
            try daemon.checkIn("{\"can\": \"1\"}"), try daemon.get("/nothing"), try daemon.post("/v1/health", "{}"),
            try daemon.checkIn("{\"can\": \"012345\", \"reader\": \"none\"}"),
        ] { check(reply, "Problem") }
        let clinic = try TestDaemon(judge: judge) {
            $0.access.grants = [Configuration.Grant(role: .terminal, users: [.number(geteuid())])]
        }
        check(try clinic.checkIn(order), "CheckInAnswer")
        let unproven = try TestDaemon(judge: ScriptedJudge(outcome: "invalid", isProven: false), insurance: nil)
        check(try unproven.checkIn(order), "CheckInAnswer")
        check(try unproven.get("/v1/health"), "Health")
        try Connection(path: unproven.audit, access: .readWrite).execute("DROP TABLE heads")
        check(try unproven.get("/v1/health"), "Health")
    }
}

extension OpenAPITests {
    @Test("what is answered about a card that is read, or an image that is sent, is as the document describes it")
    func cardAnswers() throws {
        let schema = Schema(document: try document())
        func check(_ reply: Reply, _ name: String) {
            let faults = schema.faults(reply.json, ["$ref": .string("#/components/schemas/\(name)")])
            #expect(faults == [], "\(name): \(faults)")
        }
        let desk = ScriptedDesk(read: { _, _, _ in
            var reading = CardReading.scripted
            for file in ElementaryFile.allCases { reading.image[file] = [0x77, 0] }
            return reading
        })
        let judge = try ScriptedJudge(more: #", "fatherName": "Trịnh Văn Cha", "oldNumber": "012345678""#)
        let image = #"{"EF_SOD": "dwA=", "EF_CardAccess": "MQA="}"#
        for role in [Role.admin, .kiosk] {
            let daemon = try TestDaemon(desk: desk, judge: judge) {
                $0.access.grants = [Configuration.Grant(role: role, users: [.number(geteuid())])]
                if role == .kiosk { $0.access.roles = [role: Rights(role).without(.fatherName)] }
            }
            let isAdmin = role == .admin
            let reply = try daemon.read(#"{"can": "012345", "texts": ["vi", "en"], "cardImage": \#(isAdmin)}"#)
            check(reply, "ReadAnswer")
            #expect(reply.json["cardImage"].isNull == !isAdmin)
            #expect(reply.json["withheld"].isNull == isAdmin)
            let verified = try daemon.post("/v1/verify", #"{"cardImage": \#(image), "texts": ["vi"]}"#)
            check(verified, "VerifyAnswer")
            check(try daemon.read("{}"), "Problem")
            check(try daemon.post("/v1/verify", "{}"), "Problem")
        }
    }
}

extension Rights {
    fileprivate func without(_ field: AnswerField) -> Rights {
        var rights = self
        rights.fields.remove(field)
        return rights
    }
}

extension JSON: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
