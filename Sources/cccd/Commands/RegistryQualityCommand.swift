import FoundationEssentials
import Registry

extension Command {
    /// `cccd registry quality`: what a registry's data is worth.
    static let registryQuality = Command(
        name: "registry quality",
        usage: "--registry URL [--json] [--rows FILE] [--proposals FILE]",
        summary: "Measure a registry's data: đúng, đủ, sạch, sống.",
        options: [
            RegistryOptions.registry, RegistryOptions.json,
            Option(name: "--rows", value: "FILE", help: "Write the records to mend as CSV, one line for each fault."),
            Option(
                name: "--proposals", value: "FILE",
                help: "Write as CSV where the registry differs from what verified chips said."),
        ],
        notes: "The two files hold personal data: only their owner may read them. An existing file is replaced.",
        run: RegistryQualityCommand.run)
}

enum RegistryQualityCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let store = try RegistryOptions.open(arguments, readOnly: true)
        let rows = try arguments.value("--rows").map {
            try PrivateCSV(path: $0, header: ["virtue", "fault", "personalNumber", "cardNumber", "validFrom"])
        }
        let report: QualityReport
        if let rows {
            report = try store.quality(now: .now) { finding in
                rows.write([
                    finding.virtue.rawValue, finding.fault, finding.personalNumber, finding.cardNumber,
                    finding.validFrom,
                ])
            }
            try rows.close()
        } else {
            report = try store.quality(now: .now, finding: nil)
        }
        if let path = arguments.value("--proposals") {
            let file = try PrivateCSV(
                path: path, header: ["personalNumber", "cardNumber", "field", "registered", "stated", "seenAt"])
            for proposal in try store.proposals() {
                file.write([
                    proposal.personalNumber, proposal.cardNumber, proposal.field, proposal.registered, proposal.stated,
                    "\(proposal.seenAt)",
                ])
            }
            try file.close()
        }
        if arguments.has("--json") {
            try Console.printJSON(report)
        } else {
            print(report)
        }
        return .yes
    }
}
