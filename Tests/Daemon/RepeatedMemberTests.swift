import Testing

@testable import Daemon

@Suite("Members that stand twice")
struct RepeatedMemberTests {
    private func path(_ json: String) -> [PathStep]? { RepeatedMember.path(in: Array(json.utf8).span) }

    @Test(
        "the first one is found, however it is written and wherever it stands",
        arguments: [
            (#"{"a": 1, "a": 2}"#, [.key("a")]), (#"{"a":{"b":{},"b":[]}}"#, [.key("a"), .key("b")]),
            (#"[{"a": 1}, {"a": [0, {"b": "}", "b": 1}]}]"#, [.index(1), .key("a"), .index(1), .key("b")]),
            (#"{"a\"b": 1, "a\u0022b": 2}"#, [.key("a\"b")]), (#"{"": 1, "": 2}"#, [.key("")]),
            (#"{"Ví": 1, "V\u00ed": 2}"#, [.key("Ví")]),
        ] as [(String, [PathStep])])
    func found(json: String, expected: [PathStep]) { #expect(path(json) == expected) }

    @Test(
        "equal names in different objects, and equal texts that are no names, are none",
        arguments: [
            "{}", "[]", "5", #""a""#, #"{"a": {"a": {"a": "a"}}}"#, #"[{"a": 1}, {"a": 1}]"#, #"{"a": "a", "b": "a"}"#,
            #"{"a": ["a", "a", "b", "b"], "b": "\"a\": 1, \"a\": 1"}"#, #"{"a": 1, "A": 1, "a ": 1, "a\\": 1}"#,
        ])
    func notFound(json: String) { #expect(path(json) == nil) }

    @Test("what is no JSON is walked to its end all the same")
    func malformed() {
        for text in ["", "\"", "\"\\", "{\"", "}}]]", "{,,,", "[,\"a\",", "{\"a\"\"a\"", "\u{0}{", #"{"\ud800": 1}"#] {
            _ = path(text)
        }
        #expect(path(String(repeating: "[", count: 100_000)) == nil)
    }
}
