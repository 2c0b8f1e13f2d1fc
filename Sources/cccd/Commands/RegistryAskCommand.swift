import Registry
import Verifier

extension Command {
    /// `cccd registry ask`: one decision.
    static let registryAsk = Command(
        name: "registry ask",
        usage: "--registry URL (--personal-number DIGITS | --card-number NUMBER | --parent DIGITS) [OPTIONS]",
        summary: "Decide whether a person is insured, and what that means at a facility.",
        options: [
            RegistryOptions.registry, RegistryOptions.copy, RegistryOptions.personalNumber, RegistryOptions.cardNumber,
            Option(
                name: "--parent", value: "DIGITS",
                help: "A child under six without a card of its own, by a parent's personal number."),
            Option(name: "--on", value: "YYYY-MM-DD", help: "The day asked about. Default: today in Vietnam."),
            Option(name: "--facility", value: "CODE", help: "The facility that asks, five characters."),
            Option(name: "--facility-level", value: "WORD", help: "Its level: basic, provincial, …"),
            Option(name: "--arrival", value: "WORD", help: "chosen, referred or emergency. Default: chosen."),
            Option(name: "--care", value: "WORD", help: "outpatient or inpatient. Default: outpatient."),
            Option(name: "--name", value: "TEXT", help: "Compare the full name with the registered one."),
            Option(
                name: "--birth-date", value: "DATE", help: "Compare the birth date; tells one child of several apart."),
            RegistryOptions.json, LanguageOption.option,
        ],
        notes: "Exit status: 0 when the person is eligible, 1 when not, 2 when the question could not be answered.",
        run: RegistryAskCommand.run)
}

enum RegistryAskCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let language = try LanguageOption.language(arguments)
        let question = try question(arguments)
        let decision = try RegistryOptions.open(arguments).decide(question)
        if arguments.has("--json") {
            try Console.printJSON(decision)
        } else {
            print(DecisionText(decision, language: language).lines.joined(separator: "\n"))
        }
        return decision.eligible ? .yes : .no
    }

    private static func question(_ arguments: Arguments) throws -> EligibilityQuestion {
        let subjects: [EligibilityQuestion.Subject] = [
            arguments.value("--personal-number").map { .personalNumber($0) },
            arguments.value("--card-number").map { .cardNumber($0) },
            arguments.value("--parent").map { .child(parentPersonalNumber: $0) },
        ].compactMap { $0 }
        guard let subject = subjects.first, subjects.count == 1 else {
            throw UsageError(description: "give exactly one of --personal-number, --card-number and --parent")
        }
        return EligibilityQuestion(
            subject, on: try RegistryOptions.day("--on", arguments) ?? .todayInVietnam,
            facility: arguments.value("--facility"), facilityLevel: arguments.value("--facility-level"),
            arrival: try RegistryOptions.word("--arrival", arguments) ?? .chosen,
            care: try RegistryOptions.word("--care", arguments) ?? .outpatient,
            fullName: arguments.value("--name"), birthDate: arguments.value("--birth-date"))
    }
}

/// A decision in words, for a desk.
struct DecisionText {
    let lines: [String]

    init(_ decision: EligibilityDecision, language: VerdictLanguage) {
        let isVietnamese = language == .vietnamese
        func label(_ vietnamese: String, _ english: String) -> String { isVietnamese ? vietnamese : english }
        var lines = [
            decision.eligible
                ? label("ĐỦ ĐIỀU KIỆN", "ELIGIBLE") : label("KHÔNG ĐỦ ĐIỀU KIỆN", "NOT ELIGIBLE")
        ]
        lines += decision.reasons.map { "  " + (isVietnamese ? $0.messageVi : $0.message) }
        var facts: [(String, String)] = []
        if let person = decision.person {
            facts.append((label("Họ tên", "Name"), person.fullName))
            facts.append((label("Ngày sinh", "Born"), person.birthDate))
        }
        if let number = decision.cardNumber { facts.append((label("Mã thẻ", "Card"), number)) }
        if let from = decision.validFrom {
            let to = decision.validTo.map(\.description) ?? label("không thời hạn", "no end")
            facts.append((label("Giá trị", "Valid"), "\(from) – \(to)"))
        }
        if let level = decision.benefitLevel {
            let percent = decision.benefitPercent.map { ", \($0) %" } ?? ""
            facts.append((label("Mức hưởng", "Level"), "\(level)\(percent)"))
        }
        if let payable = decision.payablePercent {
            facts.append((label("Thanh toán tại đây", "Paid here"), "\(payable) %"))
        }
        if let facility = decision.primaryFacility {
            facts.append(
                (
                    label("Nơi đăng ký", "Registered at"),
                    [facility.code, facility.name].compactMap(\.self).joined(separator: " ")
                ))
        }
        if let area = decision.areaCode { facts.append((label("Khu vực", "Area"), area)) }
        if let day = decision.fiveYearsFrom { facts.append((label("Đủ 5 năm từ", "Five years from"), "\(day)")) }
        let asOf = decision.dataAsOf.map { ", " + label("dữ liệu đến", "data as of") + " \($0)" } ?? ""
        facts.append((label("Nguồn", "Source"), decision.source + asOf))
        let code = [decision.code, decision.gatewayCode.map { "maKetQua \($0)" }].compactMap(\.self)
        facts.append((label("Mã", "Code"), code.joined(separator: ", ")))
        lines += facts.map { "\($0): \($1)" }
        self.lines = lines
    }
}
