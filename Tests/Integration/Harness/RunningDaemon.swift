import Foundation
import TestSupport
import Testing

/// `cccd serve` as a process of its own, with the tests' State as the only trust and the fixtures' people insured.
final class RunningDaemon {
    /// An answer over HTTP.
    struct Answer {
        let status: Int
        let body: String

        /// The body as JSON of the form wanted.
        func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body.utf8))
        }
    }

    /// What the configuration says of the registry.
    enum Registry {
        /// The fixtures' people are in it; it is not there; it is not named.
        case loaded, missing, none
    }

    let socket: String
    private let folder: TemporaryFolder
    private let process = Process()

    /// Starts the daemon and waits until it answers.
    init(registry kind: Registry = .loaded) throws {
        _ = try VirtualReader.shared
        folder = try TemporaryFolder()
        socket = folder.path("cccd.sock")
        let anchor = try folder.write(TestState.shared.anchor, to: "csca.cer")
        let registry = folder.path("registry.sqlite")
        if kind == .loaded {
            let load = try CommandLineTool.run(
                "registry", "import", "--registry", registry, RegistryCommandTests.insured)
            try #require(load.status == 0, "\(load.errors)")
        }
        let configuration = """
            {
                // JSON5: comments, names without quotes, a comma at the end.
                socket: { path: "\(socket)", mode: "0600" },
                state: { folder: "\(folder.path("state"))" },
                trust: { paths: ["\(anchor)"] },
                registry: { \(kind == .none ? "" : "url: \"sqlite:\(registry)\"") },
                readers: { names: ["Virtual PCD*"] },
                facility: { code: "01001" },
            }
            """
        let file = try folder.write(Array(configuration.utf8), to: "config.json5")
        process.executableURL = URL(filePath: try CommandLineTool.path)
        process.arguments = ["serve", "--config", file]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let log = folder.url.appending(path: "log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.runOpenToSignals()
        let deadline = ContinuousClock.now + .seconds(30)
        while try ask("/v1/health").status != 200 {
            let text = try self.log
            try #require(process.isRunning && ContinuousClock.now < deadline, "the daemon did not come up: \(text)")
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    deinit { if process.isRunning { process.terminate() } }

    /// The path of a file that the daemon keeps.
    func stateFile(_ name: String) -> String { folder.path("state/\(name)") }

    /// What the daemon has logged.
    var log: String {
        get throws { try String(contentsOf: folder.url.appending(path: "log"), encoding: .utf8) }
    }

    /// Asks over the socket, as a program at the desk would; status 0 when nobody answers.
    func ask(_ path: String, body: String? = nil) throws -> Answer {
        let data = body.map { ["-H", "Content-Type: application/json", "--data-binary", $0] } ?? []
        let result = try ShellCommand.run(
            ["curl", "--silent", "--unix-socket", socket, "--write-out", "\n%{http_code}"] + data + [
                "http://cccd\(path)"
            ])
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        return Answer(status: lines.last.flatMap { Int($0) } ?? 0, body: lines.dropLast().joined(separator: "\n"))
    }

    /// Asks it to end, and waits for that.
    ///
    /// - Returns: Its exit status; negative for a signal.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }
}
