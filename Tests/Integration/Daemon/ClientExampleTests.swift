import Foundation
import TestSupport
import Testing

extension ThroughPCSC {
    @Suite("Examples of docs/clients.md")
    struct ClientExamples {
        private static func isInstalled(_ program: String) -> Bool {
            (try? ShellCommand.run(["sh", "-c", "command -v \(program)"]).status) == 0
        }

        /// The example in a language, asking the daemon at `socket`.
        private func example(_ language: String, _ socket: String) throws -> String {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let text = try String(contentsOf: root.appending(path: "docs/clients.md"), encoding: .utf8)
            let start = try #require(text.firstRange(of: "```\(language)\n"))
            let end = try #require(text[start.upperBound...].firstRange(of: "\n```"))
            return String(text[start.upperBound..<end.lowerBound]).replacing("/run/cccd/cccd.sock", with: socket)
        }

        @Test("those for the shell run")
        func shell() throws {
            let daemon = try RunningDaemon()
            let result = try ShellCommand.run(["bash", "-euc", example("sh", daemon.socket)])
            #expect(result.status == 0, "\(result.errors)")
            for text in [
                "\"uptimeSeconds\"", "urn:cccd:problem:no-card", "\"eligible\":", "cccd_build_info", "event: readers",
            ] {
                #expect(result.output.contains(text), "\(text)")
            }
        }

        @Test("those in Python run", .enabled(if: isInstalled("python3"), "there is no python3"))
        func python() throws {
            let daemon = try RunningDaemon()
            let result = try ShellCommand.run(["python3", "-c", example("python", daemon.socket)])
            #expect(result.status == 0, "\(result.errors)")
            for text in ["200 ok", "409 urn:cccd:problem:no-card", "# HELP cccd_build_info", "event: readers"] {
                #expect(result.output.contains(text), "\(text)")
            }
        }

        @Test("those in JavaScript run", .enabled(if: isInstalled("node"), "there is no node"))
        func javaScript() throws {
            let daemon = try RunningDaemon()
            // The last one follows the events for ever: ended here.
            let program = try example("js", daemon.socket) + "\nsetTimeout(() => process.exit(0), 1000);"
            let result = try ShellCommand.run(["node", "--input-type=module", "--eval", program])
            #expect(result.status == 0, "\(result.errors)")
            for text in ["urn:cccd:problem:no-card", "# HELP cccd_build_info", "event: readers"] {
                #expect(result.output.contains(text), "\(text)")
            }
        }
    }
}
