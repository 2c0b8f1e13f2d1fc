import Document
import Foundation
import Simulator
import TestSupport
import Testing
import Verifier

/// `cccd batch` and `cccd archive` as a user types them.
@Suite("cccd batch and archive")
struct BatchCommandTests {
    private let folder: TemporaryFolder
    private let anchor: String
    private let images: [CardImage]

    init() throws {
        folder = try TemporaryFolder()
        anchor = try folder.write(TestState.shared.anchor, to: "csca.cer")
        images = try [.good, .tampered, .good, .stranger, .good].map { try TestState.shared.card($0).image }
    }

    private static let outcomes = ["authenticData", "invalid", "authenticData", "invalid", "authenticData"]

    private func batch(_ words: [String], input: [UInt8]? = nil) throws -> ShellCommand.Result {
        try ShellCommand.run(
            [CommandLineTool.path, "batch", "--trust", anchor, "--at", "2026-06-01"] + words, input: input)
    }

    private struct Line: Decodable {
        let record: Int
        let outcome: String
    }

    private func lines(_ text: String) throws -> [Line] {
        try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    private func archive(_ images: [CardImage], rounds: Int = 1) throws -> [UInt8] {
        let once = try images.flatMap { image in
            let record = try image.record
            return (0..<4).map { UInt8(record.count >> (24 - 8 * $0) & 0xFF) } + record
        }
        return Array(repeatElement(once, count: rounds).joined())
    }

    private func json(_ images: [CardImage]) -> [UInt8] { images.flatMap { $0.json + [0x0A] } }

    @Test(
        "every form of input gives one result for each record, in order",
        arguments: ["archive", "folder", "tar", "json", "archive on stdin", "tar on stdin", "json on stdin"])
    func inputs(_ form: String) throws {
        let tree = folder.path("images")
        for (index, image) in images.enumerated() { try image.write(folder: "\(tree)/card\(index)") }
        let tar = folder.path("cards.tar")
        #expect(try ShellCommand.run(["tar", "-C", tree, "--sort=name", "-cf", tar, "."]).status == 0)
        let result =
            switch form {
            case "archive": try batch([try folder.write(archive(images), to: "cards")])
            case "folder": try batch([tree])
            case "tar": try batch([tar])
            case "json": try batch([try folder.write(json(images), to: "cards")])
            case "archive on stdin": try batch(["-"], input: try archive(images))
            case "tar on stdin": try batch(["-"], input: [UInt8](try Data(contentsOf: URL(filePath: tar))))
            default: try batch(["-"], input: json(images))
            }
        #expect(result.status == 1)
        let found = try lines(result.output)
        #expect(found.map(\.record) == [0, 1, 2, 3, 4])
        #expect(found.map(\.outcome) == Self.outcomes)
        #expect(result.errors.contains("5 records in "))
        #expect(result.errors.contains("outcome authenticData: 3"))
        #expect(result.errors.contains("failed dataGroups.hash: 1"))
        #expect(result.errors.contains("proven 3"))
    }

    @Test("when all is proven the answer is yes; failures alone are written when asked for")
    func answers() throws {
        let good = try batch(["-"], input: archive([images[0], images[2]]))
        #expect(good.status == 0)
        let failures = try batch(["--only-failures", "-"], input: archive(images))
        #expect(failures.status == 1)
        #expect(try lines(failures.output).map(\.record) == [1, 3])
        #expect(failures.errors.contains("5 records in "))
    }

    @Test("a bad record is a result among the others")
    func badRecords() throws {
        let input = Array("{\"EF_SOD\": 1}\n".utf8) + json([images[0]]) + Array("no JSON\n".utf8) + json([images[2]])
        let result = try batch(["-"], input: input)
        #expect(result.status == 1)
        #expect(
            try lines(result.output).map(\.outcome) == ["unreadable", "authenticData", "unreadable", "authenticData"])
        #expect(result.errors.contains("unreadable: 2"))
    }

    @Test("CSV has a line of names and one for each record; the binary form has 20 bytes for each")
    func formats() throws {
        let file = try folder.write(archive(images), to: "cards")
        let csv = try batch(["--format", "csv", file]).output.split(separator: "\n")
        #expect(csv.first == "record,name,outcome,validity,failed,notPerformed,signer,error")
        let found = csv.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false)[2] }
        #expect(found.map(String.init) == Self.outcomes)
        let binary = folder.path("results")
        #expect(try batch(["--format", "binary", "--output", binary, file]).status == 1)
        #expect(try Data(contentsOf: URL(filePath: binary)).count == 16 + 20 * images.count)
    }

    @Test("the summary is written to a file, or as the last line for whoever reads the results")
    func summary() throws {
        let file = try folder.write(archive(images), to: "cards")
        let path = folder.path("summary")
        _ = try batch(["--summary", path, file])
        let summary = try JSONDecoder().decode(BatchSummary.self, from: Data(contentsOf: URL(filePath: path)))
        #expect(summary.records == 5)
        #expect(summary.signers.count == 2)
        let output = try batch(["--summary", "-", file]).output.split(separator: "\n")
        #expect(output.count == 6)
        let last = try JSONDecoder().decode([String: BatchSummary].self, from: Data(try #require(output.last).utf8))
        #expect(last == ["summary": summary])
        #expect(try batch(["--summary", "-", "--format", "csv", file]).status == 2)
    }

    @Test("EVP alone says the same, and the note on standard error says which way the signatures went")
    func onlyEVP() throws {
        let file = try folder.write(archive(images, rounds: 3), to: "cards")
        let fast = try batch(["--threads", "1", file])
        let evp = try batch(["--threads", "1", "--only-evp", file])
        #expect(evp.output == fast.output)
        #expect(evp.errors.contains("signatures: 0 fast"))
        #expect(!fast.errors.contains("signatures: 0 fast"))
    }

    @Test("on a terminal a bar shows how far it is, and how fast")
    func bar() throws {
        let file = try folder.write(archive(images, rounds: 200), to: "cards")
        let command = "\(try CommandLineTool.path) batch --trust \(anchor) --at 2026-06-01 --output /dev/null \(file)"
        let result = try ShellCommand.run(["script", "--quiet", "--return", "--command", command, "/dev/null"])
        #expect(result.status == 1)
        #expect(result.output.contains(/\r\[#*\.*\] \d+ %, \d+ records, \d+\/s/))
        #expect(result.output.contains("1000 records in "))
        let piped = try batch(["--output", "/dev/null", file])
        #expect(!piped.errors.contains("\r"))
    }

    @Test("what cannot be run is said, and nothing answered")
    func errors() throws {
        #expect(try batch([folder.path("nothing")]).status == 2)
        #expect(try batch([]).status == 2)
        #expect(try batch(["--resume", "-"], input: []).status == 2)
        #expect(try batch(["--format", "xml", "-"], input: []).status == 2)
    }

    @Test("a run killed at any moment, as often as may be, is resumed with no record lost or judged twice")
    func kills() throws {
        // Cards that are not proven are judged in full each time: so a small input takes long.
        let file = try folder.write(archive(images, rounds: 60), to: "cards")
        let inputs = Array(repeating: file, count: 12)
        let whole = folder.path("whole")
        let summary = folder.path("whole.summary")
        _ = try batch(["--output", whole, "--summary", summary] + inputs)
        let results = folder.path("results")
        var kills = 0
        var position = ""
        while kills < 3 {
            let process = Process()
            process.executableURL = URL(filePath: try CommandLineTool.path)
            process.arguments =
                ["batch", "--trust", anchor, "--at", "2026-06-01", "--resume", "--output", results] + inputs
            (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
            try process.runOpenToSignals()
            // Killed early, in what was not yet counted, or some time after the state moved on.
            let waits = kills.isMultiple(of: 2)
            while process.isRunning, waits, state(results) == position { usleep(10_000) }
            usleep(.random(in: 0...400_000))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            guard process.terminationReason == .uncaughtSignal else { break }
            kills += 1
            position = state(results)
        }
        #expect(kills > 0)
        let resumed = folder.path("resumed.summary")
        _ = try batch(["--resume", "--output", results, "--summary", resumed] + inputs)
        #expect(try ShellCommand.run(["cmp", whole, results]).status == 0)
        let (one, other) = try (Self.summary(summary), Self.summary(resumed))
        #expect(one == other)
        #expect(one.records == 300 * 12)
    }

    private func state(_ results: String) -> String {
        (try? String(contentsOf: URL(filePath: results + ".state"), encoding: .utf8)) ?? ""
    }

    private static func summary(_ path: String) throws -> BatchSummary {
        try JSONDecoder().decode(BatchSummary.self, from: Data(contentsOf: URL(filePath: path)))
    }

    @Test("an archive is packed from any input, listed, checked, and taken apart into the same images")
    func archives() throws {
        let lines = try folder.write(json(images), to: "cards.jsonl")
        let archive = folder.path("cards.archive")
        #expect(try CommandLineTool.run("archive", "pack", archive, lines).status == 0)
        #expect(try [UInt8](Data(contentsOf: URL(filePath: archive))) == self.archive(images))
        let list = try CommandLineTool.run("archive", "list", archive)
        #expect(list.output.split(separator: "\n").count == images.count)
        #expect(list.output.contains("EF_SOD"))
        #expect(try CommandLineTool.run("archive", "check", archive).status == 0)
        let out = folder.path("out")
        #expect(try CommandLineTool.run("archive", "extract", "--record", "3", out, archive).status == 0)
        #expect(try CardImage(path: out + "/3") == images[3])
        let again = try CommandLineTool.run("archive", "extract", "--json", archive)
        let packed = folder.path("again")
        #expect(try CommandLineTool.run("archive", "pack", packed, "-", input: Array(again.output.utf8)).status == 0)
        #expect(try ShellCommand.run(["cmp", archive, packed]).status == 0)
        let cut = try folder.write(Array(try self.archive(images).dropLast(3)), to: "cut")
        let check = try CommandLineTool.run("archive", "check", cut)
        #expect(check.status == 1)
        #expect(check.output.contains("the archive ends inside the record"))
    }

    @Test("the measurement is one object with the fields that programs read")
    func bench() throws {
        struct Report: Decodable {
            struct Row: Decodable {
                let algorithm: String
                let recordsPerSecond: Double
                let opensslPerSecond: Double
                let ratio: Double
                let threads: Int
                let portraitBytes: Int
            }

            let results: [Row]
        }
        let result = try CommandLineTool.run(
            "bench", "--json", "--algorithm", "P-256", "--algorithm", "RSA-2048", "--signers", "1", "--records", "20",
            "--threads", "1", "--portrait", "0", "--portrait", "3000")
        #expect(result.status == 0)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        #expect(report.results.map(\.algorithm) == ["P-256", "P-256", "RSA-2048", "RSA-2048"])
        #expect(report.results.map(\.portraitBytes) == [0, 3000, 0, 3000])
        for row in report.results {
            #expect(row.threads == 1)
            #expect(abs(row.ratio - row.recordsPerSecond / row.opensslPerSecond) < 1e-6)
        }
    }
}
