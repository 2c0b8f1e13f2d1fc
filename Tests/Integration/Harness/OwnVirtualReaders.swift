import Foundation
import TestSupport
import Testing

/// A pcscd of this process's own, with two virtual readers, that may end and start again at any time.
///
/// Only for a process in which nothing has talked to another pcscd: libpcsclite looks its socket up once.
final class OwnVirtualReaders {
    /// The ports of 127.0.0.1 that cards connect to, one for each reader.
    let ports: [UInt16]
    private let script: Process
    private let input: Pipe

    /// Whether this machine allows for one beside the pcscd of the other tests.
    static var isPossible: Bool {
        [["--mount"], ["--user", "--map-root-user", "--mount"]].contains { options in
            (try? ShellCommand.run(["unshare"] + options + ["true"]))?.status == 0
        }
    }

    init() throws {
        script = Process()
        script.executableURL = URL(filePath: VirtualReader.script)
        script.arguments = ["bash", "-c", "echo $CCCD_VIRTUAL_READER_PORT $PCSCLITE_CSOCK_NAME; exec cat >/dev/null"]
        script.environment = ProcessInfo.processInfo.environment.merging(["CCCD_VIRTUAL_READER": "own"]) { $1 }
        input = Pipe()
        let output = Pipe()
        script.standardInput = input
        script.standardOutput = output
        try script.runOpenToSignals()
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        let words = String(decoding: line.dropLast(), as: UTF8.self).split(separator: " ").map(String.init)
        try #require(words.count == 2, "no virtual readers could be started")
        let port = try #require(UInt16(words[0]))
        ports = [port, port + 1]
        setenv("PCSCLITE_CSOCK_NAME", words[1], 1)
    }

    deinit {
        try? input.fileHandleForWriting.close()
        script.waitUntilExit()
    }

    /// Has pcscd end and start again; returns at once.
    func restart() { kill(script.processIdentifier, SIGUSR1) }
}
