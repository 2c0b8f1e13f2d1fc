import Document

/// The files that speak of the holder, read as far as they can be.
struct HolderFiles: Sendable {
    /// DG1; nil when it was not read or is malformed.
    let mrz: MachineReadableZone?
    /// DG13; nil when it was not read, is malformed, or is another State's: its form is each State's own.
    let dataGroup13: DataGroup13?
    /// The files that were read and are malformed, with the place of the fault.
    let malformed: [String: String]

    init(_ image: CardImage) {
        var malformed: [String: String] = [:]
        func read<Value>(_ file: ElementaryFile, _ parse: ([UInt8]) throws(DocumentError) -> Value) -> Value? {
            guard let bytes = image[file] else { return nil }
            do throws(DocumentError) {
                return try parse(bytes)
            } catch {
                malformed[file.name] = "\(error)"
                return nil
            }
        }
        let mrz = read(.dg1) { (bytes) throws(DocumentError) in try DataGroup1(bytes.span).mrz }
        self.mrz = mrz
        if let mrz, mrz.issuingState != "VNM" {
            dataGroup13 = nil
        } else {
            dataGroup13 = read(.dg13) { (bytes) throws(DocumentError) in try DataGroup13(bytes.span) }
        }
        self.malformed = malformed
    }

    /// The personal number by DG13, otherwise by the MRZ.
    var personalNumber: PersonalNumber? { dataGroup13?.personalNumber ?? mrz?.personalNumber }

    /// Whether the files say that the document does not expire.
    var neverExpires: Bool { dataGroup13?.expiryDate == .never }

    /// The document's last day by DG13, otherwise by the MRZ; nil when it has none or none can be read.
    var expiryDate: CalendarDate? {
        switch dataGroup13?.expiryDate {
        case .never: nil
        case .date(let date): date
        case nil: mrz?.expiry
        }
    }
}

extension Holder {
    /// Nil when neither DG1 nor DG13 could be read.
    init?(_ examination: Examination, outcome: Outcome) {
        let files = examination.holder
        guard files.mrz != nil || files.dataGroup13 != nil else { return nil }
        let (mrz, data) = (files.mrz, files.dataGroup13)
        let sources = [mrz.map { _ in 1 }, data.map { _ in 13 }].compactMap { $0 }
        isProven =
            (outcome == .genuine || outcome == .authenticData)
            && sources.allSatisfy { examination.dataGroups[$0] == .matches }
        personalNumber = files.personalNumber?.text
        documentNumber = mrz?.documentNumber
        fullName = data?.fullName ?? mrz.map { "\($0.primaryIdentifier) \($0.secondaryIdentifier)" }
        birthDate = data?.birthDate?.description ?? mrz?.birthDate
        sex = (data?.sex ?? mrz?.sex).flatMap(Self.name)
        nationality = data?.nationality ?? mrz?.nationality
        placeOfOrigin = data?.placeOfOrigin
        residence = data?.residence
        ethnicity = data?.ethnicity
        religion = data?.religion
        identifyingFeatures = data?.identifyingFeatures
        issueDate = data?.issueDate?.description
        expiryDate = files.expiryDate?.description
        fatherName = data?.fatherName
        motherName = data?.motherName
        spouseName = data?.spouseName
        oldNumber = data?.oldNumber
    }

    private static func name(_ sex: Sex) -> String? {
        switch sex {
        case .male: "male"
        case .female: "female"
        default: nil
        }
    }
}
