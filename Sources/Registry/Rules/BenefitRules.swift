/// The rules of insurance: groups, levels, shares and codes, from the tables of this folder.
struct BenefitRules: Sendable {
    /// What a benefit level pays.
    struct Level: Sendable {
        let percent: Int
        let hasLimits: Bool
    }

    /// Which body keeps the insurance of a group.
    enum Insurer: String, Sendable { case army, police }

    private struct Dated<Value: Sendable>: Sendable {
        let period: RulesTable.Period
        let value: Value
    }

    private struct Share: Sendable {
        let arrival: String
        let facilityLevel: String
        let care: String
        let areaCodes: [String]
        let share: Int
    }

    private var levels: [Int: [Dated<Level>]] = [:]
    private var groups: [String: [Dated<(level: Int, insurer: Insurer?)>]] = [:]
    private var shares: [Dated<Share>] = []
    private var codes: [DecisionWord: DecisionCode] = [:]
    private let unknownCode: DecisionCode

    /// The rules that are compiled into the program.
    ///
    /// - Throws: `invalidRules`, which a test of the program rules out.
    static func standard() throws(RegistryError) -> BenefitRules { try standardResult.get() }

    private static let standardResult = Result { () throws(RegistryError) in
        try BenefitRules(
            codes: PackageResources.codes_csv, levels: PackageResources.levels_csv,
            groups: PackageResources.groups_csv, facilityShares: PackageResources.facility_shares_csv)
    }

    init(
        codes: [UInt8], levels: [UInt8], groups: [UInt8], facilityShares: [UInt8]
    ) throws(RegistryError) {
        let codeTable = try RulesTable(name: "codes.csv", codes)
        for line in codeTable.lines {
            let name = try line.text("code")
            guard let word = DecisionWord(rawValue: name) else { throw line.invalid("the program has no code \(name)") }
            let gatewayCode = try line.text("gatewayCode")
            self.codes[word] = DecisionCode(
                name: name, gatewayCode: gatewayCode.isEmpty ? nil : gatewayCode, isEligible: try line.flag("eligible"),
                reason: .init(code: name, message: try line.text("message"), messageVi: try line.text("messageVi")))
        }
        guard let notFound = self.codes[.notFound], self.codes.count == DecisionWord.allCases.count else {
            throw .invalidRules(table: codeTable.name, line: 1, reason: "a code of the program is missing")
        }
        unknownCode = notFound
        for line in try RulesTable(name: "levels.csv", levels).lines {
            self.levels[try line.number("level", in: 1...5), default: []].append(
                Dated(
                    period: try line.period(),
                    value: Level(
                        percent: try line.number("percent", in: 0...100), hasLimits: try line.flag("hasLimits"))))
        }
        for line in try RulesTable(name: "groups.csv", groups).lines {
            let insurer = try line.text("insurer")
            guard insurer.isEmpty || Insurer(rawValue: insurer) != nil else { throw line.invalid("unknown insurer") }
            self.groups[try line.text("group"), default: []].append(
                Dated(
                    period: try line.period(),
                    value: (try line.number("level", in: 1...5), Insurer(rawValue: insurer))))
        }
        for line in try RulesTable(name: "facility-shares.csv", facilityShares).lines {
            shares.append(
                Dated(
                    period: try line.period(),
                    value: Share(
                        arrival: try line.text("arrival"), facilityLevel: try line.text("facilityLevel"),
                        care: try line.text("care"),
                        areaCodes: try line.text("areaCode").split(separator: "|").map(String.init),
                        share: try line.number("share", in: 0...100))))
        }
    }

    /// The table's line for `word`.
    func code(_ word: DecisionWord) -> DecisionCode { codes[word] ?? unknownCode }

    /// The word for a code of the national gateway (maKetQua); nil for one that our table does not have.
    func word(ofGatewayCode code: String) -> DecisionWord? { codes.first { $0.value.gatewayCode == code }?.key }

    func level(_ level: Int, on day: Day) -> Level? {
        levels[level]?.first { $0.period.contains(day) }?.value
    }

    func levelNumber(ofGroup group: String, on day: Day) -> Int? {
        groups[group]?.first { $0.period.contains(day) }?.value.level
    }

    func insurer(ofGroup group: String, on day: Day) -> Insurer? {
        groups[group]?.first { $0.period.contains(day) }?.value.insurer
    }

    /// The first three characters that card numbers may have on that day: group and its level.
    func groupsWithLevel(on day: Day) -> [String] {
        groups.keys.sorted().compactMap { group in levelNumber(ofGroup: group, on: day).map { "\(group)\($0)" } }
    }

    /// What share of the benefit is paid, in percent. `arrival` is `primary` or a question's arrival.
    func share(arrival: String, facilityLevel: String?, care: String, areaCode: String?, on day: Day) -> Int? {
        shares.first { rule in
            rule.period.contains(day) && rule.value.arrival == arrival
                && (rule.value.facilityLevel == "*" || rule.value.facilityLevel == facilityLevel)
                && (rule.value.care == "*" || rule.value.care == care)
                && (rule.value.areaCodes == ["*"] || areaCode.map(rule.value.areaCodes.contains) ?? false)
        }?.value.share
    }
}
