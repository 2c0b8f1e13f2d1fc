import Foundation
import Testing

@testable import Registry

@Suite("JSON written straight into bytes")
struct JSONTextTests {
    private static func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private struct Odd: Encodable {
        var a: String
        var b: Int
        var c: [String]
        var d: Bool
        var e: Day?
        var f: Timestamp?
    }

    @Test(
        "texts, numbers and lists are what the JSON encoder writes",
        arguments: [
            "", "plain", "a/b", "\"\\\u{8}\u{c}\n\r\t", "\u{0}\u{1}\u{1f}\u{7f}\u{80}", "Trần Thị Bích Ngọc",
            "e\u{301}🏥",
            "\u{2028},{[",
        ])
    func agreesWithEncoder(_ text: String) throws {
        let value = Odd(
            a: text, b: -text.utf8.count * 1_000_000_007, c: [text, "", text], d: text.isEmpty,
            e: Day(year: 2026, month: 2, day: 9), f: Timestamp(secondsSince1970: 1_770_000_009 + text.utf8.count))
        var json = JSONText()
        json.object { json in
            json.member("a", value.a)
            json.member("b", value.b)
            json.member("c", value.c)
            json.member("d", value.d)
            json.member("e", value.e)
            json.member("f", value.f)
            json.member("g", nil as String?)
        }
        #expect(try String(decoding: json.bytes, as: UTF8.self) == Self.encoded(value))
    }

    @Test("every decision is written as the JSON encoder writes it, also the second time with the same room")
    func decisions() throws {
        let rules = try BenefitRules.standard()
        let day = try #require(Day(year: 2026, month: 11, day: 24))
        let decider = Decider(rules: rules, source: "registry")
        var json = JSONText()
        var codes: Set<String> = []
        for (status, group) in [(nil, "DN"), (nil, "QN"), (nil, "CA"), ("110", "GD"), ("121", nil), ("124", "TE")] {
            for facility in [nil, "01001", "79002"] as [String?] {
                for validTo in [nil, Day(year: 2026, month: 1, day: 1), Day(year: 2027, month: 1, day: 1)] {
                    var findings = Findings()
                    findings.dataAsOf = Timestamp(secondsSince1970: 1_790_000_000)
                    findings.promisedAge = 60
                    findings.records = [
                        InsuranceRecord(
                            personalNumber: "001090012345", cardNumber: CardNumber("DN4010123456789"),
                            fullName: "Nguyễn \"An\" Bình", birthDate: "1990-02", sex: "female", group: group, level: 2,
                            validFrom: try #require(Day(year: 2025, month: 1, day: 1)), validTo: validTo,
                            facilityCode: "01001", facilityName: facility.map { "Bệnh viện \($0)" }, areaCode: "K1",
                            fiveYearsFrom: Day(year: 2024, month: 5, day: 6), status: status)
                    ]
                    let question = EligibilityQuestion(
                        personalNumber: "001090012345", on: day, facility: facility)
                    let decision = decider.decide(
                        try CheckedQuestion(question), findings, now: Timestamp(secondsSince1970: 1_795_000_000))
                    codes.insert(decision.code)
                    for _ in 0..<2 {
                        json.removeAll()
                        decision.write(to: &json)
                        #expect(try String(decoding: json.bytes, as: UTF8.self) == Self.encoded(decision))
                    }
                }
            }
        }
        #expect(codes.count >= 5)
    }
}
