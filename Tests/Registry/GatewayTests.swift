import Foundation
import TestSupport
import Testing

@testable import Registry

@Suite("The national gateway", .enabled(if: GatewayServer.isPossible, "python3 or openssl is not installed"))
struct GatewayTests {
    private func error(_ gateway: NationalGateway, _ question: EligibilityQuestion) -> RegistryError? {
        let result = Result { () throws(RegistryError) in try gateway.decide(question) }
        if case .failure(let error) = result { return error }
        return nil
    }

    @Test(
        "decides by each of its codes that is about a person",
        arguments: [
            ("000", "valid", true), ("001", "validArmy", true), ("002", "validPolice", true), ("003", "renewed", true),
            ("004", "validNewCardIssued", true), ("010", "expired", false), ("050", "notFound", false),
            ("051", "wrongCardNumber", false), ("052", "wrongProvince", false), ("053", "wrongLevel", false),
            ("060", "wrongName", false), ("061", "wrongNameSameInitials", false), ("070", "wrongBirthDate", false),
            ("110", "withdrawn", false), ("120", "reportedOff", false), ("121", "movedProvince", false),
            ("122", "movedWithinProvince", false), ("123", "reRegistered", false), ("124", "stopped", false),
            ("130", "childWithoutCard", true),
        ])
    func codes(_ code: String, _ word: String, _ eligible: Bool) throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let decision = try server.gateway().decide(GatewayServer.question(code))
        #expect((decision.code, decision.gatewayCode, decision.eligible) == (word, code, eligible))
        #expect(decision.source == "gateway")
        #expect(decision.dataAge == 0)
        if code.hasPrefix("05") || code.hasPrefix("06") || code == "070" { #expect(decision.person == nil) }
    }

    @Test("tells level, share and facility by the same rules as a registry")
    func described() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let gateway = try server.gateway()
        let here = try gateway.decide(GatewayServer.question("000"))
        #expect((here.benefitLevel, here.benefitPercent, here.payablePercent) == (4, 80, 80))
        #expect(here.person?.fullName == "Nguyễn Văn Minh")
        #expect(here.person?.birthDate == "1990-03-15")
        #expect(here.reasons.map(\.code) == ["valid", "primaryHere", "fiveYears"])
        // The old card has expired: what counts is the new one, at its own facility.
        let renewed = try gateway.decide(GatewayServer.question("003", facility: "01002"))
        #expect(
            (renewed.cardNumber, renewed.benefitPercent, renewed.isPrimaryFacility) == ("HT3010190012345", 95, true))
        #expect(renewed.primaryFacility?.name == "Bệnh viện Mới")
        // Of a name or a birth date that is wrong nothing is told about the right one.
        var question = GatewayServer.question("000")
        question.fullName = "Ai Khác"
        #expect(try gateway.decide(question).person == nil)
    }

    @Test(
        "is no answer with codes for its own faults and for the account's",
        arguments: ["100", "101", "500", "054", "055", "205", "999"])
    func faults(_ code: String) throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let error = error(try server.gateway(), GatewayServer.question(code))
        let isExpected =
            switch error {
            case .gatewayRefused(code, _): ["054", "055", "205"].contains(code)
            case .gatewayUnavailable: !["054", "055", "205"].contains(code)
            default: false
            }
        #expect(isExpected, "\(String(describing: error))")
    }

    @Test("logs in once, and again when the token has ended by the clock or before its time")
    func tokens() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let gateway = try server.gateway()
        for code in ["000", "001", "002"] { _ = try gateway.decide(GatewayServer.question(code)) }
        #expect(try server.seen == (1, 3))
        try server.control(("expire", "1"), ("times", "0"))
        #expect(try gateway.decide(GatewayServer.question("003")).eligible)
        #expect(try server.seen == (2, 5))
        let soon = Timestamp(secondsSince1970: Timestamp.now.secondsSince1970 + 10).description
        for lifetime in ["10", soon.replacing("Z", with: ".6551415Z")] {
            try server.control(("expire", "1"), ("lifetime", lifetime), ("times", "0"))
            let before = try server.seen.logins
            let gateway = try server.gateway()
            for code in ["000", "001"] { _ = try gateway.decide(GatewayServer.question(code)) }
            #expect(try server.seen.logins == before + 2, "\(lifetime)")
        }
    }

    @Test("is told to be refusing with a wrong password, and with a wrong officer, and not asked again for it")
    func wrongAccount() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let wrong = try server.gateway(server.settings(digest: String(repeating: "0", count: 32)))
        guard case .gatewayRefused("401", _)? = error(wrong, GatewayServer.question("000")) else {
            Issue.record("a wrong password was accepted")
            return
        }
        #expect(try server.seen.logins <= 2)
        let officer = try server.gateway(server.settings(officer: "Ai"))
        guard case .gatewayRefused("054", _)? = error(officer, GatewayServer.question("000")) else {
            Issue.record("a wrong officer was accepted")
            return
        }
        #expect(try server.seen.looks == 1)
    }

    @Test("is asked again after a fault of the server that passes", arguments: ["fail", "text"])
    func retries(_ fault: String) throws {
        let server = try GatewayServer()
        defer { server.stop() }
        try server.control((fault, fault == "fail" ? "500" : "<html>busy</html>"), ("times", "2"))
        #expect(try server.gateway().decide(GatewayServer.question("000")).eligible)
        #expect(try server.seen.looks == 3)
    }

    @Test(
        "is no answer with a fault that stays",
        arguments: [
            [("fail", "500")], [("fail", "503")], [("fail", "302")], [("text", "{")], [("text", "[]")],
            [("text", "{}")],
            [("text", #"{"maKetQua": "0000"}"#)], [("text", #"{"maKetQua": {"a": 1}}"#)], [("slow", "30")],
            [("text", String(repeating: " ", count: HTTPClient.bodyLimit + 1))],
        ])
    func persistent(_ faults: [(String, String)]) throws {
        let server = try GatewayServer()
        defer { server.stop() }
        for fault in faults { try server.control(fault, ("times", "9")) }
        var settings = try server.settings()
        settings.timeLimit = .seconds(2)
        guard case .gatewayUnavailable? = error(try server.gateway(settings), GatewayServer.question("000")) else {
            Issue.record("an answer came from nowhere")
            return
        }
    }

    @Test("is not asked for a while after it failed often, and then once more")
    func breaker() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let gateway = try NationalGateway(
            server.settings(),
            breaker: CircuitBreaker(threshold: 1, firstPause: .milliseconds(400), longestPause: .milliseconds(400)))
        try server.control(("fail", "500"), ("times", "3"))
        #expect(error(gateway, GatewayServer.question("000")) != nil)
        let looks = try server.seen.looks
        #expect(error(gateway, GatewayServer.question("001")) != nil)
        #expect(try server.seen.looks == looks)
        usleep(450_000)
        #expect(try gateway.decide(GatewayServer.question("001")).eligible)
    }

    @Test("is asked once for the same person, and when it is gone what it said still counts and says so")
    func memory() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        var settings = try server.settings()
        let remembering = try server.gateway(settings)
        for _ in 0..<3 { #expect(try remembering.decide(GatewayServer.question("000")).eligible) }
        #expect(try server.seen.looks == 1)
        settings.memory = .zero
        settings.timeLimit = .seconds(2)
        let asking = try server.gateway(settings)
        for _ in 0..<2 { #expect(try asking.decide(GatewayServer.question("000")).eligible) }
        #expect(try server.seen.looks == 3)
        server.stop()
        let decision = try asking.decide(GatewayServer.question("000"))
        #expect((decision.code, decision.source) == ("valid", "gateway"))
        #expect(decision.reasons.last?.code == "fromMemory")
        #expect(error(asking, GatewayServer.question("001")) != nil)
    }

    @Test("is not asked what it cannot know")
    func notAsked() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        let gateway = try server.gateway()
        var yesterday = GatewayServer.question("000")
        yesterday.day = try #require(Day(iso: "2026-01-01"))
        var nameless = GatewayServer.question("000")
        nameless.provenHolder = nil
        var child = GatewayServer.question("000")
        child.subject = .child(parentPersonalNumber: "001090012345")
        for question in [yesterday, nameless, child] {
            guard case .gatewayNotAsked? = error(gateway, question) else {
                Issue.record("it was asked")
                return
            }
        }
        #expect(try server.seen == (0, 0))
    }

    @Test("is trusted by its certificate alone")
    func certificate() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        var settings = try server.settings()
        settings.certificateAuthorities = nil
        settings.timeLimit = .seconds(2)
        #expect(error(try server.gateway(settings), GatewayServer.question("000")) != nil)
        settings = try server.settings()
        settings.url = server.url.replacing("localhost", with: "127.0.0.1")
        settings.timeLimit = .seconds(2)
        #expect(error(try server.gateway(settings), GatewayServer.question("000")) != nil)
        #expect(try server.seen == (0, 0))
    }

    @Test("and a registry behind it: each answers what the other cannot, and tells that it did")
    func gatewayFirst() throws {
        let server = try GatewayServer()
        defer { server.stop() }
        var settings = try server.settings()
        settings.timeLimit = .seconds(2)
        let (registry, place) = try Fixture.registry()
        defer { _ = place }
        let both = GatewayFirst(try server.gateway(settings), otherwise: registry)
        #expect(try both.decide(GatewayServer.question("000")).source == "gateway")
        let card = EligibilityQuestion(.cardNumber("DN4010178000008"), fullName: "Vũ Đình Sơn", birthDate: "1978")
        #expect(try both.decide(card).code == "insuranceCardReportedLost")
        var lost = EligibilityQuestion(.personalNumber("001089000021"), shownCard: .init(issuedOn: nil))
        lost.provenHolder = GatewayServer.holder
        #expect(try both.decide(lost).code == "cardReportedLost")
        lost.shownCard = nil
        #expect(throws: RegistryError.invalidQuestion(field: "personalNumber", reason: "is not 12 digits")) {
            try both.decide(.init(personalNumber: "1"))
        }
        #expect(try both.decide(.init(personalNumber: "001090012345")).source == "registry")
        server.stop()
        var question = EligibilityQuestion(personalNumber: "001090012345")
        question.provenHolder = GatewayServer.holder
        let decision = try both.decide(question)
        #expect((decision.source, decision.code) == ("registry", "valid"))
        #expect(decision.reasons.last?.code == "gatewayNotReached")
    }

    @Test("settings that cannot be right are refused, and none shows the password")
    func settings() throws {
        for (url, digest, officer) in [
            ("http://egw.vn", GatewayServer.passwordDigest, "001190000099"),
            ("https://", GatewayServer.passwordDigest, "001190000099"),
            ("https://egw.vn/?a", GatewayServer.passwordDigest, "001190000099"),
            ("https://egw.vn", "secret", "001190000099"),
            ("https://egw.vn", GatewayServer.passwordDigest, "1"),
        ] {
            #expect(throws: RegistryError.self) {
                try GatewaySettings(
                    url: url, username: "u", passwordDigest: digest, officerName: "n", officerPersonalNumber: officer)
            }
        }
        let place = try Place()
        let file = try place.file("password", Array("\(GatewayServer.passwordDigest)  -\n".utf8))
        let settings = try GatewaySettings(
            url: "https://egw.vn/", username: "u", passwordFile: file, officerName: "n",
            officerPersonalNumber: "001190000099")
        #expect(settings.passwordDigest == GatewayServer.passwordDigest)
        #expect("\(settings) \(String(reflecting: settings))" == "https://egw.vn https://egw.vn")
        #expect(HTTPClient.encoded([("a b", "Đ&=+/")]) == "a%20b=%C4%90%26%3D%2B%2F")
    }
}
