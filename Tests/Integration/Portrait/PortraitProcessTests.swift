import Document
import Foundation
import Simulator
import TestSupport
import Testing

@testable import Portrait

@Suite("the decoder's process")
struct PortraitProcessTests {
    private static let image = Simulator.Portrait.placeholder.bytes

    /// The decoder as `cccd` starts it.
    private static func decoder(timeLimit: Duration = .seconds(60)) throws -> PortraitProcess {
        PortraitProcess(
            program: try CommandLineTool.path, arguments: ["cccd", PortraitChild.command], timeLimit: timeLimit)
    }

    /// A shell script in the decoder's place.
    private static func shell(_ script: String, timeLimit: Duration = .seconds(60)) -> PortraitProcess {
        PortraitProcess(program: "/bin/sh", arguments: ["sh", "-c", script], timeLimit: timeLimit)
    }

    @Test("gives the picture that the decoder gives in this process")
    func same() throws {
        #expect(try Self.decoder().decode(Self.image) == PortraitDecoder.decode(Self.image))
        let jpeg = try Self.decoder().decode(Self.jpeg)
        #expect(jpeg.kind == .jpeg && jpeg.bytes == Self.jpeg)
    }

    /// Markers alone: what is walked without being decoded.
    private static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F]
        + [0xFF, 0xD9]

    @Test("gives the decoder's errors")
    func errors() throws {
        let decoder = try Self.decoder()
        #expect(throws: PortraitError.unknownFormat) { try decoder.decode([1, 2, 3]) }
        #expect(throws: PortraitError.unknownFormat) { try decoder.decode([]) }
        #expect(throws: PortraitError.damaged) { try decoder.decode(Array(Self.image.prefix(2000))) }
        #expect(throws: PortraitError.tooLarge) {
            try decoder.decode([UInt8](repeating: 0, count: PortraitLimits.imageBytes + 1))
        }
        let start = try #require(Self.image.firstRange(of: [0xFF, 0x4F, 0xFF, 0x51])).lowerBound
        var bomb = Array(Self.image[start...])
        for field in [8, 12, 24, 28] { bomb.replaceSubrange(field..<field + 4, with: [0, 0, 0xEA, 0x60]) }
        #expect(throws: PortraitError.tooLarge) { try decoder.decode(bomb) }
    }

    @Test("answers on every damaged image, of which some hundred were made by flipping bits and cutting off")
    func corpus() throws {
        let decoder = try Self.decoder()
        var generator = RepeatedNumbers(state: 88_172_645_463_325_252)
        for round in 0..<120 {
            var image = Self.image
            if round % 4 == 0 {
                image = Array(image.prefix(Int.random(in: 0..<image.count, using: &generator)))
            } else {
                for _ in 0..<round % 7 + 1 {
                    let end = round % 2 == 0 ? 260 : image.count
                    image[Int.random(in: 0..<end, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            }
            do throws(PortraitError) {
                let portrait = try decoder.decode(image)
                #expect((1...PortraitLimits.side).contains(portrait.width))
            } catch {
                // Of all errors those in starting it are none that an image may cause.
                if case .notStarted = error { Issue.record("\(error)") }
            }
        }
    }

    @Test("a decoder that is killed, or that crashes, is told by the signal")
    func killed() {
        #expect(throws: PortraitError.killed(signal: SIGSEGV)) { try Self.shell("kill -SEGV $$").decode(Self.image) }
        #expect(throws: PortraitError.killed(signal: SIGSYS)) { try Self.shell("kill -SYS $$").decode(Self.image) }
        #expect(throws: PortraitError.killed(signal: SIGKILL)) { try Self.shell("kill -KILL $$").decode(Self.image) }
        #expect(throws: PortraitError.timedOut) { try Self.shell("kill -XCPU $$").decode(Self.image) }
    }

    @Test("a decoder that takes too long is given up, whether it is silent, writes on and on, or has closed its output")
    func slow() {
        let limit = Duration.milliseconds(300)
        for script in ["sleep 600", "while :; do printf x; sleep 0.01; done", "exec 0<&- 1>&-; sleep 600"] {
            #expect(throws: PortraitError.timedOut) { try Self.shell(script, timeLimit: limit).decode(Self.image) }
        }
    }

    @Test("a decoder that writes more than a picture, or something else, is not believed")
    func liar() {
        for script in [
            "yes", "cat", "printf '<script>'", "exit 0", "exit 99", "cat >/dev/null; printf '\\377\\330\\377\\331'",
        ] {
            #expect(throws: PortraitError.invalidAnswer) { try Self.shell(script).decode(Self.image) }
        }
    }

    @Test("a program that is not there is told, and no process is left behind")
    func noProgram() throws {
        let process = PortraitProcess(program: "/nonexistent", arguments: ["x"], timeLimit: .seconds(5))
        let error = #expect(throws: PortraitError.self) { try process.decode(Self.image) }
        #expect(error?.description.contains("posix_spawn: No such file") == true)
    }

    @Test("the decoder is given no environment and no descriptor but its input, its output and nothing for errors")
    func inheritance() throws {
        // The shell sets PWD, SHLVL and _ by itself.
        let script = """
            test -z "$(tr '\\0' '\\n' </proc/self/environ | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD=)" || exit 10
            if ls /proc/$$/fd | grep -qvx '[012]'; then exit 11; fi
            exit 13
            """
        #expect(throws: PortraitError.unsupported) { try Self.shell(script).decode(Self.image) }
    }

    @Test("the decoder has put itself behind its limits before it reads a byte")
    func limits() throws {
        let process = Process()
        process.executableURL = URL(filePath: try CommandLineTool.path)
        process.arguments = [PortraitChild.command]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.runOpenToSignals()
        // It waits for its input, and cannot be looked into by its limits' file for that long unless it is root's.
        let folder = "/proc/\(process.processIdentifier)"
        var status = ""
        for _ in 0..<2000 where !status.contains("Seccomp:\t2") {
            status = (try? String(contentsOfFile: "\(folder)/status", encoding: .utf8)) ?? ""
            usleep(5000)
        }
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(status.contains("Seccomp:\t2"))
        if let limits = try? String(contentsOfFile: "\(folder)/limits", encoding: .utf8) {
            let rows = limits.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            func hard(_ name: String) -> String? {
                let words = name.split(separator: " ").map(String.init)
                return rows.first { $0.starts(with: words) }.map { $0[words.count + 1] }
            }
            #expect(hard("Max cpu time") == "\(PortraitLimits.processorSeconds + 1)")
            for name in ["Max file size", "Max core file size", "Max processes", "Max open files"] {
                #expect(hard(name) == "0", "\(name)")
            }
            #expect(hard("Max address space") != "unlimited")
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == PortraitError.unknownFormat.exitStatus)
    }

    @Test("portraits are decoded side by side, one process each")
    func sideBySide() async throws {
        let decoder = try Self.decoder()
        let expected = try decoder.decode(Self.image)
        let pictures = LockedList()
        let group = DispatchGroup()
        for _ in 0..<8 {
            group.enter()
            Thread.detachNewThread {
                if let picture = try? decoder.decode(Self.image) { pictures.append(picture) }
                group.leave()
            }
        }
        await withCheckedContinuation { done in group.notify(queue: .global()) { done.resume() } }
        #expect(pictures.all == [DecodedPortrait](repeating: expected, count: 8))
    }
}

/// What several threads give.
private final class LockedList: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [DecodedPortrait] = []
    var all: [DecodedPortrait] { lock.withLock { list } }
    func append(_ picture: DecodedPortrait) { lock.withLock { list.append(picture) } }
}

/// The same numbers in every run (xorshift64).
private struct RepeatedNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
