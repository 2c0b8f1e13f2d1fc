import Simulator

extension Command {
    /// `cccd simulate pki`: makes a State's signers for tests.
    static let simulatePKI = Command(
        name: "simulate pki",
        usage: "--out FOLDER [--name TEXT] [--terminals]",
        summary: "Make a test PKI: a CSCA and a document signer.",
        options: [
            Option(name: "--out", value: "FOLDER", help: "Where certificates and keys are written."),
            Option(name: "--name", value: "TEXT", help: "The CSCA's common name. Default: Test CSCA."),
            Option(
                name: "--terminals", value: nil,
                help: "Also make the certificates and the key of a terminal that may read fingerprints."),
        ],
        notes: "The keys are not encrypted, and worth nothing outside tests. Trust FOLDER/csca.cer to trust the cards.",
        run: { arguments in
            _ = try arguments.positional()
            guard let folder = arguments.value("--out") else { throw UsageError(description: "--out is missing") }
            var options = TestPKI.Options()
            if let name = arguments.value("--name") { options.countrySignerName = name }
            try TestPKI(options).save(to: folder)
            if arguments.has("--terminals") { try TerminalPKI().save(to: folder) }
            print("\(folder)/csca.cer")
            return .yes
        })
}
