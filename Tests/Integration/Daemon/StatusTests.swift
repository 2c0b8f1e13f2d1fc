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
            #expect(
                try CommandLineTool.run("status", "--socket", daemon.socket, "--json").output.contains("\"health\""))
            #expect(daemon.stop() == 0)
            let gone = try CommandLineTool.run("status", "--socket", daemon.socket)
            #expect(gone.status == 2)
            #expect(gone.errors.contains("no daemon answers at"))
        }
    }
}
