import Crypto
import Document
import Foundation
import Simulator
import TestSupport
import Testing

@testable import Verifier

/// Inputs in, results out: order, forms, bad records, going on after a kill.
@Suite("Batch runs")
struct BatchRunTests {
    private let fixtures: BatchFixtures

    init() throws { fixtures = try BatchFixtures.shared.get() }

    private struct Line: Decodable, Equatable {
        let record: Int
        let name: String?
        let outcome: String
    }

    private func run(
        _ inputs: [String], _ change: (inout BatchOptions) -> Void = { _ in }
    ) throws -> (lines: [Line], report: BatchReport, output: [UInt8]) {
        let folder = try TemporaryFolder()
        var options = BatchOptions()
        options.date = BatchFixtures.date
        options.threads = 2
        change(&options)
        let results = folder.path + "/results"
        let report = try BatchRun(verifier: fixtures.verifier, options: options)
            .run(inputs, results: .file(results)) { _ in }
        let output = [UInt8](try Data(contentsOf: URL(filePath: results)))
        guard options.resultFormat == .json else { return ([], report, output) }
        let lines = try output.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Line.self, from: Data($0))
        }
        return (lines, report, output)
    }

    /// Many records, among them bad ones at known places.
    private func archive(_ count: Int, in folder: TemporaryFolder) throws -> String {
        let records = try fixtures.cards.map { try $0.record }
        var bytes: [UInt8] = []
        for index in 0..<count {
            var record = records[index % records.count]
            if index % 100 == 7 { record[record.count - 20] ^= 1 }
            if index % 100 == 50 { record = Array(record.prefix(40)) }
            bytes += framed(record)
        }
        return try folder.file("cards.archive", bytes)
    }

    @Test("an archive's results come in its order, bad records among them, whatever the number of threads")
    func order() throws {
        let folder = try TemporaryFolder()
        let archive = try archive(1500, in: folder)
        let (lines, report, output) = try run([archive]) { $0.threads = 1 }
        #expect(lines.map(\.record) == Array(0..<1500))
        for (index, line) in lines.enumerated() {
            let expected = index % 100 == 7 ? "invalid" : index % 100 == 50 ? "unreadable" : "authenticData"
            #expect(line.outcome == expected)
        }
        #expect(report.summary.records == 1500)
        #expect(report.summary.unreadable == 15)
        #expect(report.summary.outcomes == ["authenticData": 1470, "invalid": 15])
        #expect(try run([archive]) { $0.threads = 7 }.output == output)
    }

    @Test("only failures are written when asked for, and the summary counts all the same")
    func onlyFailures() throws {
        let folder = try TemporaryFolder()
        let (lines, report, _) = try run([try archive(400, in: folder)]) { $0.onlyFailures = true }
        #expect(lines.map(\.record) == [7, 50, 107, 150, 207, 250, 307, 350])
        #expect(report.summary.records == 400)
    }

    @Test("archive, JSON lines, tar stream and folders give the same outcomes")
    func forms() throws {
        let folder = try TemporaryFolder()
        let archive = try folder.file("a", fixtures.cards.flatMap { framed(try $0.record) })
        let json = try folder.file("b", Array(fixtures.cards.map { $0.json }.joined(separator: [0x0A])))
        let images = folder.path + "/images"
        for (index, card) in fixtures.cards.enumerated() { try card.write(folder: images + "/card\(1000 + index)") }
        let tar = folder.path + "/c.tar"
        #expect(try ShellCommand.run(["tar", "-C", images, "--sort=name", "-cf", tar, "."]).status == 0)
        let pax = folder.path + "/d.tar"
        #expect(
            try ShellCommand.run(["tar", "-C", images, "--sort=name", "--format=pax", "-cf", pax, "."]).status == 0)
        let expected = try run([archive]).report.summary
        #expect(expected.outcomes == ["authenticData": fixtures.cards.count])
        for input in [json, tar, pax, images] {
            let (lines, report, _) = try run([input])
            #expect(report.summary == expected)
            #expect(lines.map(\.record) == Array(fixtures.cards.indices))
        }
        #expect(try run([tar]).lines.map(\.name) == fixtures.cards.indices.map { "./card\(1000 + $0)" })
        #expect(try run([archive, json, tar]).lines.count == 3 * fixtures.cards.count)
    }

    @Test("damaged inputs end with a record that says so, and do not stop the inputs behind them")
    func damagedInputs() throws {
        let folder = try TemporaryFolder()
        let record = framed(try fixtures.cards[0].record)
        let good = try folder.file("good", record)
        let cut = try folder.file("cut", record + record.dropLast(5))
        let wild = try folder.file("wild", record + [0x7F, 0xFF, 0xFF, 0xFF] + record)
        let lines = try folder.file(
            "lines", fixtures.cards[0].json + Array("\n{\"EF_SOD\": \"!\"}\n\n[1]\n".utf8) + fixtures.cards[0].json)
        let outcomes = try run([cut, wild, lines, good]).lines.map(\.outcome)
        #expect(
            outcomes == [
                "authenticData", "unreadable", "authenticData", "unreadable", "authenticData", "unreadable",
                "unreadable", "authenticData", "authenticData",
            ])
        #expect(throws: BatchError.self) { try run([folder.path + "/nothing"]) }
    }

    @Test("no tar stream that was damaged in a byte ends the program")
    func damagedTar() throws {
        let folder = try TemporaryFolder()
        let images = folder.path + "/images"
        for index in 0..<3 { try fixtures.cards[index].write(folder: images + "/\(index)") }
        let tar = folder.path + "/t.tar"
        #expect(try ShellCommand.run(["tar", "-C", images, "-cf", tar, "."]).status == 0)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: tar)))
        for index in stride(from: 0, to: min(bytes.count, 4096), by: 11) {
            var damaged = bytes
            damaged[index] ^= 0xFF
            var cutter = TarCutter()
            #expect(cutter.cut(damaged.span, from: 0, isEnd: true).entries.count <= 20)
        }
    }

    @Test("CSV and the binary form say the same as JSON lines")
    func formats() throws {
        let folder = try TemporaryFolder()
        let archive = try archive(200, in: folder)
        let lines = try run([archive]).lines
        let csv = String(decoding: try run([archive]) { $0.resultFormat = .csv }.output, as: UTF8.self)
        let rows = csv.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(rows.map { String($0[2]) } == lines.map(\.outcome))
        let binary = try run([archive]) { $0.resultFormat = .binary }.output
        #expect(Array(binary.prefix(8)) == Array("CCCDRES1".utf8))
        #expect(binary.count == 16 + 20 * lines.count)
        let names: [UInt8: String] = [
            0: "genuine", 1: "authenticData", 2: "invalid", 3: "unverified", 255: "unreadable",
        ]
        #expect(lines.indices.map { names[binary[16 + 20 * $0 + 8]] } == lines.map(\.outcome))
    }

    @Test("a run that stopped at any state is resumed with no record lost or judged twice")
    func resume() throws {
        let folder = try TemporaryFolder()
        let archive = try archive(1200, in: folder)
        var options = BatchOptions()
        options.date = BatchFixtures.date
        options.threads = 2
        let whole = try run([archive])
        let results = folder.path + "/out"
        let state = folder.path + "/out.state"
        let setting = BatchState.Setting(
            inputs: [archive], inputFormat: "auto", resultFormat: "json", onlyFailures: false,
            date: BatchFixtures.date.timeIntervalSince1970)
        // The state after the first block, with results that went on behind it, as a kill leaves them.
        let reader = RecordReader([archive], format: .automatic, from: InputPosition())
        let block = try #require(try reader.next())
        let judge = try RecordJudge(
            fixtures.verifier, date: BatchFixtures.date, encoder: ResultEncoder(format: .json),
            memory: BatchMemory(SignerForecast([], .automatic)), tables: TableBudget())
        var worker = BlockWorker(judge, ResultEncoder(format: .json), onlyFailures: false)
        let first = worker.process(block)
        try BatchState(
            setting: setting, position: first.next, outputByteCount: first.output.count, summary: first.summary,
            isFinished: false
        ).save(state)
        try Data(first.output + Array("{\"record\":256,\"outc".utf8)).write(to: URL(filePath: results))
        options.date = Date()
        let resumed = try BatchRun(verifier: fixtures.verifier, options: options)
            .run([archive], results: .resumable(results, state: state)) { _ in }
        #expect([UInt8](try Data(contentsOf: URL(filePath: results))) == whole.output)
        #expect(resumed.summary == whole.report.summary)
        #expect(resumed.recordsOfRun == 1200 - block.entries.count)
        let again = try BatchRun(verifier: fixtures.verifier, options: options)
            .run([archive], results: .resumable(results, state: state)) { _ in }
        #expect(again.recordsOfRun == 0)
        #expect(again.summary == whole.report.summary)
        #expect([UInt8](try Data(contentsOf: URL(filePath: results))) == whole.output)
        #expect(throws: BatchError.self) {
            try BatchRun(verifier: fixtures.verifier, options: options)
                .run([archive, archive], results: .resumable(results, state: state)) { _ in }
        }
    }

    @Test("summaries of parts add up to that of the whole")
    func summaries() throws {
        let folder = try TemporaryFolder()
        let archive = try archive(300, in: folder)
        let one = try run([archive]).report.summary
        var sum = one
        sum.add(one)
        #expect(try run([archive, archive]).report.summary == sum)
    }
}
