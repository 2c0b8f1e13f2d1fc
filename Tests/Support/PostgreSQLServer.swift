import Foundation

/// A PostgreSQL server of this test run's own, started by `Scripts/postgresql.sh` and stopped with the test program,
/// however that ends.
public final class PostgreSQLServer: @unchecked Sendable {
    private static let script = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Scripts/postgresql.sh").path

    /// Whether Debian's postgresql is installed, as `make test` sees to.
    public static var isInstalled: Bool {
        let folder = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return versions.contains { FileManager.default.fileExists(atPath: "\(folder)/\($0)/bin/initdb") }
    }

    /// The server that most tests share, each with a database of its own.
    public static var shared: PostgreSQLServer {
        get throws { try sharedResult.get() }
    }

    private static let sharedResult = Result { try PostgreSQLServer() }

    private let folder: URL
    private var process: Process?
    private var input: Pipe?
    private var processID: Int32 = 0

    /// A server with no database of ours yet, running.
    public init() throws {
        folder = URL(filePath: "/tmp").appending(path: "cccd-pg-\(UUID().uuidString.prefix(8))")
        // The server's user has to come through.
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts a server that was stopped.
    public func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        // Waits for the end of its input, which comes with the end of this program; a folder that then is still there goes too.
        let command = #"echo "$CCCD_POSTGRESQL_PID"; cat >/dev/null"#
        process.arguments = [
            "-c", #""$0" --folder "$1" bash -c "$2"; [[ -e $1/keep ]] || rm -rf "$1""#, Self.script, folder.path,
            command,
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.runOpenToSignals()
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        guard let id = Int32(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw CocoaError(.executableLoad)
        }
        processID = id
        self.process = process
        self.input = input
    }

    /// Stops the server and waits for its end; its databases stay for `start`.
    public func stop() {
        guard let process, let input else { return }
        let keep = folder.appending(path: "keep")
        _ = FileManager.default.createFile(atPath: keep.path, contents: nil)
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: keep)
        self.process = nil
        self.input = nil
    }

    /// Makes the server and all its connections stand still, as on a machine that hangs.
    public func pause() throws {
        for id in try processes() { kill(id, SIGSTOP) }
    }

    /// Lets it go on.
    public func resume() throws {
        for id in try processes().reversed() { kill(id, SIGCONT) }
    }

    private func processes() throws -> [Int32] {
        let children = try String(contentsOfFile: "/proc/\(processID)/task/\(processID)/children", encoding: .utf8)
        return [processID] + children.split(separator: " ").compactMap { Int32($0) }
    }

    /// Makes an empty database and gives its address.
    public func database(_ parameters: String = "") throws -> String {
        let name = "test_\(UUID().uuidString.filter(\.isHexDigit).lowercased())"
        try run("CREATE DATABASE \(name)", in: "postgres")
        return address(of: name, parameters)
    }

    /// The address of a database on this server.
    public func address(of database: String, user: String = "cccd", _ parameters: String = "") -> String {
        "postgresql:///\(database)?host=\(folder.path)&user=\(user)\(parameters)"
    }

    /// Runs SQL by `psql` and gives what it prints: a line for each row, columns divided by `|`.
    @discardableResult
    public func run(_ sql: String, in database: String) throws -> String {
        let address = database.hasPrefix("postgresql:") ? database : address(of: database)
        let result = try ShellCommand.run(
            [
                "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1", "-c", sql,
                address,
            ])
        guard result.status == 0 else { throw ShellFailure(errors: result.errors) }
        return result.output
    }

    /// A program that failed.
    public struct ShellFailure: Error {
        /// What it wrote to standard error.
        public let errors: String
    }
}
