/// How far an answer came by the outlines that are known.
enum OutlinedAnswer {
    /// It is written, and has this code.
    case written(String)
    /// The person has one record, of traits of which no outline is known; nothing is written.
    case unknown(RecordTraits)
    /// It is to be decided in full; nothing is written.
    case unusual
}

extension PromptSession {
    /// Writes the answer about a person who has one record and no report of a lost card: the outline of such answers, with
    /// the columns as they stand in the file.
    func writeAnswer(
        _ number: String, _ now: Timestamp, on day: Day, facility: UInt64, by outlines: borrowing AnswerOutlines,
        to json: inout JSONText
    ) throws(RegistryError) -> OutlinedAnswer {
        guard let dataAge = dataAge(now), !openReports.mayHave(number) else { return .unusual }
        defer { records.reset() }
        try records.bind(PersonalNumber.value(number.utf8.span), at: 1)
        return try writeRecord(number, dataAge, on: day, facility: facility, by: outlines, to: &json)
    }

    private func writeRecord(
        _ number: String, _ dataAge: Int, on day: Day, facility: UInt64, by outlines: borrowing AnswerOutlines,
        to json: inout JSONText
    ) throws(RegistryError) -> OutlinedAnswer {
        let isDataOld = promisedAge.map { dataAge > $0 } ?? false
        guard try records.step(), records.withBytes(0, { $0.elementsEqual(number.utf8.span) }) ?? false,
            let traits = RecordTraits(records, on: day, facility: facility, isDataOld: isDataOld)
        else { return .unusual }
        let outline = outlines[traits]
        let count = json.bytes.count
        if let outline, try !write(outline, number, dataAge, to: &json) {
            json.takeBack(to: count)
            return .unusual
        }
        // Whether there is a second record shows only now, when the columns of the first are done with.
        guard try !records.step() else {
            json.takeBack(to: count)
            return .unusual
        }
        return outline.map { .written($0.code) } ?? .unknown(traits)
    }

    /// - Returns: false when a column cannot be written as it stands.
    private func write(
        _ outline: AnswerOutline, _ number: String, _ dataAge: Int, to json: inout JSONText
    ) throws(RegistryError) -> Bool {
        for step in outline.steps {
            json.copy(step.text, of: outline.text)
            let isWritten =
                switch step.value {
                case .cardNumber: write(column: 1, to: &json)
                case .fullName: write(column: 2, to: &json)
                case .birthDate: write(column: 3, to: &json)
                case .sex: write(column: 4, to: &json)
                case .validFrom: write(column: 7, to: &json)
                case .validTo: write(column: 8, to: &json)
                case .fiveYearsFrom: write(column: 11, to: &json)
                case .personalNumber: json.value(number.utf8.span)
                case .primaryFacility: try writeFacility(to: &json)
                case .dataAsOf: write(dataAsOfText, to: &json)
                case .dataAge: write(dataAge, to: &json)
                }
            guard isWritten else { return false }
        }
        json.copy(outline.end, of: outline.text)
        return true
    }

    private func write(column: Int32, to json: inout JSONText) -> Bool {
        records.withBytes(column) { json.value($0) } ?? false
    }

    private func write(_ number: Int, to json: inout JSONText) -> Bool {
        json.value(number)
        return true
    }

    private func write(_ text: [UInt8], to json: inout JSONText) -> Bool {
        json.copy(text.span)
        return true
    }

    private func writeFacility(to json: inout JSONText) throws(RegistryError) -> Bool {
        guard case .some(.some(let packed)) = records.withBytes(9, { RecordTraits.packed($0) }) else { return false }
        if let known = facilityTexts[packed] { return write(known, to: &json) }
        guard let code = records.text(9) else { return false }
        let facility = EligibilityDecision.Facility(code: code, name: try facilityName(code))
        var text = JSONText()
        text.object { facility.writeMembers(to: &$0) }
        if facilityTexts.count < Self.nameLimit { facilityTexts[packed] = text.bytes }
        return write(text.bytes, to: &json)
    }
}
