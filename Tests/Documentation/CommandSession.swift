import Foundation
import TestSupport

/// All documents' commands, run once: each document in a folder of its own, in one shell, on a machine that `session.sh`
/// makes up. Paths of an installed package lead into that machine.
struct CommandSession {
    /// What came of a document's commands.
    struct Result {
        /// What each command that was reached wrote, on both outputs.
        let outputs: [[String]]
        /// 0 when the last command was reached and succeeded.
        let status: Int32
    }

    /// Whether a private pcscd with a virtual reader can be started.
    static var isPossible: Bool {
        let isInstalled = ["/usr/sbin/pcscd", "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"].allSatisfy {
            FileManager.default.fileExists(atPath: $0)
        }
        return isInstalled
            && [["--mount"], ["--user", "--map-root-user", "--mount"]].contains { options in
                (try? ShellCommand.run(["unshare"] + options + ["true"]))?.status == 0
            }
    }

    /// The documents with commands that can be run on this machine.
    static let documents = MarkdownDocument.all.filter { document in
        let commands = commands(of: document)
        return !commands.isEmpty
            && (PostgreSQLServer.isInstalled || !commands.contains { $0.text.contains("postgresql://") })
    }

    static func commands(of document: MarkdownDocument) -> [CommandBlock.Command] {
        document.commandBlocks.filter(\.isRun).flatMap(\.commands)
    }

    private static let results = Swift.Result { try run() }

    static func result(of document: MarkdownDocument) throws -> Result? { try results.get()[document.path] }

    /// Where the built programs are: beside the test runner.
    private static var programs: URL {
        get throws {
            URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
                .deletingLastPathComponent()
        }
    }

    /// What stands in a document, and what it means on the machine made up in `machine`.
    private static func substitutions(_ machine: URL, _ session: URL) -> [(shown: String, real: String)] {
        [
            ("/run/cccd", machine.path + "/run"), ("/etc/cccd", machine.path + "/etc"),
            ("/var/lib/cccd", machine.path + "/lib"), ("/mnt/", machine.path + "/mnt/"),
            // A user that every machine has stands for the kiosk's.
            ("users: [\"kiosk\"]", "users: [\"nobody\"]"),
            ("@db.example.vn/registry?sslmode=verify-full", "@/registry?host=\(session.path)/postgresql"),
        ]
    }

    private static func run() throws -> [String: Result] {
        let session = URL(filePath: "/tmp/cccd-docs.\(UUID().uuidString.prefix(8))")
        let files = FileManager.default
        try files.createDirectory(at: session.appending(path: "bin"), withIntermediateDirectories: true)
        defer { try? files.removeItem(at: session) }
        for program in ["cccd", "verify-card-image", "read-card", "verify-archive"] {
            try files.createSymbolicLink(
                at: session.appending(path: "bin/\(program)"), withDestinationURL: programs.appending(path: program))
        }
        for (index, document) in documents.enumerated() {
            let machine = session.appending(path: "\(100 + index)")
            try files.createDirectory(at: machine, withIntermediateDirectories: true)
            try script(of: document, machine, session)
                .write(to: machine.appending(path: "script"), atomically: true, encoding: .utf8)
        }
        let script = MarkdownDocument.repository.appending(path: "Tests/Documentation/session.sh").path
        var words = [
            "env", "CCCD_VIRTUAL_READER=own",
            MarkdownDocument.repository.appending(path: "Scripts/virtual-reader.sh").path,
            script, session.path,
        ]
        if PostgreSQLServer.isInstalled {
            let server = MarkdownDocument.repository.appending(path: "Scripts/postgresql.sh").path
            words = [server, "--folder", session.appending(path: "postgresql").path] + words
            try files.createDirectory(
                at: session.appending(path: "postgresql"), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        let errors = session.appending(path: "errors")
        _ = files.createFile(atPath: errors.path, contents: nil)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.runOpenToSignals()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw SessionFailure(description: try String(contentsOf: errors, encoding: .utf8))
        }
        return Dictionary(
            uniqueKeysWithValues: try documents.enumerated().map { index, document in
                (document.path, try result(of: document, session.appending(path: "\(100 + index)"), session))
            })
    }

    /// The session itself could not be run.
    struct SessionFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// A shell script that runs the document's commands one after the other, each with its output in a file.
    private static func script(of document: MarkdownDocument, _ machine: URL, _ session: URL) -> String {
        let isVietnamese = document.path.hasPrefix("docs/vi/") || document.path.hasSuffix(".vi.md")
        var script = "export LANG=C.UTF-8 language=\(isVietnamese ? "vi_VN.UTF-8" : "C.UTF-8")\nset -e\n"
        for (index, command) in commands(of: document).enumerated() {
            var text = command.text
            for (shown, real) in substitutions(machine, session) { text = text.replacing(shown, with: real) }
            script += "{\n\(text)\n} >\(machine.path)/\(index).out 2>&1 </dev/null\n"
        }
        return script + "touch \(machine.path)/done\n"
    }

    private static func result(of document: MarkdownDocument, _ machine: URL, _ session: URL) throws -> Result {
        var outputs: [[String]] = []
        for index in commands(of: document).indices {
            guard var text = try? String(contentsOf: machine.appending(path: "\(index).out"), encoding: .utf8) else {
                break
            }
            for (shown, real) in substitutions(machine, session) { text = text.replacing(real, with: shown) }
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if lines.last == "" { lines.removeLast() }
            outputs.append(lines)
        }
        let isDone = FileManager.default.fileExists(atPath: machine.appending(path: "done").path)
        return Result(outputs: outputs, status: isDone ? 0 : 1)
    }
}
