/// The four virtues that the field asks of its data: "đúng, đủ, sạch, sống".
public enum DataVirtue: String, Sendable, Codable, CaseIterable {
    /// Đúng: agrees with what verified chips said.
    case correct
    /// Đủ: no field is missing.
    case complete
    /// Sạch: no duplicates, no impossible values, no two people on one card.
    case clean
    /// Sống: not older than its source promises.
    case alive

    /// Its name in Vietnamese.
    public var nameVi: String {
        switch self {
        case .correct: "đúng"
        case .complete: "đủ"
        case .clean: "sạch"
        case .alive: "sống"
        }
    }
}

/// One measure of quality: of so many records, so many are at fault.
public struct QualityMeasure: Sendable, Equatable, Codable {
    /// Which virtue it measures.
    public let virtue: DataVirtue
    /// A stable word for the fault: `missing.sex`, `overlap`, …
    public let fault: String
    /// What the fault is, in a few English words.
    public let meaning: String
    /// Records that were looked at.
    public let examined: Int
    /// Records at fault.
    public let faulty: Int

    /// Records without the fault, in percent of those looked at; 100 when none were.
    public var percentGood: Double { examined > 0 ? Double(examined - faulty) / Double(examined) * 100 : 100 }
}

/// A record to mend.
public struct QualityFinding: Sendable, Equatable, Codable {
    /// Which virtue it lacks.
    public let virtue: DataVirtue
    /// The fault, as in `QualityMeasure`.
    public let fault: String
    /// 12 digits, where the record has them.
    public let personalNumber: String?
    /// The card number, where the record has one.
    public let cardNumber: String?
    /// First day of the record.
    public let validFrom: String?
}

/// What a registry's data is worth.
public struct QualityReport: Sendable, Equatable, Codable {
    /// Records in the registry.
    public let rows: Int
    /// The moment whose truth the data is.
    public let dataAsOf: Timestamp?
    /// Every measure, virtue by virtue.
    public let measures: [QualityMeasure]

    /// For each virtue the worst of its measures, in percent of good records.
    public func percentGood(_ virtue: DataVirtue) -> Double {
        measures.filter { $0.virtue == virtue }.map(\.percentGood).min() ?? 100
    }
}

extension QualityReport: CustomStringConvertible {
    /// A table for a person: a line for each virtue, and below it one for each fault that was found.
    public var description: String {
        var lines = ["\(rows) records" + (dataAsOf.map { ", true as of \($0)" } ?? "")]
        for virtue in DataVirtue.allCases {
            let own = measures.filter { $0.virtue == virtue }
            guard let examined = own.map(\.examined).max(), examined > 0 else {
                lines.append("\(virtue.nameVi): not measured")
                continue
            }
            lines.append(
                "\(virtue.nameVi): \(percent(percentGood(virtue))) of \(examined) without its most frequent fault")
            for measure in own where measure.faulty > 0 {
                lines.append("    \(measure.fault): \(measure.faulty) records, \(measure.meaning)")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Rounded down, so that 100 % means all.
    private func percent(_ value: Double) -> String {
        let hundredths = Int(value * 100)
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
    }
}
