import Testing

extension ThroughPCSC {
    @Suite("cccd status")
    struct StatusTests {
        @Test("tells how the daemon is, and whether it is there")
        func status() throws {
            let daemon = try RunningDaemon()
            let well = try CommandLineTool.run("status", "--socket", daemon.socket)
            #expect(well.status == 0, "\(well.output)\(well.errors)")
            #expect(well.output.contains("reader    Virtual PCD"))
            #expect(well.output.contains("trust     1 authority,"))
            #expect(well.output.contains("records"))
            #expect(well.output.contains("audit     can be written"))
            #expect(
                try CommandLineTool.run("status", "--socket", daemon.socket, "--json").output.contains("\"health\""))
            #expect(daemon.stop() == 0)
            let gone = try CommandLineTool.run("status", "--socket", daemon.socket)
            #expect(gone.status == 2)
            #expect(gone.errors.contains("no daemon answers at"))
        }

        @Test(
            "is well without a registry, as at a kiosk, and not with one that is configured and not there",
            arguments: [
                (RunningDaemon.Registry.none, 0, "none is configured"),
                (RunningDaemon.Registry.missing, 1, "cannot be asked"),
            ])
        func registry(registry: RunningDaemon.Registry, status: Int, words: String) throws {
            let daemon = try RunningDaemon(registry: registry)
            let answer = try CommandLineTool.run("status", "--socket", daemon.socket)
            #expect(Int(answer.status) == status, "\(answer.output)\(answer.errors)")
            let line = answer.output.split(separator: "\n").first { $0.hasPrefix("registry  ") }
            #expect(line?.contains(words) == true, "\(answer.output)")
        }
    }
}
