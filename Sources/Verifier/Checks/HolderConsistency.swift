import Document

/// The places that speak of the holder agree: DG1, DG13, the QR text, the personal number and what the number itself says.
///
/// The detail names what disagrees, never the values.
struct HolderConsistency: Check {
    static let id = CheckIdentifier.holderConsistency

    static func evaluate(_ examination: Examination) -> Finding {
        let files = examination.holder
        guard files.malformed.isEmpty else { return .failed(.malformedData, .table(files.malformed)) }
        guard files.mrz != nil || files.dataGroup13 != nil else { return .notPerformed(.noData) }
        if let wrong = files.mrz?.failedCheckDigits, !wrong.isEmpty {
            return .failed(.wrongCheckDigit, .list(wrong.map(\.rawValue)))
        }
        if let wrong = files.dataGroup13?.malformedFields, !wrong.isEmpty {
            return .failed(.malformedData, .list(wrong.map { "DG13 \($0)" }))
        }
        var contradictions: [String] = []
        func require(_ agrees: Bool?, _ name: String) {
            if agrees == false { contradictions.append(name) }
        }
        compare(files, require)
        if let number = files.personalNumber { compare(number, files, require) }
        if let number = examination.evidence.personalNumber {
            require(files.personalNumber.map { $0 == number }, "personalNumber: chip, given")
        }
        if let text = examination.evidence.qrText { compare(text, files, require) }
        guard contradictions.isEmpty else { return .failed(.contradiction, .list(contradictions)) }
        let remarks = remarks(files)
        return remarks.isEmpty ? .passed : .passed(.okWithRemarks, .list(remarks))
    }

    /// What is unusual and proves nothing: the tables of provinces and of the law may be behind the State's practice.
    private static func remarks(_ files: HolderFiles) -> [String] {
        var remarks: [String] = []
        if let number = files.personalNumber, number.province == nil {
            remarks.append("personal number: place code of no province")
        }
        if let data = files.dataGroup13, let birthDate = data.birthDate?.date, let issueDate = data.issueDate,
            let expiry = data.expiryDate
        {
            let lastDay: CalendarDate? = if case .date(let date) = expiry { date } else { nil }
            if !ExpiryRule.allows(lastDay, birthDate: birthDate, issueDate: issueDate) {
                remarks.append("expiry date: not at one of the law's ages")
            }
        }
        return remarks
    }

    private typealias Require = (Bool?, String) -> Void

    /// DG1 against DG13.
    private static func compare(_ files: HolderFiles, _ require: Require) {
        guard let mrz = files.mrz, let data = files.dataGroup13 else { return }
        require(equal(mrz.personalNumber, data.personalNumber), "personalNumber: DG1, DG13")
        require(data.fullName.map(mrz.nameAgrees), "name: DG1, DG13")
        require(data.birthDate.map { $0.agrees(withMRZ: mrz.birthDate) }, "birthDate: DG1, DG13")
        require(data.sex.map { $0 == mrz.sex }, "sex: DG1, DG13")
        if case .date(let expiry) = data.expiryDate {
            require(expiry.mrzText == mrz.expiryDate, "expiryDate: DG1, DG13")
        }
    }

    /// What the personal number says against what the files say.
    private static func compare(_ number: PersonalNumber, _ files: HolderFiles, _ require: Require) {
        let data = files.dataGroup13
        require(data?.sex.map { $0 == number.sex }, "sex: DG13, personal number")
        require(data?.birthDate.map { $0.year == number.birthYear }, "birthYear: DG13, personal number")
        guard let mrz = files.mrz, mrz.issuingState == "VNM" else { return }
        require(mrz.documentNumber == number.documentNumber, "documentNumber: DG1, personal number")
        require(mrz.sex == number.sex, "sex: DG1, personal number")
    }

    /// The QR text against the files.
    private static func compare(_ text: QRText, _ files: HolderFiles, _ require: Require) {
        require(files.personalNumber.map { $0 == text.personalNumber }, "personalNumber: chip, QR text")
        if let data = files.dataGroup13 {
            require(data.fullName.map { $0 == text.fullName }, "name: DG13, QR text")
            require(data.birthDate.map { $0.agrees(with: text.birthDate) }, "birthDate: DG13, QR text")
            require(data.sex.map { $0 == text.sex }, "sex: DG13, QR text")
            require(data.issueDate.map { $0 == text.issueDate }, "issueDate: DG13, QR text")
        } else if let mrz = files.mrz {
            require(mrz.nameAgrees(with: text.fullName), "name: DG1, QR text")
            require(text.birthDate.agrees(withMRZ: mrz.birthDate), "birthDate: DG1, QR text")
            require(mrz.sex == text.sex, "sex: DG1, QR text")
        }
    }

    private static func equal<Value: Equatable>(_ a: Value?, _ b: Value?) -> Bool? {
        guard let a, let b else { return nil }
        return a == b
    }
}
