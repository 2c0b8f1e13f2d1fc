import CardReader
import Foundation
import TestSupport
import Testing

/// The virtual card reader of this test run: a pcscd with the driver of vsmartcard-vpcd, both from Debian.
///
/// `make test` starts one around all tests. Where there is none, the first test that needs one starts it by the same
/// script, and it ends with the test program. It has room for one card: suites that use it are nested in
/// `ThroughPCSC`, which runs one test at a time.
struct VirtualReader: Sendable {
    /// The port of 127.0.0.1 that a virtual card connects to.
    let port: UInt16

    private static let portVariable = "CCCD_VIRTUAL_READER_PORT"
    private static let socketVariable = "PCSCLITE_CSOCK_NAME"
    static let script = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scripts/virtual-reader.sh").path

    /// Whether pcscd and the driver are installed, as `make test` sees to.
    static var isInstalled: Bool {
        ["/usr/sbin/pcscd", "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"].allSatisfy {
            FileManager.default.fileExists(atPath: $0)
        }
    }

    /// - Throws: When the reader could not be started; the script says why on standard error.
    static var shared: VirtualReader {
        get throws { try result.get() }
    }

    private static let result = Result { try inherited() ?? start() }

    /// The reader that this program was started with.
    private static func inherited() -> VirtualReader? {
        ProcessInfo.processInfo.environment[portVariable].flatMap { UInt16($0) }.map(VirtualReader.init)
    }

    /// Starts the script with a command that tells its surroundings and then waits for the end of its input, which comes
    /// with the end of this program, however that ends.
    private static func start() throws -> VirtualReader {
        let process = Process()
        process.executableURL = URL(filePath: script)
        process.arguments = ["bash", "-c", "echo $\(portVariable) ${\(socketVariable)-}; exec cat >/dev/null"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.runOpenToSignals()
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        let words = String(decoding: line.dropLast(), as: UTF8.self).split(separator: " ").map(String.init)
        let port = try #require(words.first.flatMap { UInt16($0) }, "no virtual reader could be started")
        // For libpcsclite in this program, and for the programs that tests start.
        setenv(portVariable, String(port), 1)
        if words.count > 1 { setenv(socketVariable, words[1], 1) }
        running.hold(process, input)
        return VirtualReader(port: port)
    }

    /// Keeps the script's input open.
    private final class Running: @unchecked Sendable {
        private var kept: [Any] = []
        func hold(_ values: Any...) { kept += values }
    }

    private static let running = Running()

    /// The name that PC/SC has for the reader, which has two slots; cards are put into the first.
    func name() throws -> String {
        let names = try PCSCContext().readers().map(\.name)
        return try #require(names.filter { $0.hasPrefix("Virtual PCD") }.min(), "no virtual reader among \(names)")
    }
}

/// Everything that uses the virtual reader: one test at a time.
@Suite(
    "Through pcscd", .serialized, .enabled(if: VirtualReader.isInstalled, "pcscd or vsmartcard-vpcd is not installed"))
struct ThroughPCSC {}
