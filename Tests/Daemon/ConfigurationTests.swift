import FoundationEssentials
import Testing

@testable import Daemon

@Suite("Configuration")
struct ConfigurationTests {
    private func parse(_ text: String) throws(DaemonError) -> Configuration {
        try Configuration(json5: Data(text.utf8))
    }

    @Test("an empty object gives the defaults")
    func defaults() throws {
        #expect(try parse("{}") == Configuration())
    }

    @Test("every key is taken over, with comments, trailing commas and unquoted keys")
    func everything() throws {
        let configuration = try parse(
            """
            // The desk at the gate
            {
              socket: { path: '/tmp/cccd.sock', mode: "0666" },
              loopback: { port: 8711, origins: ["http://localhost:3000"], tokens: [
                { name: "desk", role: "kiosk", sha256: "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF" }] },
              state: { folder: "/srv/cccd" }, terminal: { name: "Desk 1" },
              audit: { enabled: false, retentionDays: 3650, headInterval: 60 },
              trust: { paths: ["/srv/csca", "/srv/csca-2.cer",] },
              registry: { url: "sqlite:///srv/registry.sqlite" },
              readers: { names: ["ACS *"] },
              checkIn: { timeLimit: 45, queue: 0 },
              facility: { code: "01K23", level: "basic" },
              http: { bodyLimit: 0x10000, connections: 50, requestTimeLimit: 10 },
              stop: { timeLimit: 5 },
              log: { level: "debug", prefix: true },
            }
            """)
        var expected = Configuration()
        expected.socket = Configuration.Socket(path: "/tmp/cccd.sock", mode: 0o666)
        expected.loopback.port = 8711
        expected.loopback.origins = ["http://localhost:3000"]
        let half = (0..<16).map { UInt8($0 * 17) }
        expected.loopback.tokens = [Configuration.Token(name: "desk", role: .kiosk, sha256: half + half)]
        expected.state.folder = "/srv/cccd"
        expected.terminal.name = "Desk 1"
        expected.audit = Configuration.Audit(enabled: false, retentionDays: 3650, headInterval: 60)
        expected.trust.paths = ["/srv/csca", "/srv/csca-2.cer"]
        expected.registry.url = "sqlite:///srv/registry.sqlite"
        expected.readers.names = ["ACS *"]
        expected.checkIn = Configuration.CheckIn(timeLimit: 45, queue: 0)
        expected.facility = Configuration.Facility(code: "01K23", level: "basic")
        expected.http = Configuration.HTTP(bodyLimit: 65536, connections: 50, requestTimeLimit: 10)
        expected.stop.timeLimit = 5
        expected.log = Configuration.Logging(level: .debug, prefix: true)
        #expect(configuration == expected)
    }

    @Test(
        "an unknown key is refused by its path",
        arguments: [
            ("{sockets: {}}", "sockets"), ("{socket: {pth: '/x'}}", "socket.pth"),
            ("{http: {connections: 5, limit: 3}}", "http.limit"),
            ("{log: {level: 'info', Level: 'info'}}", "log.Level"),
        ])
    func unknownKey(text: String, key: String) {
        #expect(throws: DaemonError.unknownKey(key)) { try parse(text) }
    }

    @Test(
        "a value of the wrong type is refused by its path",
        arguments: [
            ("{socket: '/x'}", "socket", "an object"), ("{socket: {path: 5}}", "socket.path", "a string"),
            ("{socket: {mode: 432}}", "socket.mode", "a string"), ("{trust: {paths: '/x'}}", "trust.paths", "a list"),
            ("{trust: {paths: ['/x', 7]}}", "trust.paths[1]", "a string"),
            ("{checkIn: {timeLimit: '30'}}", "checkIn.timeLimit", "a number"),
            ("{log: {prefix: 1}}", "log.prefix", "true or false"), ("{log: null}", "log", "an object"),
        ])
    func wrongType(text: String, key: String, expected: String) {
        #expect(throws: DaemonError.wrongType(key: key, expected: expected)) { try parse(text) }
    }

    @Test(
        "a value out of range is refused by its path",
        arguments: [
            ("{checkIn: {timeLimit: 0}}", "checkIn.timeLimit"), ("{checkIn: {timeLimit: 1.5}}", "checkIn.timeLimit"),
            ("{checkIn: {timeLimit: Infinity}}", "checkIn.timeLimit"),
            ("{checkIn: {timeLimit: NaN}}", "checkIn.timeLimit"),
            ("{checkIn: {queue: -1}}", "checkIn.queue"), ("{http: {connections: 1e300}}", "http.connections"),
            ("{socket: {path: 'relative'}}", "socket.path"), ("{socket: {mode: '0888'}}", "socket.mode"),
            ("{socket: {mode: '7777'}}", "socket.mode"), ("{socket: {mode: ''}}", "socket.mode"),
            ("{trust: {paths: ['trust']}}", "trust.paths"), ("{registry: {url: '/x.sqlite'}}", "registry.url"),
            ("{registry: {url: 'mysql://db/registry'}}", "registry.url"),
            ("{registry: {url: 'postgresql://db/%zz'}}", "registry.url"),
            ("{registry: {copy: 'x.sqlite'}}", "registry.copy"),
            ("{registry: {refreshInterval: 0}}", "registry.refreshInterval"),
            ("{registry: {gateway: {url: 'https://egw'}}}", "registry.gateway.username"),
            ("{registry: {gateway: {url: 'http://egw'}}}", "registry.gateway.url"),
            ("{registry: {url: 'sqlite:x'}}", "registry.url"),
            ("{facility: {code: '1'}}", "facility.code"), ("{log: {level: 'loud'}}", "log.level"),
            ("{readers: {names: ['']}}", "readers.names"),
        ])
    func outOfRange(text: String, key: String) {
        #expect {
            try parse(text)
        } throws: { error in
            if case DaemonError.invalidValue(key, _) = error { true } else { false }
        }
    }

    @Test(
        "what is no JSON5 object is refused",
        arguments: ["", "{", "[]", "5", "{socket: }", "\"x\"", "{\"a\": \u{FFFE}"])
    func malformed(text: String) {
        #expect {
            try parse(text)
        } throws: { error in
            if case DaemonError.configurationMalformed = error { true } else { false }
        }
    }

    @Test("bytes that are not UTF-8, and brackets without end, are refused")
    func hostile() {
        for bytes in [
            Data([0x7B, 0xFF, 0x7D]), Data(repeating: 0x5B, count: 1 << 20), Data(repeating: 0, count: 1000),
        ] {
            #expect(throws: DaemonError.self) { try Configuration(json5: bytes) }
        }
    }

    @Test("a file that is not there is told by its path")
    func missingFile() {
        #expect(
            throws: DaemonError.configurationUnreadable(path: "/nowhere/config.json5", reason: "there is no such file")
        ) { try Configuration(path: "/nowhere/config.json5") }
    }

    @Test("every key of the configuration is described in docs/configuration.md")
    func documented() throws {
        let text = try ProjectFile.text("docs/configuration.md")
        for key in [
            "socket.path", "socket.mode", "access.grants", "access.others", "access.roles",
            "loopback.port", "loopback.origins", "loopback.tokens", "state.folder", "terminal.name", "audit.enabled",
            "audit.retentionDays", "audit.headInterval",
            "trust.paths",
            "registry.url", "registry.copy", "registry.refreshInterval",
            "registry.gateway.url", "registry.gateway.username", "registry.gateway.passwordFile",
            "registry.gateway.officerName", "registry.gateway.officerPersonalNumber",
            "registry.gateway.certificateAuthorities", "registry.gateway.timeLimit", "readers.names",
            "checkIn.timeLimit",
            "checkIn.queue", "facility.code", "facility.level", "http.bodyLimit", "http.connections",
            "http.requestTimeLimit", "stop.timeLimit", "log.level", "log.prefix",
        ] { #expect(text.contains("`\(key)`"), "\(key)") }
    }

    @Test("the example in docs/configuration.md is the defaults")
    func example() throws {
        let text = try ProjectFile.text("docs/configuration.md")
        let start = try #require(text.firstRange(of: "```json5\n"))
        let end = try #require(text[start.upperBound...].firstRange(of: "```"))
        #expect(try parse(String(text[start.upperBound..<end.lowerBound])) == Configuration())
    }
}

/// A file of the project, found from this one.
enum ProjectFile {
    static func text(_ path: String, from file: String = #filePath) throws -> String {
        let root = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
