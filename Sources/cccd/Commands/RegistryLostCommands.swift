import Registry

extension Command {
    /// `cccd registry lost`: takes down that a card is lost.
    static let registryLost = Command(
        name: "registry lost",
        usage:
            "--registry URL (--personal-number DIGITS | --card-number NUMBER) [--issued-on DAY] [--lost-on DAY] [--by WHO]",
        summary: "Report a card lost: a check-in with it is told so from now on.",
        options: [
            RegistryOptions.registry, RegistryOptions.personalNumber, RegistryOptions.cardNumber,
            Option(
                name: "--issued-on", value: "YYYY-MM-DD",
                help: "The day on which the lost ID card was issued. Default: every card issued until the loss."),
            Option(name: "--lost-on", value: "YYYY-MM-DD", help: "The day of the loss. Default: today in Vietnam."),
            Option(name: "--by", value: "WHO", help: "Who takes the report down."), RegistryOptions.json,
        ],
        notes: "With --personal-number it is the chip ID card that is lost, with --card-number the insurance card.",
        run: RegistryLostCommands.lost)

    /// `cccd registry found`: takes down that a card was found.
    static let registryFound = Command(
        name: "registry found",
        usage: "--registry URL (--personal-number DIGITS | --card-number NUMBER) [--by WHO]",
        summary: "Close the reports that a card is lost.",
        options: [
            RegistryOptions.registry, RegistryOptions.personalNumber, RegistryOptions.cardNumber,
            Option(name: "--by", value: "WHO", help: "Who takes it down."), RegistryOptions.json,
        ],
        notes: "Exit status: 0 when a report was closed, 1 when there was none.",
        run: RegistryLostCommands.found)
}

enum RegistryLostCommands {
    static func lost(_ arguments: Arguments) throws -> ExitStatus {
        let lostOn = try RegistryOptions.day("--lost-on", arguments) ?? .todayInVietnam
        let issuedOn = try RegistryOptions.day("--issued-on", arguments)
        let by = arguments.value("--by")
        let card =
            switch try subject(arguments) {
            case .identityCard(let number):
                try LostCard(identityCardOf: number, issuedOn: issuedOn, lostOn: lostOn, reportedBy: by)
            case .insuranceCard(let number):
                try LostCard(insuranceCard: number, lostOn: lostOn, reportedBy: by)
            }
        if issuedOn != nil, card.kind == .insuranceCard {
            throw UsageError(description: "--issued-on belongs to --personal-number")
        }
        let report = try RegistryOptions.open(arguments).reportLost(card)
        if arguments.has("--json") {
            try Console.printJSON(report)
        } else {
            print("Report \(report.id) is open: \(name(report.kind)), lost on \(report.lostOn).")
        }
        return .yes
    }

    static func found(_ arguments: Arguments) throws -> ExitStatus {
        let subject = try subject(arguments)
        let store = try RegistryOptions.open(arguments)
        let by = arguments.value("--by")
        let closed: [LostCard]
        switch subject {
        // Made into a report first, which looks at the number's form.
        case .identityCard(let number):
            closed = try store.reportFound(identityCardOf: LostCard(identityCardOf: number).number, by: by)
        case .insuranceCard(let number):
            closed = try store.reportFound(insuranceCard: LostCard(insuranceCard: number).number, by: by)
        }
        if arguments.has("--json") {
            try Console.printJSON(closed)
        } else if closed.isEmpty {
            print("No report was open.")
        } else {
            for report in closed { print("Report \(report.id) is closed: \(name(report.kind)).") }
        }
        return closed.isEmpty ? .no : .yes
    }

    private enum Subject { case identityCard(String), insuranceCard(String) }

    private static func subject(_ arguments: Arguments) throws -> Subject {
        _ = try arguments.positional()
        switch (arguments.value("--personal-number"), arguments.value("--card-number")) {
        case (let number?, nil): return .identityCard(number)
        case (nil, let number?): return .insuranceCard(number)
        default: throw UsageError(description: "give exactly one of --personal-number and --card-number")
        }
    }

    private static func name(_ kind: LostCard.Kind) -> String {
        switch kind {
        case .identityCard: "chip ID card"
        case .insuranceCard: "insurance card"
        }
    }
}
