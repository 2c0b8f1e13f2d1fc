import Foundation
import TestSupport

/// The `cccd` program as it was built together with these tests.
enum CommandLineTool {
    /// Where the program is: beside the test runner.
    static var path: String {
        get throws {
            let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: runner).deletingLastPathComponent().appending(path: "cccd").path
        }
    }

    /// Runs the program with `arguments` and waits for its end.
    static func run(_ arguments: String..., input: [UInt8]? = nil) throws -> ShellCommand.Result {
        try ShellCommand.run([path] + arguments, input: input)
    }
}

/// A verdict as `--json` prints it.
struct PrintedVerdict: Decodable {
    struct Check: Decodable {
        let id: String
        let result: String
        let reason: String
    }

    let outcome: String
    let validity: [String]
    let checks: [Check]

    /// - Throws: When `text` is anything but one JSON object of this form.
    init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

    func result(_ id: String) -> String? { checks.first { $0.id == id }?.result }
    func reason(_ id: String) -> String? { checks.first { $0.id == id }?.reason }
}
