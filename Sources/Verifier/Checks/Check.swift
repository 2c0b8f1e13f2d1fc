/// A question about a card. Each stands in a file of its own, named by what it asks.
protocol Check: SendableMetatype {
    /// The identifier under which the answer is given.
    static var id: CheckIdentifier { get }
    /// The answer.
    static func evaluate(_ examination: Examination) -> Finding
}

/// The answer to a check, before it is put under its identifier.
struct Finding {
    let result: CheckResult
    let reason: CheckReason
    let detail: CheckDetail?

    static let passed = Finding(result: .passed, reason: .ok, detail: nil)

    static func passed(_ reason: CheckReason, _ detail: CheckDetail?) -> Finding {
        Finding(result: .passed, reason: reason, detail: detail)
    }

    static func failed(_ reason: CheckReason, _ detail: CheckDetail? = nil) -> Finding {
        Finding(result: .failed, reason: reason, detail: detail)
    }

    static func notPerformed(_ reason: CheckReason, _ detail: CheckDetail? = nil) -> Finding {
        Finding(result: .notPerformed, reason: reason, detail: detail)
    }

    static func notApplicable(_ reason: CheckReason, _ detail: CheckDetail? = nil) -> Finding {
        Finding(result: .notApplicable, reason: reason, detail: detail)
    }
}

extension Check {
    static func outcome(_ examination: Examination) -> CheckOutcome {
        let finding = evaluate(examination)
        return CheckOutcome(id, finding.result, finding.reason, finding.detail)
    }
}
