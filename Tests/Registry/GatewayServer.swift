import Foundation
import TestSupport

@testable import Registry

/// A server that plays the national gateway (`gateway-server.py`), for one test; ends with this value.
final class GatewayServer {
    private let place: Place
    private let process = Process()
    private let input = Pipe()
    private let client: HTTPClient
    let url: String
    let certificate: String

    static let isPossible = ["/usr/bin/python3", "/usr/bin/openssl"].allSatisfy {
        FileManager.default.fileExists(atPath: $0)
    }

    init() throws {
        place = try Place()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "gateway-server.py").path
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script, place.folder.path]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.runOpenToSignals()
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        guard let port = UInt16(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw CocoaError(.executableLoad)
        }
        url = "https://localhost:\(port)"
        certificate = place.folder.appending(path: "server.pem").path
        client = HTTPClient(certificateAuthorities: certificate)
    }

    deinit { stop() }

    /// Ends the server, so that nobody answers at its port.
    func stop() {
        guard process.isRunning else { return }
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Makes the server misbehave; see the script.
    func control(_ fields: (String, String)...) throws {
        _ = try client.post(url + "/control", form: fields, timeLimit: .seconds(10))
    }

    /// How often was logged in, and how often asked.
    var seen: (logins: Int, looks: Int) {
        get throws {
            let answer = try client.post(url + "/seen", form: [], timeLimit: .seconds(10))
            let counts = try JSONDecoder().decode([String: Int].self, from: Data(answer.body))
            return (counts["logins"] ?? -1, counts["looks"] ?? -1)
        }
    }

    static let passwordDigest = "0123456789abcdef0123456789abcdef"
    static let holder = EligibilityQuestion.ProvenHolder(fullName: "Nguyễn Văn Minh", birthDate: "1990-03-15")

    func settings(
        username: String = "01001_BV", digest: String = passwordDigest, officer: String = "Trần Thị Cán Bộ"
    ) throws -> GatewaySettings {
        var settings = try GatewaySettings(
            url: url, username: username, passwordDigest: digest, officerName: officer,
            officerPersonalNumber: "001190000099")
        settings.certificateAuthorities = certificate
        return settings
    }

    /// The gateway with a breaker that does not come into play.
    func gateway(_ settings: GatewaySettings? = nil) throws -> NationalGateway {
        try NationalGateway(
            settings ?? self.settings(),
            breaker: CircuitBreaker(threshold: 1000, firstPause: .seconds(1), longestPause: .seconds(1)))
    }

    /// A question that the server answers with the code.
    static func question(_ code: String, facility: String? = "01001") -> EligibilityQuestion {
        var question = EligibilityQuestion(personalNumber: "001090012\(code)", facility: facility)
        question.provenHolder = holder
        return question
    }
}
